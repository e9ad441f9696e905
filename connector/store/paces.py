"""How far each sender has come by its pace. A claim that takes by it holds the sender's row until it commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, case, func, literal, select, update

from connector.domain.words import Purpose
from connector.store.database import Database, among
from connector.store.sends import PENDING
from connector.store.tables import campaigns, paces, sends


@dataclass(frozen=True, slots=True)
class Reached:
    """When one more message may leave, up to when those that wait have been spread, and how far apart."""

    free_at: int
    tail: int
    gap: int = 0


def lock(db: Database, connection: Connection, org: int, senders: Iterable[int]) -> dict[int, Reached]:
    """Take the senders' rows in hand, made where there are none yet; in one order for all."""
    wanted = sorted(senders)
    query = (
        select(paces)
        .where(paces.c.org == org, among(connection, paces.c.sender, wanted))
        .order_by(paces.c.sender)
        .with_for_update()
    )
    found = {row.sender: Reached(row.free_at, row.tail, row.gap) for row in connection.execute(query)}
    if missing := [one for one in wanted if one not in found]:  # once in the life of a sender
        rows = [{"org": org, "sender": one, "free_at": 0, "tail": 0, "gap": 0} for one in missing]
        connection.execute(db.insert(paces).on_conflict_do_nothing(), rows)
        found = {row.sender: Reached(row.free_at, row.tail, row.gap) for row in connection.execute(query)}
    return found


def put(connection: Connection, org: int, reached: Mapping[int, Reached]) -> None:
    """Write how far they have come; the caller holds their rows."""
    rows = [
        {"of": org, "one": sender, "free_at": at.free_at, "tail": at.tail, "gap": at.gap}
        for sender, at in sorted(reached.items())
    ]
    if rows:
        one = (paces.c.org == bindparam("of"), paces.c.sender == bindparam("one"))
        connection.execute(update(paces).where(*one), rows)


def hold(db: Database, connection: Connection, org: int, until: Mapping[int, int]) -> None:
    """Nothing leaves by these senders before; never earlier than what stood there."""
    rows = [{"org": org, "sender": one, "free_at": at, "tail": 0, "gap": 0} for one, at in sorted(until.items())]
    if rows:
        statement = db.insert(paces)
        asked = statement.excluded.free_at
        later = case((asked > paces.c.free_at, asked), else_=paces.c.free_at)
        over = statement.on_conflict_do_update(index_elements=list(paces.primary_key), set_={"free_at": later})
        connection.execute(over, rows)


def put_off(
    connection: Connection, org: int, of_campaigns: Sequence[int], spread: Mapping[int, int], buckets: Iterable[int],
    now: int, most: int, limit: int,
) -> None:  # fmt: skip
    """Move what is due of these campaigns to when their senders may go on, marketing spread, to ``most`` at the latest.

    ``spread`` are the senders of those that are marketing. The caller shares the locks of campaigns and buckets.
    """
    waiting = (
        select(sends.c.id, sends.c.due_at, campaigns.c.sender, campaigns.c.purpose)
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(
            sends.c.org == org,
            among(connection, sends.c.campaign, sorted(of_campaigns)),
            among(connection, sends.c.bucket, sorted(buckets)),
            sends.c.status == PENDING,
            sends.c.due_at <= now,
        )
        .order_by(sends.c.bucket, sends.c.due_at)
        .limit(limit)
        .with_for_update(of=sends, skip_locked=True)
        .subquery()
    )
    marketing, last = waiting.c.purpose == Purpose.MARKETING.value, literal(most, BigInteger)
    place = func.row_number().over(
        partition_by=(waiting.c.sender, marketing), order_by=(waiting.c.due_at, waiting.c.id)
    )
    start = case((paces.c.tail > paces.c.free_at, paces.c.tail), else_=paces.c.free_at)
    at = case((marketing, start + paces.c.gap * place), else_=paces.c.free_at)
    placed = (
        select(waiting.c.id, case((at < last, at), else_=last).label("at"))
        .join(paces, (paces.c.org == org) & (paces.c.sender == waiting.c.sender))
        .subquery()
    )
    rows = connection.execute(
        update(sends)
        .where(sends.c.id == placed.c.id)
        .values(due_at=placed.c.at, ripe_at=func.coalesce(sends.c.ripe_at, sends.c.due_at))
        .returning(sends.c.campaign, sends.c.due_at)
    )
    tails: dict[int, int] = {}
    for campaign, due_at in rows:
        if (sender := spread.get(campaign)) is not None:
            tails[sender] = max(due_at, tails.get(sender, 0))
    _put_tails(connection, org, tails)


def _put_tails(connection: Connection, org: int, tails: Mapping[int, int]) -> None:
    """Where the last of them went; another may have put one further back."""
    rows = [{"of": org, "one": sender, "at": at} for sender, at in sorted(tails.items())]
    if rows:
        at = bindparam("at", type_=BigInteger)
        one = (paces.c.org == bindparam("of"), paces.c.sender == bindparam("one"))
        connection.execute(
            update(paces).where(*one).values(tail=case((at > paces.c.tail, at), else_=paces.c.tail)), rows
        )
