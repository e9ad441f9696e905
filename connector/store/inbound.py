"""What understands messages, and what waits to be read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update

from connector.domain.records import Rule
from connector.domain.words import Channel, State
from connector.store.tables import reviews, rules


def rules_of(connection: Connection, org: int, account: int) -> list[Rule]:
    """Every rule of an account, the oldest first."""
    rows = connection.execute(select(rules).where(rules.c.org == org, rules.c.account == account).order_by(rules.c.id))
    return [
        Rule(row.id, Channel(row.channel), row.sender, row.begins_with, State(row.state), tuple(row.lists))
        for row in rows
    ]


def reviews_page(connection: Connection, org: int, status: str, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Reviews that stand so, the newest first."""
    query = select(reviews).where(reviews.c.org == org, reviews.c.status == status)
    if before is not None:
        query = query.where(reviews.c.id < before)
    return [dict(row) for row in connection.execute(query.order_by(reviews.c.id.desc()).limit(limit)).mappings()]


def decide(connection: Connection, org: int, number: int, status: str, by: str, now: int) -> bool:
    """Close an open review; False where somebody has closed it."""
    result = connection.execute(
        update(reviews)
        .where(reviews.c.org == org, reviews.c.id == number, reviews.c.status == "open")
        .values(status=status, decided_by=by, decided_at=now)
    )
    return result.rowcount == 1


def is_held(connection: Connection, org: int, key: bytes) -> bool:
    """Whether an open review still holds the person back."""
    query = select(func.count()).where(
        reviews.c.org == org, reviews.c.key == key, reviews.c.status == "open", reviews.c.held
    )
    return bool(connection.execute(query).scalar_one())
