"""What became of sends: counts per campaign and step, and the rows behind them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from connector.domain.records import SendRow
from connector.store.database import among
from connector.store.tables import sends, steps

_ROW = (
    sends.c.id, sends.c.campaign, sends.c.step, sends.c.ordinal, sends.c.kind, sends.c.address, sends.c.status,
    sends.c.reasons, sends.c.error, sends.c.provider_id, sends.c.due_at, sends.c.settled_at,
)  # fmt: skip


def _row(row: Any) -> SendRow:
    return SendRow(
        row.id, row.campaign, row.step, row.ordinal, row.kind, row.address, row.status, tuple(row.reasons or ()),
        row.error, row.provider_id, row.due_at, row.settled_at,
    )  # fmt: skip


def counts(connection: Connection, org: int, campaign: int, now: int) -> list[tuple[int, str, bool, int]]:
    """(step, status, due already, how many) of a campaign."""
    due = sends.c.due_at <= now
    query = (
        select(sends.c.step, sends.c.status, due, func.count())
        .where(sends.c.org == org, sends.c.campaign == campaign)
        .group_by(sends.c.step, sends.c.status, due)
    )
    return [(step, status, bool(is_due), number) for step, status, is_due, number in connection.execute(query)]


def reasons(connection: Connection, org: int, campaign: int) -> list[tuple[int, str, int]]:
    """(step, headline reason, how many) of what was not sent for a reason."""
    query = (
        select(sends.c.step, sends.c.reason, func.count())
        .where(sends.c.org == org, sends.c.campaign == campaign, sends.c.reason.isnot(None))
        .group_by(sends.c.step, sends.c.reason)
    )
    return [(step, code, number) for step, code, number in connection.execute(query)]


def step_positions(connection: Connection, org: int, campaign: int) -> dict[int, int]:
    query = select(steps.c.id, steps.c.position).where(steps.c.org == org, steps.c.campaign == campaign)
    return {row.id: row.position for row in connection.execute(query.order_by(steps.c.position))}


def rows_of(connection: Connection, org: int, campaign: int, after: int, limit: int) -> list[SendRow]:
    query = _of(org).where(sends.c.campaign == campaign, sends.c.id > after).order_by(sends.c.id).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def find(connection: Connection, org: int, number: int) -> SendRow | None:
    row = connection.execute(_of(org).where(sends.c.id == number)).one_or_none()
    return _row(row) if row else None


def search(
    connection: Connection,
    org: int,
    *,
    keys: list[bytes] | None = None,
    campaign: int | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
    now: int = 0,
) -> list[SendRow]:
    """Sends, newest first."""
    query = _of(org)
    if keys is not None:
        query = query.where(among(connection, sends.c.key, keys))
    if campaign is not None:
        query = query.where(sends.c.campaign == campaign)
    if status is not None:
        query = query.where(*_shown_as(status, now))
    if before is not None:
        query = query.where(sends.c.id < before)
    return [_row(row) for row in connection.execute(query.order_by(sends.c.id.desc()).limit(limit))]


def _shown_as(status: str, now: int) -> tuple[Any, ...]:
    """The rows that reports show under a status: what waits for its time is scheduled, what is in hand is pending."""
    if status == "scheduled":
        return sends.c.status == "pending", sends.c.due_at > now
    if status == "pending":
        return (or_(sends.c.status == "sending", and_(sends.c.status == "pending", sends.c.due_at <= now)),)
    return (sends.c.status == status,)


def open_count(connection: Connection, org: int, campaign: int, now: int) -> int:
    """How many sends of a campaign are due or in hand."""
    query = select(func.count()).where(
        sends.c.org == org,
        sends.c.campaign == campaign,
        sends.c.status.in_(("pending", "sending")),
        sends.c.due_at <= now,
    )
    return int(connection.execute(query).scalar_one())


def _of(org: int) -> Select[Any]:
    return select(*_ROW).where(sends.c.org == org)
