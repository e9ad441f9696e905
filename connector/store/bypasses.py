"""Sends that pass an opt-out: the line of history that says so, and those in somebody's hands."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from connector.store.sends import PENDING, SENDING
from connector.store.tables import sends


def in_hand(connection: Connection, org: int) -> list[bytes]:
    """The addresses to which something is being handed over that passed an opt-out."""
    query = (
        select(sends.c.key).distinct().where(sends.c.org == org, sends.c.status == SENDING, sends.c.bypass.is_not(None))
    )
    return sorted(connection.execute(query).scalars())


def mark(connection: Connection, org: int, lines: Mapping[int, int]) -> None:
    """The lines of history, by send, that say which pending sends pass an opt-out."""
    connection.execute(
        update(sends)
        .where(sends.c.org == org, sends.c.id == bindparam("row_id"), sends.c.status == PENDING)
        .values(bypass=bindparam("line")),
        [{"row_id": row_id, "line": line} for row_id, line in lines.items()],
    )
