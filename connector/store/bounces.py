"""How an address stands after what came back from it, and which send a report without an id can be about."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from connector.domain.standing import Condition, Standing
from connector.domain.words import FactKind, SendStatus
from connector.store.database import Database
from connector.store.tables import campaigns, facts, sends, soft_bounces

#: The later one stands where both are there.
_HARD = {FactKind.HARD_BOUNCE: Condition.HARD_BOUNCE, FactKind.COMPLAINT: Condition.COMPLAINT}
_HANDED_OVER = (SendStatus.SENT.value, SendStatus.UNKNOWN.value)


def standing(db: Database, connection: Connection, org: int, key: bytes) -> Standing:
    """As it is now. Nobody else counts for this address until the transaction ends."""
    row = {"org": org, "key": key, "count": 0, "since": 0}
    connection.execute(db.insert(soft_bounces).values(row).on_conflict_do_nothing())
    mine = (soft_bounces.c.org == org) & (soft_bounces.c.key == key)
    count, since = connection.execute(
        select(soft_bounces.c.count, soft_bounces.c.since).where(mine).with_for_update()
    ).one()
    held = select(facts.c.kind).where(facts.c.org == org, facts.c.key == key, facts.c.kind.in_([*map(int, _HARD)]))
    if hard := max(connection.execute(held).scalars(), default=None):
        return Standing(_HARD[FactKind(hard)])
    return Standing(Condition.SOFT, count, since) if count else Standing(Condition.NONE)


def put(connection: Connection, org: int, key: bytes, now: Standing) -> None:
    """Keep the count; nothing is kept of an address that is not counted for."""
    mine = (soft_bounces.c.org == org) & (soft_bounces.c.key == key)
    if now.condition is Condition.SOFT:
        connection.execute(update(soft_bounces).where(mine).values(count=now.count, since=now.since))
    else:
        connection.execute(delete(soft_bounces).where(mine))


def last_send(connection: Connection, org: int, sender: int, key: bytes, not_before: int) -> int | None:
    """The newest send of this sender to this address that was handed over."""
    return connection.execute(
        select(sends.c.id)
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(
            sends.c.org == org, sends.c.key == key, sends.c.status.in_(_HANDED_OVER), campaigns.c.sender == sender,
            sends.c.settled_at >= not_before,
        )
        .order_by(sends.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()  # fmt: skip
