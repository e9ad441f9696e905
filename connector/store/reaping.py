"""What the dead had in their hands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from connector.domain.words import SendStatus
from connector.store.database import among
from connector.store.sends import DUE, SENDING, Due, due_from
from connector.store.tables import sends


def overdue_tokens(connection: Connection, now: int) -> list[int]:
    """Whose hand-offs should have ended by now."""
    query = select(sends.c.token).where(sends.c.status == SENDING, sends.c.handoff_deadline < now).distinct()
    return list(connection.execute(query).scalars())


def campaigns_in_hand(connection: Connection, token: int) -> set[int]:
    """The campaigns of what an incarnation has in hand."""
    query = select(sends.c.campaign).where(sends.c.token == token, sends.c.status == SENDING).distinct()
    return set(connection.execute(query).scalars())


def give_up(connection: Connection, token: int, overdue: int, now: int) -> list[tuple[int, int]]:
    """What a dead incarnation had to hand over before ``overdue`` is ``unknown``; (organisation, send) of each."""
    rows = connection.execute(
        update(sends)
        .where(sends.c.token == token, sends.c.status == SENDING, sends.c.handoff_deadline < overdue)
        .values(
            status=SendStatus.UNKNOWN.value, error="the worker died during the hand-off", settled_at=now,
            token=None, handoff_deadline=None,
        )
        .returning(sends.c.org, sends.c.id)
    )  # fmt: skip
    return [(row.org, row.id) for row in rows]


def by_ids(connection: Connection, org: int, ids: Sequence[int]) -> dict[int, Due]:
    query = select(*DUE).where(sends.c.org == org, among(connection, sends.c.id, ids))
    return {row.id: due_from(row) for row in connection.execute(query)}
