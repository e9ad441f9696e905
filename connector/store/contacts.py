"""Contacts and the groups they are in. Every function takes a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, or_, select, update

from connector.domain.addresses import AddressKind
from connector.store.database import Database, among, chunks
from connector.store.tables import contacts, groups, members, organisations

KINDS = tuple(kind.value for kind in AddressKind)
_KEYS = {kind: contacts.c[f"{kind}_key"] for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Stored:
    """A contact as the store has it: kind to (address, key)."""

    id: int
    addresses: Mapping[str, tuple[str, bytes]]
    attributes: Mapping[str, Any]
    created_at: int


def serialise(connection: Connection, org: int) -> None:
    """Contacts of an organisation are written one call after the other, so that an address belongs to one of them."""
    if connection.dialect.name == "postgresql":
        query = select(organisations.c.id).where(organisations.c.id == org)
        connection.execute(query.with_for_update(key_share=True))


def owners(connection: Connection, org: int, keys: Iterable[bytes]) -> dict[bytes, Stored]:
    """Whose each of these addresses is, by its key."""
    found: dict[bytes, Stored] = {}
    for part in chunks(sorted(set(keys))):
        has_one = or_(*(among(connection, column, part) for column in _KEYS.values()))
        for row in connection.execute(select(contacts).where(contacts.c.org == org, has_one)):
            one = _stored(row)
            found.update((key, one) for _, key in one.addresses.values())
    return found


def find(connection: Connection, org: int, number: int) -> Stored | None:
    row = connection.execute(select(contacts).where(contacts.c.org == org, contacts.c.id == number)).one_or_none()
    return _stored(row) if row else None


def page(connection: Connection, org: int, group: int | None, after: int, limit: int) -> list[Stored]:
    """Contacts in the order they were made, of one group or of all."""
    query = select(contacts).where(contacts.c.org == org, contacts.c.id > after)
    if group is not None:
        query = query.join(members, _is_member).where(members.c.org == org, members.c.group_id == group)
    return [_stored(row) for row in connection.execute(query.order_by(contacts.c.id).limit(limit))]


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """New contacts; answers their numbers in the order given."""
    if not rows:
        return []
    return list(
        connection.execute(
            insert(contacts).returning(contacts.c.id, sort_by_parameter_order=True), list(rows)
        ).scalars()
    )


def change(connection: Connection, org: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write whole contacts over those that were there; each row has all columns and its ``id``."""
    if rows:
        columns = (*KINDS, *(f"{kind}_key" for kind in KINDS), "attributes")
        connection.execute(
            update(contacts)
            .where(contacts.c.org == org, contacts.c.id == bindparam("row_id"))
            .values({name: bindparam(f"new_{name}", type_=contacts.c[name].type) for name in columns}),
            [{"row_id": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in rows],
        )


def drop(connection: Connection, org: int, ids: Sequence[int]) -> None:
    """Delete contacts, and take them out of their groups."""
    connection.execute(delete(members).where(members.c.org == org, among(connection, members.c.contact, ids)))
    connection.execute(delete(contacts).where(contacts.c.org == org, among(connection, contacts.c.id, ids)))


def join(db: Database, connection: Connection, org: int, group: int, ids: Sequence[int]) -> set[int]:
    """Put contacts into a group; answers those who were not in it."""
    new: set[int] = set()
    for part in chunks(sorted(set(ids))):
        statement = db.insert(members).on_conflict_do_nothing().returning(members.c.contact)
        new.update(
            connection.execute(statement, [{"org": org, "group_id": group, "contact": one} for one in part]).scalars()
        )
    return new


def leave(connection: Connection, org: int, group: int, ids: Sequence[int]) -> set[int]:
    """Take contacts out of a group; answers those who were in it."""
    gone: set[int] = set()
    for part in chunks(sorted(set(ids))):
        statement = delete(members).where(
            members.c.org == org, members.c.group_id == group, among(connection, members.c.contact, part)
        )
        gone.update(connection.execute(statement.returning(members.c.contact)).scalars())
    return gone


def groups_of(connection: Connection, org: int, ids: Sequence[int]) -> dict[int, list[int]]:
    """The groups each contact is in."""
    found: dict[int, list[int]] = {}
    for part in chunks(sorted(set(ids))):
        query = select(members.c.contact, members.c.group_id).where(
            members.c.org == org, among(connection, members.c.contact, part)
        )
        for contact, group in connection.execute(query.order_by(members.c.group_id)):
            found.setdefault(contact, []).append(group)
    return found


def memberships(
    connection: Connection, org: int, wanted: Iterable[int], keys: Sequence[bytes]
) -> dict[bytes, set[int]]:
    """Which of the wanted groups each of these addresses is in, by its key."""
    found: dict[bytes, set[int]] = {}
    of = sorted(set(wanted))
    for part in chunks(sorted(set(keys))) if of else ():
        has_one = or_(*(among(connection, column, part) for column in _KEYS.values()))
        query = (
            select(*_KEYS.values(), members.c.group_id)
            .join(members, _is_member)
            .where(contacts.c.org == org, has_one, among(connection, members.c.group_id, of))
        )
        for *of_contact, group in connection.execute(query):
            for key in of_contact:
                if key is not None:
                    found.setdefault(key, set()).add(group)
    return found


def sizes(connection: Connection, org: int, ids: Sequence[int]) -> dict[int, int]:
    """How many contacts are in each group."""
    query = (
        select(members.c.group_id, func.count().label("size"))
        .where(members.c.org == org, among(connection, members.c.group_id, ids))
        .group_by(members.c.group_id)
    )
    return {row.group_id: row.size for row in connection.execute(query)}


def drop_group(connection: Connection, org: int, group: int) -> None:
    connection.execute(delete(members).where(members.c.org == org, members.c.group_id == group))
    connection.execute(delete(groups).where(groups.c.org == org, groups.c.id == group))


def stream(connection: Connection, org: int, group: int, kinds: Sequence[str], size: int) -> Iterator[Sequence[Any]]:
    """Members with an address of one of these kinds, in the order of the first kind's keys, ``size`` at a time.

    Keys in order make neighbours of the questions that follow: the database reads each page of its index once.
    """
    query = (
        select(
            contacts.c.id,
            *(contacts.c[name] for kind in kinds for name in (kind, f"{kind}_key")),
            contacts.c.attributes,
        )
        .join(members, _is_member)
        .where(members.c.org == org, members.c.group_id == group)
        .where(or_(*(_KEYS[kind].is_not(None) for kind in kinds)))
        .order_by(_KEYS[kinds[0]])
    )
    yield from connection.execution_options(yield_per=size).execute(query).partitions()


_is_member = and_(members.c.org == contacts.c.org, members.c.contact == contacts.c.id)


def _stored(row: Row[Any]) -> Stored:
    given = row._mapping
    addresses = {kind: (given[kind], given[f"{kind}_key"]) for kind in KINDS if given[kind] is not None}
    return Stored(row.id, addresses, row.attributes, row.created_at)
