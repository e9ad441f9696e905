"""What is over and too old to be kept, a slice at a time. Never here: entries, facts, events and their seals.

Nor is anything that keeps a message from going out twice: a person's place in a campaign stays as long as the campaign
may take people in.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, exists, func, null, or_, select, update

from connector.domain.words import SendStatus
from connector.store.database import Database, among
from connector.store.tables import (
    audiences,
    campaigns,
    deliveries,
    enrolments,
    idempotency,
    meta,
    reviews,
    sends,
    steps,
)

_SLICE = 2_000
_LEASE = "tidy"


def lease(database: Database, connection: Connection, now: int, until: int, mine: int) -> bool:
    """Whether this process tidies up to ``until``: nobody else does now. ``mine``: the end of the lease it has."""
    connection.execute(database.insert(meta).values(name=_LEASE, value="0").on_conflict_do_nothing())
    held = connection.execute(select(meta.c.value).where(meta.c.name == _LEASE)).scalar_one()
    if int(held) not in (0, mine) and int(held) > now:
        return False
    taken = update(meta).where(meta.c.name == _LEASE, meta.c.value == held).values(value=str(until))
    return connection.execute(taken).rowcount == 1


def forget_answers(connection: Connection, before: int) -> int:
    """Answers of keyed requests."""
    found = select(idempotency.c.scope).where(idempotency.c.created_at < before).limit(_SLICE)
    return connection.execute(delete(idempotency).where(idempotency.c.scope.in_(found.scalar_subquery()))).rowcount


def forget_deliveries(connection: Connection, before: int) -> int:
    """Webhooks that arrived or were given up; their numbers are in the order in which they were made."""
    found = select(deliveries.c.id, deliveries.c.created_at).order_by(deliveries.c.id).limit(_SLICE).subquery()
    old = select(found.c.id).where(found.c.created_at < before)
    gone = delete(deliveries).where(deliveries.c.id.in_(old.scalar_subquery()), deliveries.c.status != "pending")
    return connection.execute(gone).rowcount


def forget_texts(connection: Connection, before: int) -> int:
    """What people wrote and somebody has decided on."""
    old = select(reviews.c.id).where(reviews.c.status != "open", reviews.c.decided_at < before).limit(_SLICE)
    return connection.execute(delete(reviews).where(reviews.c.id.in_(old.scalar_subquery()))).rowcount


def forget_sends(connection: Connection, after: int, before: int) -> tuple[int | None, int]:
    """Sends from number ``after`` on that were over before; answers (the last one looked at, how many went).

    Those of a broadcast go when it takes nobody in any more; those of a sequence when the person has come to its end:
    the enrolment stays. What a direct send said goes with the last of its sends.
    """
    looked = select(sends.c.id).where(sends.c.id > after).order_by(sends.c.id).limit(_SLICE).subquery()
    last = connection.execute(select(func.max(looked.c.id))).scalar_one()
    if last is None:
        return None, 0
    ended = exists().where(enrolments.c.id == sends.c.enrolment, enrolments.c.status != "active")
    old = (
        select(sends.c.id, sends.c.org, sends.c.campaign)
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(
            sends.c.id > after, sends.c.id <= last, sends.c.settled_at < before,
            sends.c.status.not_in((SendStatus.PENDING.value, SendStatus.SENDING.value)),
            or_(campaigns.c.kind == "direct", campaigns.c.status == "cancelled", ended),
        )
    )  # fmt: skip
    found = connection.execute(old).all()
    if found:
        connection.execute(delete(sends).where(among(connection, sends.c.id, [row.id for row in found])))
        for org in {row.org for row in found}:
            _forget_contents(connection, org, sorted({row.campaign for row in found if row.org == org}))
    return last, len(found)


def _forget_contents(connection: Connection, org: int, of: Sequence[int]) -> None:
    """What the direct ones among these campaigns said, where none of their sends is left."""
    left = exists().where(sends.c.org == org, sends.c.campaign == steps.c.campaign)
    direct = exists().where(campaigns.c.org == org, campaigns.c.id == steps.c.campaign, campaigns.c.kind == "direct")
    gone = update(steps).where(steps.c.org == org, among(connection, steps.c.campaign, of), direct, ~left)
    connection.execute(gone.values(text="", subject=None, html=None, template=null()))


def quiet_broadcasts(connection: Connection, before: int, limit: int) -> list[tuple[int, int]]:
    """(organisation, campaign) of broadcasts of which nothing happened since."""
    query = select(campaigns.c.org, campaigns.c.id).where(
        campaigns.c.kind == "broadcast", campaigns.c.status == "running", campaigns.c.started_at < before
    )
    open_ones = exists().where(audiences.c.campaign == campaigns.c.id, audiences.c.done.is_(False))
    found = query.where(~_lately(before), ~open_ones).order_by(campaigns.c.id).limit(limit)
    return [(row.org, row.id) for row in connection.execute(found)]


def close_broadcast(connection: Connection, org: int, number: int, before: int) -> bool:
    """Take nobody in any more, if still nothing has happened. Call it under the campaign's exclusive lock."""
    closed = update(campaigns).where(
        campaigns.c.org == org, campaigns.c.id == number, campaigns.c.status == "running", ~_lately(before)
    )
    return connection.execute(closed.values(status="cancelled")).rowcount == 1


def _lately(before: int) -> ColumnElement[bool]:
    return exists().where(
        sends.c.org == campaigns.c.org, sends.c.campaign == campaigns.c.id,
        or_(sends.c.settled_at.is_(None), sends.c.settled_at >= before),
    )  # fmt: skip
