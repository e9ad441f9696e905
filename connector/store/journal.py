"""What must have one effect: keyed requests, and messages that came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from connector.store.database import Database
from connector.store.tables import idempotency, inbound


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a keyed request; ``status`` is None while it is running in the hands of ``token``."""

    fingerprint: bytes
    token: int | None
    status: int | None
    headers: dict[str, str]
    body: bytes
    created_at: int


def begin(db: Database, connection: Connection, scope: str, fingerprint: bytes, token: int, now: int) -> Kept | None:
    """Take a key; None where it is ours now, else what is kept of the first request."""
    row = {"scope": scope, "fingerprint": fingerprint, "token": token, "created_at": now}
    made = connection.execute(
        db.insert(idempotency).values(row).on_conflict_do_nothing().returning(idempotency.c.scope)
    )
    if made.one_or_none() is not None:
        return None
    found = connection.execute(select(idempotency).where(idempotency.c.scope == scope)).one()
    return Kept(
        found.fingerprint, found.token, found.status, found.headers or {}, found.body or b"", found.created_at
    )  # fmt: skip


def take_over(connection: Connection, scope: str, dead: int, token: int) -> bool:
    """Go on with the request of a process that died; False where somebody else was first."""
    result = connection.execute(
        update(idempotency)
        .where(idempotency.c.scope == scope, idempotency.c.token == dead, idempotency.c.status.is_(None))
        .values(token=token)
    )
    return result.rowcount == 1


def keep(connection: Connection, scope: str, status: int, headers: dict[str, str], body: bytes) -> None:
    connection.execute(
        update(idempotency)
        .where(idempotency.c.scope == scope)
        .values(status=status, headers=headers, body=body, token=None)
    )


def forget(connection: Connection, scope: str) -> None:
    """Give a key back: its request had no effect."""
    connection.execute(delete(idempotency).where(idempotency.c.scope == scope))


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of a message that came in: nothing of a new one; its outcome, where it was dealt with; or since
    when somebody may be at it, or was when they died."""

    outcome: str | None = None
    again: int | None = None


def receive(
    db: Database, connection: Connection, org: int, sender: int, message_id: str, key: bytes | None, now: int
) -> Noted:
    """Note a message that came in; answers what is known of it."""
    row: dict[str, Any] = {"org": org, "sender": sender, "message_id": message_id, "key": key, "received_at": now}
    made = connection.execute(db.insert(inbound).values(row).on_conflict_do_nothing().returning(inbound.c.received_at))
    if made.one_or_none() is not None:
        return Noted()
    found = connection.execute(
        select(inbound.c.outcome, inbound.c.received_at).where(
            inbound.c.org == org, inbound.c.sender == sender, inbound.c.message_id == message_id
        )
    ).one()
    return Noted(found.outcome, found.received_at)


def dealt_with(connection: Connection, org: int, sender: int, message_id: str, outcome: str, now: int) -> None:
    connection.execute(
        update(inbound)
        .where(inbound.c.org == org, inbound.c.sender == sender, inbound.c.message_id == message_id)
        .values(outcome=outcome, done_at=now)
    )
