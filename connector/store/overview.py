"""Counts for the first page, each bounded by an index: words by day, messages kept back, what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, literal_column, or_, select, update

from connector.domain.instants import DAY
from connector.store.database import Database, among, chunks
from connector.store.tables import days, events, meta, reviews, sends, webhooks

_COUNTED = "counted"
#: Words; other lines of the history tell of blocks and erasures.
_STATES = ("out", "in", "cleared")
_GROUP = ("org", "day", "list_id", "channel", "source", "state")


@dataclass(frozen=True, slots=True)
class Said:
    """So often was this said on this day."""

    day: int
    list_id: int
    channel: int
    source: str
    state: str
    count: int


def has_more(connection: Connection, settled: int) -> bool:
    """Whether there are lines recorded before ``settled`` that are not counted yet."""
    first = connection.execute(
        select(events.c.recorded_at).where(events.c.id > _counted(connection)).order_by(events.c.id).limit(1)
    ).scalar_one_or_none()
    return first is not None and first <= settled


def count_on(database: Database, connection: Connection, settled: int, most: int) -> int:
    """Count the next lines of the history into their days, at most so many; answers how many. One at a time does."""
    mine = select(meta.c.value).where(meta.c.name == _COUNTED).with_for_update(skip_locked=True)
    after = connection.execute(mine).scalar_one_or_none()
    if after is None:
        return 0
    part = select(events.c.id, events.c.recorded_at).where(events.c.id > int(after)).order_by(events.c.id).limit(most)
    found = part.subquery()
    last, lines = connection.execute(
        select(func.max(found.c.id), func.count()).where(found.c.recorded_at <= settled)
    ).one()
    if last is None:
        return 0
    rows = connection.execute(_grouped(events.c.id > int(after), events.c.id <= last)).mappings().all()
    for few in chunks(rows, 1_000):
        new = database.insert(days).values([dict(row) for row in few])
        connection.execute(
            new.on_conflict_do_update(
                index_elements=[days.c[name] for name in _GROUP], set_={"count": days.c.count + new.excluded.count}
            )
        )
    connection.execute(update(meta).where(meta.c.name == _COUNTED).values(value=str(last)))
    return int(lines)


def said_since(connection: Connection, org: int, day: int, lists: list[int]) -> list[Said]:
    """What was counted since a day, on these lists."""
    query = select(*(days.c[name] for name in ("day", "list_id", "channel", "source", "state", "count"))).where(
        days.c.org == org, days.c.day >= day, among(connection, days.c.list_id, lists)
    )
    return [Said(*row) for row in connection.execute(query)]


def said_lately(connection: Connection, org: int, lists: list[int], most: int) -> list[Said]:
    """What is not counted yet: the last few lines, at most so many."""
    after = _counted(connection)
    part = select(events.c.id).where(events.c.id > after).order_by(events.c.id).limit(most).subquery()
    last = select(func.max(part.c.id)).scalar_subquery()
    query = _grouped(events.c.id > after, events.c.id <= last, events.c.org == org)
    seen = set(lists)
    return [Said(*row[1:]) for row in connection.execute(query) if row.list_id in seen]


def kept_back(connection: Connection, org: int, since: int, most: int) -> dict[str, int]:
    """Messages suppressed since then by their first reason; of more than ``most`` only so many are looked at."""
    part = (
        select(sends.c.reason)
        .where(sends.c.org == org, sends.c.status == literal_column("'suppressed'"), sends.c.settled_at >= since)
        .limit(most)
        .subquery()
    )
    rows = connection.execute(select(part.c.reason, func.count()).group_by(part.c.reason))
    return {str(reason): int(count) for reason, count in rows if reason is not None}


def unknown(connection: Connection, org: int, since: int, most: int) -> int:
    """Messages since then of which nobody can say whether they left."""
    where = (sends.c.org == org, sends.c.status == literal_column("'unknown'"), sends.c.settled_at >= since)
    return _at_most(connection, select(sends.c.id).where(*where), most)


def open_reviews(connection: Connection, org: int, most: int) -> int:
    return _at_most(connection, select(reviews.c.id).where(reviews.c.org == org, reviews.c.status == "open"), most)


def failing_webhooks(connection: Connection, org: int, most: int) -> int:
    ill = or_(webhooks.c.disabled_at.is_not(None), webhooks.c.failing_since.is_not(None))
    return _at_most(connection, select(webhooks.c.id).where(webhooks.c.org == org, ill), most)


def _counted(connection: Connection) -> int:
    found = connection.execute(select(meta.c.value).where(meta.c.name == _COUNTED)).scalar_one()
    return int(found)


def _grouped(*where: Any) -> Any:
    of = {
        "org": events.c.org, "day": events.c.recorded_at // DAY, "list_id": func.coalesce(events.c.list_id, 0),
        "channel": events.c.channel, "source": events.c.source, "state": events.c.state,
    }  # fmt: skip
    columns = [column.label(name) for name, column in of.items()]
    query = select(*columns, func.count().label("count")).where(*where, events.c.state.in_(_STATES))
    return query.group_by(*(literal_column(str(place)) for place in range(1, len(columns) + 1)))


def _at_most(connection: Connection, query: Any, most: int) -> int:
    return int(connection.execute(select(func.count()).select_from(query.limit(most).subquery())).scalar_one())
