"""Rows that callers know by a public id: one of them, and a page of them."""

from __future__ import annotations

from typing import Any

from connector.domain.errors import Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.engine.targets import Who
from connector.store import resources
from connector.store.database import Database


def row_of(database: Database, table: Any, who: Who, kind: str, name: str) -> dict[str, Any]:
    """A row by its public id; NotFound."""
    number = row_number(kind, name)
    with database.read() as connection:
        row = resources.read(connection, table, who.organisation, number) if number else None
    if row is None:
        raise NotFound
    return row


def page_of(
    database: Database, table: Any, who: Who, kind: str, limit: int, cursor: str | None, public: Any
) -> dict[str, Any]:
    """One page of rows; the cursor is the id of the last row of the page before."""
    after = row_number(kind, cursor) if cursor else 0
    if after is None:
        raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
    with database.read() as connection:
        rows = resources.page(connection, table, who.organisation, limit + 1, after)
    more = len(rows) > limit
    return {
        "items": [public(row) for row in rows[:limit]],
        "next_cursor": public_id(kind, rows[limit - 1]["id"]) if more else None,
    }
