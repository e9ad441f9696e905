"""What became of sends: counts per campaign and step, and the rows behind them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from connector.domain.campaigns import SendRow
from connector.domain.words import Purpose
from connector.store.database import among
from connector.store.tables import campaigns, sends, steps

_ROW = (
    sends.c.id, sends.c.campaign, sends.c.step, sends.c.ordinal, sends.c.kind, sends.c.address, sends.c.status,
    sends.c.reasons, sends.c.error, sends.c.provider_id, sends.c.due_at, sends.c.settled_at,
)  # fmt: skip


def _row(row: Any) -> SendRow:
    return SendRow(
        row.id, row.campaign, row.step, row.ordinal, row.kind, row.address, row.status, tuple(row.reasons or ()),
        row.error, row.provider_id, row.due_at, row.settled_at,
    )  # fmt: skip


def counts(connection: Connection, org: int, campaign: int, now: int) -> list[tuple[int, str, bool, bool, int]]:
    """(step, status, due already, held for a reason, how many) of a campaign."""
    due, held = sends.c.due_at <= now, sends.c.reason.is_not(None)
    query = (
        select(sends.c.step, sends.c.status, due, held, func.count())
        .where(sends.c.org == org, sends.c.campaign == campaign)
        .group_by(sends.c.step, sends.c.status, due, held)
    )
    return [
        (step, status, bool(is_due), bool(is_held), number)
        for step, status, is_due, is_held, number in connection.execute(query)
    ]


def failures(connection: Connection, org: int, campaign: int) -> list[tuple[int, str, int]]:
    """(step, kind, how many) of what failed: an error begins with its kind."""
    if connection.dialect.name == "postgresql":
        kind = func.split_part(sends.c.error, ":", 1)
    else:
        kind = func.substr(sends.c.error, 1, func.instr(sends.c.error + ":", ":") - 1)
    query = (
        select(sends.c.step, kind, func.count())
        .where(sends.c.org == org, sends.c.campaign == campaign, sends.c.status == "failed")
        .group_by(sends.c.step, kind)
    )
    return [(step, found or "failed", number) for step, found, number in connection.execute(query)]


def reasons(connection: Connection, org: int, campaign: int) -> list[tuple[int, str, int]]:
    """(step, headline reason, how many) of what was not sent for a reason."""
    query = (
        select(sends.c.step, sends.c.reason, func.count())
        .where(sends.c.org == org, sends.c.campaign == campaign, sends.c.status == "suppressed")
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


def answers_since(connection: Connection, org: int, key: bytes, sender: int, since: int) -> int:
    """How many confirmations and answers within a conversation went to an address from a sender."""
    query = _direct_to(org, key, since).where(
        campaigns.c.sender == sender, campaigns.c.purpose.in_((Purpose.CONFIRMATION.value, Purpose.SERVICE.value))
    )
    return int(connection.execute(query).scalar_one())


def was_written_to(connection: Connection, org: int, key: bytes, since: int) -> bool:
    """Whether a message that is no confirmation went, or may have gone, to an address since then."""
    query = (
        select(sends.c.id)
        .join(campaigns, and_(campaigns.c.org == sends.c.org, campaigns.c.id == sends.c.campaign))
        .where(
            sends.c.org == org, sends.c.key == key, campaigns.c.purpose != Purpose.CONFIRMATION.value,
            or_(sends.c.status == "sending", and_(sends.c.status.in_(("sent", "unknown")), sends.c.settled_at > since)),
        )
        .limit(1)
    )  # fmt: skip
    return connection.execute(query).first() is not None


def is_answered(connection: Connection, org: int, key: bytes, reference: str, since: int) -> bool:
    """Whether this confirmation went to the address just now."""
    return bool(connection.execute(_direct_to(org, key, since).where(campaigns.c.reference == reference)).scalar_one())


def _direct_to(org: int, key: bytes, since: int) -> Select[Any]:
    return (
        select(func.count())
        .select_from(sends)
        .join(campaigns, and_(campaigns.c.org == sends.c.org, campaigns.c.id == sends.c.campaign))
        .where(sends.c.org == org, sends.c.key == key, campaigns.c.kind == "direct", campaigns.c.created_at > since)
    )
