"""Requests that a session waits for, and the one that came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from connector.store.tables import captures


def open(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(captures).values(dict(row)))


def find(connection: Connection, hash: bytes, now: int) -> Row[Any] | None:
    """The one of this token that is not over."""
    return connection.execute(select(captures).where(captures.c.hash == hash, captures.c.until > now)).one_or_none()


def fill(connection: Connection, hash: bytes, content: bytes, is_caught: bool) -> bool:
    """Whether it was still to be filled."""
    wanted = update(captures).where(captures.c.hash == hash, captures.c.is_caught.is_(False))
    return connection.execute(wanted.values(content=content, is_caught=is_caught)).rowcount == 1


def close(connection: Connection, session: bytes) -> None:
    connection.execute(delete(captures).where(captures.c.session == session))


def forget(connection: Connection, now: int) -> int:
    """Those that are over; answers how many."""
    return connection.execute(delete(captures).where(captures.c.until <= now)).rowcount
