"""How the database is doing, in a few statements: what waits, what is in hand, who works, what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select

from connector.domain.words import SendStatus
from connector.store.database import Database
from connector.store.liveness import alive
from connector.store.tables import campaigns, deliveries, incarnations, outbox, sends


@dataclass(frozen=True, slots=True)
class Queued:
    """How much waits, and since when the oldest of it (microseconds; None where nothing waits)."""

    count: int
    since: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """One worker's life. ``ticked_at`` is None where it never told, as workers of an older Heed do."""

    token: int
    host: str
    pid: int
    started_at: int
    ticked_at: int | None
    ended_at: int | None
    is_alive: bool

    @property
    def seen_at(self) -> int:
        return self.ticked_at or self.started_at


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look."""

    due: Queued
    in_hand: int
    unknown: int
    outbox: Queued
    deliveries: Queued
    workers: tuple[Life, ...]


def look(database: Database, now: int, unknown_since: int, lives_since: int) -> Vitals:
    """How things stand; workers that were last seen before ``lives_since`` are left out unless they live."""
    with database.read() as connection:
        return Vitals(
            due=_queued(connection, _due(now)),
            in_hand=_count(connection, sends.c.status == SendStatus.SENDING.value),
            unknown=_count(connection, sends.c.status == SendStatus.UNKNOWN.value, sends.c.settled_at > unknown_since),
            outbox=_queued(connection, select(func.count(), func.min(outbox.c.created_at))),
            deliveries=_queued(connection, _to_deliver(now)),
            workers=_workers(database, connection, lives_since),
        )


def time_there(database: Database) -> int | None:
    """The clock of the database's host, microseconds; None where the database is a file on this host."""
    if database.is_sqlite:
        return None
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return int(found.scalar_one())


def newest_instant(database: Database) -> int:
    """The latest moment that a worker has written down; 0 where none has."""
    with database.read() as connection:
        return int(connection.execute(select(func.max(incarnations.c.ticked_at))).scalar_one() or 0)


def _queued(connection: Connection, query: Any) -> Queued:
    return Queued(*tuple(connection.execute(query).one()))


def _count(connection: Connection, *which: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(sends).where(*which)).scalar_one())


def _due(now: int) -> Any:
    return (
        select(func.count(), func.min(sends.c.due_at))
        .select_from(sends)
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(sends.c.status == SendStatus.PENDING.value, sends.c.due_at <= now, campaigns.c.status == "running")
    )


def _to_deliver(now: int) -> Any:
    return select(func.count(), func.min(deliveries.c.due_at)).where(
        deliveries.c.status == "pending", deliveries.c.due_at <= now
    )


def _workers(database: Database, connection: Connection, since: int) -> tuple[Life, ...]:
    held = alive(database, connection)
    lives = incarnations.c
    query = select(
        lives.token, lives.host, lives.pid, lives.started_at, lives.ticked_at, lives.ended_at
    ).where(
        lives.role == "worker",
        or_(func.coalesce(lives.ticked_at, lives.started_at) > since, lives.token.in_(held)),
    ).order_by(lives.token)  # fmt: skip
    return tuple(Life(**row._mapping, is_alive=row.token in held) for row in connection.execute(query))
