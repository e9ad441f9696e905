"""Short links that went out, and the addresses behind the keys that links name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from connector.store.database import Database
from connector.store.tables import addresses, sends, short_links


def add(db: Database, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Remember links; a message that is taken in hand once more has its own already."""
    if rows:
        connection.execute(db.insert(short_links).on_conflict_do_nothing(), list(rows))


def find(connection: Connection, code: str) -> dict[str, Any] | None:
    row = connection.execute(select(short_links).where(short_links.c.code == code)).mappings().one_or_none()
    return dict(row) if row else None


def address_of(connection: Connection, org: int, key: bytes) -> tuple[str, str] | None:
    """The kind and the spelling of an address that is known by its key; None where nobody knows it (any more)."""
    query = select(addresses.c.kind, addresses.c.canonical).where(addresses.c.org == org, addresses.c.key == key)
    row = connection.execute(query).one_or_none()
    if row is None:  # nobody spoke yet: it stands with what was sent to it
        query = select(sends.c.kind, sends.c.address).where(sends.c.org == org, sends.c.key == key).limit(1)
        row = connection.execute(query).one_or_none()
    return (row[0], row[1]) if row and row[1] else None
