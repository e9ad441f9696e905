"""The entries of one list, newest word first or in the order they were said. Every function takes a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_, union_all

from connector.store.database import among, chunks
from connector.store.tables import addresses, entries, events

#: A search that fits more addresses than this walks the list instead of looking each of them up.
MANY = 5_000


class Place(NamedTuple):
    """Where an entry stands among those of its list: by its event, and where one event wrote several, by the rest."""

    event: int
    key: bytes
    channel: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry with its address; ``canonical`` is None where the person was erased."""

    place: Place
    state: int
    since: int
    expires_at: int | None
    kind: str
    canonical: str | None
    source: str | None
    bucket: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a list are asked for; None and empty mean any."""

    state: int | None = None
    channel: int | None = None
    kind: str | None = None
    beginnings: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    #: Only words that end before this time.
    expires_before: int | None = None

    @property
    def searched(self) -> bool:
        return bool(self.beginnings or self.ends)


def newest(
    connection: Connection, org: int, list_id: int, wanted: Wanted, limit: int, before: Place | None
) -> list[Listed]:
    """A page of entries, the newest word first, from before a place."""
    query = _rows(org, list_id, wanted)
    if before is not None:
        query = query.where(entries.c.event <= before.event, _place() < tuple_(*before))
    if not wanted.searched:
        return _read(connection, query.order_by(*_backwards()).limit(limit))
    keys = _found(connection, org, wanted)
    if len(keys) > MANY:
        sought = addresses.alias("sought")  # not the joined one: on that, SQLite would begin with the search
        there = select(1).where(sought.c.org == org, sought.c.key == entries.c.key, _fits(wanted, sought))
        found = there.correlate(entries).exists()
        return _read(connection, query.where(found).order_by(*_backwards()).limit(limit))
    rows = _read(connection, query.where(among(connection, entries.c.key, sorted(keys))))
    return sorted(rows, key=lambda one: one.place, reverse=True)[:limit]


def oldest(
    connection: Connection, org: int, list_id: int, state: int | None, limit: int, after: Place | None
) -> list[Listed]:
    """Entries in the order in which they were said, from after a place; also of those whose address nobody knows."""
    query = _rows(org, list_id, Wanted(state), also_unknown=True)
    if after is not None:
        query = query.where(entries.c.event >= after.event, _place() > tuple_(*after))
    return _read(connection, query.order_by(entries.c.event, entries.c.key, entries.c.channel).limit(limit))


def alike(connection: Connection, org: int, wanted: Wanted, most: int) -> list[str]:
    """Canonical forms of addresses that fit, a few for each range."""
    parts = [
        select(addresses.c.canonical).where(addresses.c.org == org, fits).limit(most).subquery()
        for fits in _ranges(wanted, addresses)
    ]
    rows = connection.execute(union_all(*(select(part.c.canonical) for part in parts))).scalars()
    return sorted({one for one in rows if one})[:most]


def addresses_of(connection: Connection, org: int, keys: Sequence[bytes]) -> dict[bytes, tuple[str, str | None]]:
    """Kind and canonical form of addresses by their keys."""
    found: dict[bytes, tuple[str, str | None]] = {}
    for part in chunks(sorted(keys)):
        query = select(addresses.c.key, addresses.c.kind, addresses.c.canonical).where(
            addresses.c.org == org, among(connection, addresses.c.key, part)
        )
        found.update({row.key: (row.kind, row.canonical) for row in connection.execute(query)})
    return found


def _rows(org: int, list_id: int, wanted: Wanted, *, also_unknown: bool = False) -> Any:
    query = (
        select(
            entries.c.event, entries.c.key, entries.c.channel, entries.c.state, entries.c.since, entries.c.expires_at,
            addresses.c.kind, addresses.c.canonical, events.c.source, events.c.bucket,
        )
        .join(
            addresses, and_(addresses.c.org == entries.c.org, addresses.c.key == entries.c.key), isouter=also_unknown
        )
        .join(events, and_(events.c.org == entries.c.org, events.c.id == entries.c.event), isouter=True)
        .where(entries.c.org == org, entries.c.list_id == list_id)
    )  # fmt: skip
    if wanted.state is not None:
        query = query.where(entries.c.state == wanted.state)
    if wanted.channel is not None:
        query = query.where(entries.c.channel == wanted.channel)
    if wanted.expires_before is not None:
        query = query.where(entries.c.expires_at < wanted.expires_before)
    return query if wanted.kind is None else query.where(addresses.c.kind == wanted.kind)


def _place() -> Any:
    return tuple_(entries.c.event, entries.c.key, entries.c.channel)


def _backwards() -> tuple[Any, ...]:
    return entries.c.event.desc(), entries.c.key.desc(), entries.c.channel.desc()


def _found(connection: Connection, org: int, wanted: Wanted) -> set[bytes]:
    """The addresses that fit, or more than can be looked up; a part for each range, so that each has its index."""
    parts = [
        select(addresses.c.key).where(addresses.c.org == org, fits).limit(MANY + 1).subquery()
        for fits in _ranges(wanted, addresses)
    ]
    return set(connection.execute(union_all(*(select(part.c.key) for part in parts))).scalars())


def _fits(wanted: Wanted, table: Any) -> ColumnElement[bool]:
    return or_(*_ranges(wanted, table))


def _ranges(wanted: Wanted, table: Any) -> list[ColumnElement[bool]]:
    """Ranges, so that an index answers: LIKE would use one on one database and not on the other."""
    begin = [_begins(table.c.canonical, text) for text in wanted.beginnings]
    return [*begin, *(_begins(table.c.mirrored, text[::-1]) for text in wanted.ends)]


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    return and_(column >= text, column < text + "\U0010ffff")


def _read(connection: Connection, query: Any) -> list[Listed]:
    return [
        Listed(Place(row.event, row.key, row.channel), row.state, row.since, row.expires_at, row.kind, row.canonical,
               row.source, row.bucket)
        for row in connection.execute(query)
    ]  # fmt: skip
