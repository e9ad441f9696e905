"""When pending sends are due: parked while their campaign does not run, given their time back, or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text, update

from connector.domain.words import SendStatus
from connector.store.database import among
from connector.store.fence import BUCKETS
from connector.store.tables import sends

PENDING = SendStatus.PENDING.value

#: Added to ``due_at`` while a campaign is not running: no claim looks at such rows, and the time is not lost.
PARKED = 1 << 61


_BUCKETS_DUE = text(f"""
    WITH RECURSIVE numbers(bucket) AS (SELECT 0 UNION ALL SELECT bucket + 1 FROM numbers WHERE bucket < {BUCKETS - 1})
    SELECT bucket FROM numbers WHERE EXISTS (
        SELECT 1 FROM sends WHERE sends.bucket = numbers.bucket AND status = 'pending' AND due_at <= :now)
""")  # noqa: S608 - a constant


def shift(
    connection: Connection, org: int, campaign: int, by: int, after: int, *, parked: bool, limit: int
) -> tuple[int, int]:
    """Move ``due_at`` of a campaign's pending rows, a slice at a time; answers (how many, last row number)."""
    is_parked = sends.c.due_at >= PARKED if parked else sends.c.due_at < PARKED
    ids = list(
        connection.execute(
            select(sends.c.id)
            .where(sends.c.org == org, sends.c.campaign == campaign, sends.c.status == PENDING, is_parked)
            .where(sends.c.id > after)
            .order_by(sends.c.id)
            .limit(limit)
        ).scalars()
    )
    if ids:
        connection.execute(
            update(sends)
            .where(sends.c.org == org, among(connection, sends.c.id, ids), sends.c.status == PENDING, is_parked)
            .values(due_at=sends.c.due_at + by)
        )
    return len(ids), ids[-1] if ids else after


def cancel_pending(connection: Connection, org: int, campaign: int, now: int) -> None:
    _cancel(connection, (sends.c.org == org, sends.c.campaign == campaign), now)


def cancel_enrolments(connection: Connection, org: int, enrolments: Sequence[int], now: int) -> None:
    _cancel(connection, (sends.c.org == org, among(connection, sends.c.enrolment, enrolments)), now)


def _cancel(connection: Connection, which: Sequence[Any], now: int) -> None:
    cancelled = {"status": SendStatus.CANCELLED.value, "settled_at": now}
    connection.execute(update(sends).where(*which, sends.c.status == PENDING).values(cancelled))


def buckets_due(connection: Connection, now: int) -> list[int]:
    return list(connection.execute(_BUCKETS_DUE, {"now": now}).scalars())
