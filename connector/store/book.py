"""The consent book: addresses, words, facts and the sealed history. Every function takes a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, not_, or_, select

from connector.domain.addresses import Address
from connector.domain.records import Event
from connector.store import bulk
from connector.store.database import Database, among, chunks
from connector.store.tables import addresses, entries, events, facts, heads, links, outbox


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest word of an address on (list, channel), and the event that said so."""

    state: int
    since: int
    expires_at: int | None
    event: int


class Head(NamedTuple):
    """The end of one chain of history."""

    seq: int
    seal: bytes


Cell = tuple[bytes, int, int]
_WORD = ("state", "since", "expires_at", "event")


def remember(
    db: Database, connection: Connection, org: int, known: Mapping[bytes, Address], key_id: int, now: int
) -> None:
    """Addresses, each once."""
    rows = [
        {"org": org, "key": key, "key_id": key_id, "kind": address.kind.value,
         "canonical": address.canonical, "mirrored": address.canonical[::-1], "created_at": now}
        for key, address in known.items()
    ]  # fmt: skip
    if len(rows) >= bulk.FROM:
        bulk.upsert(connection, addresses, rows)
    elif rows:
        connection.execute(db.insert(addresses).on_conflict_do_nothing(), rows)


def linked(connection: Connection, org: int, keys: Sequence[bytes]) -> dict[bytes, list[tuple[bytes, int]]]:
    """The addresses each key is linked to, with their buckets."""
    found: dict[bytes, list[tuple[bytes, int]]] = {}
    for part in chunks(sorted(keys)):
        query = select(links.c.key, links.c.other, links.c.other_bucket).where(
            links.c.org == org, among(connection, links.c.key, part)
        )
        for key, other, bucket in connection.execute(query):
            found.setdefault(key, []).append((other, bucket))
    return found


def link(
    db: Database, connection: Connection, org: int, one: tuple[bytes, int], two: tuple[bytes, int], now: int
) -> None:
    """Two addresses are one person's: both ways round."""
    rows = [
        {"org": org, "key": a[0], "other": b[0], "other_bucket": b[1], "since": now}
        for a, b in ((one, two), (two, one))
    ]
    connection.execute(db.insert(links).on_conflict_do_nothing(), rows)


def current(connection: Connection, org: int, keys: Sequence[bytes], lists: Iterable[int]) -> dict[Cell, Entry]:
    """The words of these addresses on these lists, on every channel."""
    found: dict[Cell, Entry] = {}
    for part in chunks(sorted(keys)):
        query = select(
            entries.c.key, entries.c.list_id, entries.c.channel,
            entries.c.state, entries.c.since, entries.c.expires_at, entries.c.event,
        ).where(
            entries.c.org == org, among(connection, entries.c.key, part), among(connection, entries.c.list_id, lists)
        )  # fmt: skip
        for key, list_id, channel, *word in connection.execute(query):
            found[key, list_id, channel] = Entry(*word)
    return found


def put_entries(db: Database, connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write words over whatever stood there; the caller has decided that they are newer."""
    if not rows:
        return
    if len(rows) >= bulk.FROM:
        bulk.upsert(connection, entries, rows, _WORD)
        return
    statement = db.insert(entries)
    changed = {name: statement.excluded[name] for name in _WORD}
    connection.execute(statement.on_conflict_do_update(index_elements=list(entries.primary_key), set_=changed), rows)


def put_facts(db: Database, connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write facts; one that stood there keeps the newer time."""
    if not rows:
        return
    statement = db.insert(facts)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(facts.primary_key), set_={"since": statement.excluded.since}
        ),
        rows,
    )


def having_fact(connection: Connection, org: int, keys: Sequence[bytes], kind: int, sender: int = 0) -> set[bytes]:
    """Of these addresses those for which a fact holds."""
    if not keys:
        return set()
    query = select(facts.c.key).where(
        facts.c.org == org, among(connection, facts.c.key, keys), facts.c.kind == int(kind), facts.c.sender == sender
    )
    return set(connection.execute(query).scalars())


def drop_facts(
    connection: Connection, org: int, keys: Sequence[bytes], kind: int, sender: int = 0, *, before: int | None = None
) -> int:
    """Lift facts (only those from before a time, where one is given); answers how many there were."""
    statement = delete(facts).where(
        facts.c.org == org, among(connection, facts.c.key, keys), facts.c.kind == int(kind), facts.c.sender == sender
    )
    if before is not None:
        statement = statement.where(facts.c.since < before)
    return connection.execute(statement).rowcount


def heads_of(connection: Connection, org: int, buckets: Iterable[int]) -> dict[int, Head]:
    """Where each chain ends; a chain without a line is not there."""
    query = select(heads.c.bucket, heads.c.seq, heads.c.seal).where(
        heads.c.org == org, among(connection, heads.c.bucket, sorted(buckets))
    )
    return {bucket: Head(seq, seal) for bucket, seq, seal in connection.execute(query)}


def append(db: Database, connection: Connection, rows: list[dict[str, Any]], ends: list[dict[str, Any]]) -> list[int]:
    """Sealed events and the new heads of their chains; answers the events' numbers in the order given."""
    if not rows:
        return []
    numbers = _numbered(connection, rows)
    statement = db.insert(heads)
    changed = {name: statement.excluded[name] for name in ("seq", "seal", "signature")}
    connection.execute(statement.on_conflict_do_update(index_elements=list(heads.primary_key), set_=changed), ends)
    return numbers


def _numbered(connection: Connection, rows: list[dict[str, Any]]) -> list[int]:
    if len(rows) < bulk.FROM:
        made = insert(events).returning(events.c.id, sort_by_parameter_order=True)
        return list(connection.execute(made, rows).scalars())
    numbers = bulk.numbers(connection, events, len(rows))
    for number, row in zip(numbers, rows, strict=True):
        row["id"] = number
    bulk.insert(connection, events, rows)
    return numbers


def put_outbox(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if len(rows) >= bulk.FROM:
        bulk.insert(connection, outbox, rows)
    elif rows:
        connection.execute(insert(outbox), rows)


def said_since(
    connection: Connection, org: int, keys: Sequence[bytes], since: int, *, actor: str, state: str, channel: int
) -> dict[tuple[bytes, int | None], dict[int, int]]:  # fmt: skip
    """Lines of history in which an actor has said this since then: by (address key, list) their ids, and as of when."""
    query = select(events.c.key, events.c.list_id, events.c.id, events.c.occurred_at).where(
        events.c.org == org, among(connection, events.c.key, sorted(keys)), events.c.recorded_at >= since,
        events.c.actor == actor, events.c.state == state, events.c.channel == channel,
    )  # fmt: skip
    found: dict[tuple[bytes, int | None], dict[int, int]] = {}
    for row in connection.execute(query):
        found.setdefault((row.key, row.list_id), {})[row.id] = row.occurred_at
    return found


def history(
    connection: Connection, org: int, keys: Sequence[bytes], limit: int, before: int | None = None,
    hidden: Sequence[int] = (),
) -> list[Event]:  # fmt: skip
    """The newest events of these addresses, newest first, without those on the hidden lists."""
    query = select(
        events.c.id, events.c.list_id, events.c.channel, events.c.state, events.c.source, events.c.actor,
        events.c.reason, events.c.evidence, events.c.occurred_at, events.c.recorded_at,
    ).where(events.c.org == org, among(connection, events.c.key, keys))  # fmt: skip
    if before is not None:
        query = query.where(events.c.id < before)
    if hidden:
        query = query.where(or_(events.c.list_id.is_(None), not_(among(connection, events.c.list_id, hidden))))
    query = query.order_by(events.c.id.desc()).limit(limit)
    return [
        Event(row.id, row.list_id, row.channel, row.state, row.source, row.actor or "", row.reason,
              row.evidence or {}, row.occurred_at, row.recorded_at)
        for row in connection.execute(query)
    ]  # fmt: skip
