"""Notices: what webhooks are told of sends and of messages that came in, until it has become deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from connector.store.database import among
from connector.store.tables import campaigns, notices, sends, steps


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. Of a send it has what the send's row says now, of a message that came in its data."""

    id: int
    org: int
    type: str
    sender: int
    key: bytes | None
    data: Mapping[str, Any] | None
    at: int
    send: Mapping[str, Any] | None


def put_sends(connection: Connection, org: int, told: Iterable[tuple[str, int]], at: int) -> None:
    """What became of sends: the type of the notice and the send's number."""
    rows = [{"org": org, "type": type, "send": send, "at": at} for type, send in told]
    if rows:
        connection.execute(insert(notices), rows)


def put_message(
    connection: Connection, org: int, type: str, sender: int, key: bytes, data: Mapping[str, Any], at: int
) -> None:
    """A message that came in."""
    row = {"org": org, "type": type, "sender": sender, "key": key, "data": data, "at": at}
    connection.execute(insert(notices).values(row))


_OF_SEND = (
    sends.c.key.label("send_key"), sends.c.kind, sends.c.address, sends.c.error, sends.c.reasons,
    sends.c.provider_id, sends.c.campaign, steps.c.position, campaigns.c.sender.label("by"),
    campaigns.c.kind.label("campaign_kind"), campaigns.c.name, campaigns.c.reference,
)  # fmt: skip


def outgoing(connection: Connection, limit: int) -> list[Notice]:
    """What nobody has been told of yet, taken in hand for this transaction."""
    rows = connection.execute(
        select(notices, *_OF_SEND)
        .join(sends, (sends.c.org == notices.c.org) & (sends.c.id == notices.c.send), isouter=True)
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign), isouter=True)
        .join(steps, (steps.c.org == sends.c.org) & (steps.c.id == sends.c.step), isouter=True)
        .order_by(notices.c.id)
        .limit(limit)
        .with_for_update(of=notices, skip_locked=True)
    )
    return [
        Notice(
            row.id, row.org, row.type, row.sender or row.by or 0, row.key or row.send_key, row.data, row.at,
            {**row._mapping, "id": row.send} if row.campaign is not None else None,
        )
        for row in rows
    ]  # fmt: skip


def told(connection: Connection, numbers: Sequence[int]) -> None:
    """They have become deliveries."""
    if numbers:
        connection.execute(delete(notices).where(among(connection, notices.c.id, numbers)))


def forget(connection: Connection, org: int, keys: Sequence[bytes]) -> None:
    """What these people wrote and nobody has been told of yet."""
    connection.execute(delete(notices).where(notices.c.org == org, among(connection, notices.c.key, keys)))
