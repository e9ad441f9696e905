"""The outbox, and deliveries on their way to webhooks. At least once: a lease that ran out is given again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, tuple_, update

from connector.domain.records import Webhook
from connector.store.database import among
from connector.store.tables import addresses, deliveries, events, lists, notices, outbox, webhooks


@dataclass(frozen=True, slots=True)
class Told:
    """A consent event on its way out, with what its receivers are told."""

    outbox: int
    org: int
    event: int
    list_id: int
    channel: int
    state: str
    key: bytes
    kind: str | None
    canonical: str | None
    occurred_at: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint, taken in hand."""

    id: int
    org: int
    webhook: int | None
    list_id: int | None
    type: str
    message_id: str
    body: bytes
    attempts: int


def outgoing(connection: Connection, limit: int) -> list[Told]:
    """Events that nobody has been told of yet, taken in hand for this transaction."""
    query = (
        select(
            outbox.c.id, outbox.c.org, outbox.c.event, events.c.list_id, events.c.channel, events.c.state,
            events.c.key, addresses.c.kind, addresses.c.canonical, events.c.occurred_at,
        )
        .join(events, (events.c.org == outbox.c.org) & (events.c.id == outbox.c.event))
        .join(addresses, (addresses.c.org == events.c.org) & (addresses.c.key == events.c.key), isouter=True)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    )  # fmt: skip
    return [Told(*tuple(row)) for row in connection.execute(query)]


def fan_out(connection: Connection, told: Sequence[Told], rows: Sequence[dict[str, Any]]) -> None:
    """The events have become deliveries."""
    if rows:
        connection.execute(insert(deliveries), list(rows))
    if told:
        connection.execute(delete(outbox).where(among(connection, outbox.c.id, [one.outbox for one in told])))


def all_webhooks(connection: Connection, org: int) -> list[Webhook]:
    return [webhook_of(row) for row in connection.execute(select(webhooks).where(webhooks.c.org == org))]


def anybody_listens(connection: Connection, org: int, now: int) -> bool:
    """Whether any account has subscribed to anything."""
    alive = or_(webhooks.c.expires_at.is_(None), webhooks.c.expires_at > now)
    query = select(webhooks.c.id).where(webhooks.c.org == org, webhooks.c.disabled_at.is_(None), alive).limit(1)
    return connection.execute(query).first() is not None


def webhook_of(row: Any) -> Webhook:
    return Webhook(
        row.id, row.account, row.url, frozenset(row.events), row.secret, row.format, row.expires_at,
        row.failing_since, row.disabled_at,
    )  # fmt: skip


def take_due(connection: Connection, now: int, lease_until: int, limit: int) -> list[Delivery]:
    """Deliveries that are due, leased: if we die, they are due again when the lease has run out."""
    columns = (
        deliveries.c.id, deliveries.c.org, deliveries.c.webhook, deliveries.c.list_id, deliveries.c.type,
        deliveries.c.message_id, deliveries.c.body, deliveries.c.attempts,
    )  # fmt: skip
    rows = connection.execute(
        select(*columns)
        .where(deliveries.c.status == "pending", deliveries.c.due_at <= now)
        .order_by(deliveries.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        taken = [row.id for row in rows]
        connection.execute(
            update(deliveries).where(among(connection, deliveries.c.id, taken)).values(due_at=lease_until)
        )
    return [Delivery(*row) for row in rows]


def settle(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """What came of attempts, by ``row_id``."""
    if rows:
        names = ("status", "attempts", "due_at", "last_status", "last_error", "duration_ms", "delivered_at")
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == bindparam("row_id"), deliveries.c.status == "pending")
            .values({name: bindparam(name) for name in names}),
            list(rows),
        )


def is_anything_due(connection: Connection, now: int) -> bool:
    due = select(deliveries.c.id).where(deliveries.c.status == "pending", deliveries.c.due_at <= now).limit(1)
    waiting, noticed = select(outbox.c.id).limit(1), select(notices.c.id).limit(1)
    return any(connection.execute(query).first() is not None for query in (waiting, noticed, due))


def mark_webhooks(connection: Connection, arrived: Sequence[int], failed: Sequence[int], now: int) -> None:
    """Since when an endpoint has been failing, and that it is not any more."""
    if arrived:
        connection.execute(
            update(webhooks)
            .where(among(connection, webhooks.c.id, arrived), webhooks.c.failing_since.isnot(None))
            .values(failing_since=None)
        )
    if failed:
        connection.execute(
            update(webhooks)
            .where(among(connection, webhooks.c.id, failed), webhooks.c.failing_since.is_(None))
            .values(failing_since=now)
        )


def disable_failing(connection: Connection, before: int, now: int) -> int:
    """Switch off endpoints that have been failing since before a time."""
    result = connection.execute(
        update(webhooks)
        .where(webhooks.c.failing_since < before, webhooks.c.disabled_at.is_(None))
        .values(disabled_at=now)
    )
    return result.rowcount


def drop_gone(
    connection: Connection, org: int, gone_webhooks: Sequence[tuple[int, str | None]],
    gone_lists: Sequence[tuple[int, str | None]],
) -> None:  # fmt: skip
    """Receivers that answered 410 want no more; each with its URL, for it may have been given another meanwhile."""
    if gone_webhooks:
        named = tuple_(webhooks.c.id, webhooks.c.url).in_(gone_webhooks)
        connection.execute(delete(webhooks).where(webhooks.c.org == org, named))
    if gone_lists:
        named = tuple_(lists.c.id, lists.c.webhook_url).in_(gone_lists)
        connection.execute(update(lists).where(lists.c.org == org, named).values(webhook_url=None))


def sent_to(connection: Connection, org: int, before: int | None, limit: int, **endpoint: int) -> list[dict[str, Any]]:
    """Deliveries to one endpoint (``webhook=`` or ``list_id=``), newest first."""
    query = select(deliveries).where(deliveries.c.org == org).filter_by(**endpoint)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    rows = connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


def replay(connection: Connection, org: int, number: int, now: int) -> bool:
    """Deliver once more from the first attempt, under the same id."""
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.org == org, deliveries.c.id == number)
        .values(status="pending", attempts=0, due_at=now, last_error=None)
    )
    return result.rowcount == 1
