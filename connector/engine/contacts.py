"""Contacts: whom an organisation knows, with attributes and groups. An address belongs to one contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from connector.domain.errors import Conflict, Fault, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import rfc3339
from connector.domain.recipients import Batch, read_batch, read_person
from connector.domain.words import Channel
from connector.engine.bypassing import insist_bypass
from connector.engine.directories import Directories
from connector.engine.fenced import Fenced
from connector.engine.matching import addresses_of, contact_row
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, targets_of
from connector.store import contacts
from connector.store.contacts import KINDS, Stored
from connector.store.database import Connection, Database
from connector.store.directory import Directory

T = TypeVar("T")


class Contacts:
    """Made, found, changed and dropped. Who leaves a bypass group leaves it under the fence."""

    def __init__(
        self, database: Database, directories: Directories, fenced: Fenced, secrets: Secrets, clock: Clock,
        region: str | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._fenced = fenced
        self._secrets = secrets
        self._clock = clock
        self._region = region

    def page(self, who: Who, asked: Mapping[str, str], limit: int, cursor: str | None) -> dict[str, Any]:
        """Contacts as they were made: all, those of a group, or the one with an address."""
        after = row_number("contact", cursor) if cursor else 0
        if after is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        directory = self._directories.current(who.organisation)
        group = directory.find_group(asked["group"]) if asked.get("group") else None
        if asked.get("group") and group is None:
            raise Invalid.at("/group", "unknown_group", "there is no such group")
        if named := {kind: asked[kind] for kind in KINDS if asked.get(kind)}:
            return self._with_address(who, directory, named)
        with self._database.read() as connection:
            found = contacts.page(connection, who.organisation, group.id if group else None, after, limit)
            of = contacts.groups_of(connection, who.organisation, [one.id for one in found])
        more = public_id("contact", found[-1].id) if len(found) == limit else None
        return {"items": [_public(one, directory, of) for one in found], "next_cursor": more}

    def get(self, who: Who, name: str) -> dict[str, Any]:
        directory = self._directories.current(who.organisation)
        with self._database.read() as connection:
            found = _found(connection, who.organisation, name)
            return _public(found, directory, contacts.groups_of(connection, who.organisation, [found.id]))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new contact; Conflict where somebody has one of the addresses."""
        org, batch = who.organisation, read_batch(values, self._region_of(who))
        batch.insist(Channel.ALL)
        directory = self._directories.current(org)
        chosen = _groups(directory, values.get("groups") or ())
        insist_may_join(who, directory, chosen)
        given = addresses_of(targets_of(batch, Channel.ALL, org, self._secrets.address))
        with self._database.write() as connection:
            contacts.serialise(connection, org)
            _insist_free(connection, org, given, None)
            row = contact_row(org, given, values.get("attributes") or {}, self._clock())
            (number,) = contacts.add(connection, [row])
            for group in chosen:
                contacts.join(self._database, connection, org, group, [number])
        return self.get(who, public_id("contact", number))

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Merge: null takes an address or an attribute away, ``groups`` are all groups. And whether all is quiet."""
        org, directory = who.organisation, self._directories.current(who.organisation)
        chosen = _groups(directory, values["groups"] or ()) if "groups" in values else None
        person = read_person(values, "", self._region_of(who))
        if faults := [fault for fault in person.faults(Channel.ALL) if person.named]:
            raise Invalid(faults)
        targets = targets_of(Batch((person,), False), Channel.ALL, org, self._secrets.address) if person.named else []
        given = addresses_of(targets)

        def write(connection: Connection, number: int) -> None:
            found = _by_number(connection, org, number)
            kept = {k: one for k, one in found.addresses.items() if values.get(k, "") is not None}
            addresses = {**kept, **given}
            if not addresses:
                raise Invalid.at("", "recipient_needed", "a contact keeps at least one address")
            _insist_free(connection, org, given, number)
            merged = {**found.attributes, **(values.get("attributes") or {})}
            attributes = {name: value for name, value in merged.items() if value is not None}
            contacts.change(
                connection, org, [{"id": number, **contact_row(org, addresses, attributes, found.created_at)}]
            )
            present = set(contacts.groups_of(connection, org, [number]).get(number, []))
            wanted = present if chosen is None else set(chosen)
            is_new = bool({key for _, key in given.values()} - {key for _, key in found.addresses.values()})
            insist_may_join(who, directory, wanted if is_new else wanted - present)
            for group in present - wanted:
                contacts.leave(connection, org, group, [number])
            for group in wanted - present:
                contacts.join(self._database, connection, org, group, [number])

        settled = self._less_for(org, name, write)
        return self.get(who, name), settled

    def drop(self, who: Who, name: str) -> bool:
        """Forget a contact; what the person said stays. Answers whether all is quiet."""
        return self._less_for(
            who.organisation, name, lambda connection, number: contacts.drop(connection, who.organisation, [number])
        )

    def _less_for(self, org: int, name: str, write: Callable[[Connection, int], T]) -> bool:
        """A write after which a contact may be in fewer groups: under the fence of its addresses."""
        with self._database.read() as connection:
            before = _found(connection, org, name)
        targets = self.targets(org, [before])

        def again(connection: Connection, _now: int) -> None:
            contacts.serialise(connection, org)
            write(connection, before.id)

        return self._fenced.refuse(org, targets, again)[2]

    def targets(self, org: int, several: Sequence[Stored]) -> list[Target]:
        """The addresses of contacts, as the fence wants them."""
        people = [
            read_person({kind: address for kind, (address, _) in one.addresses.items()}, f"/{one.id}", None)
            for one in several
        ]
        return targets_of(Batch(tuple(people), False), Channel.ALL, org, self._secrets.address)

    def _with_address(self, who: Who, directory: Directory, named: Mapping[str, str]) -> dict[str, Any]:
        batch = read_batch(named, self._region_of(who))
        batch.insist(Channel.ALL)
        given = addresses_of(targets_of(batch, Channel.ALL, who.organisation, self._secrets.address))
        with self._database.read() as connection:
            found = contacts.owners(connection, who.organisation, [key for _, key in given.values()])
            several = list({one.id: one for one in found.values()}.values())
            of = contacts.groups_of(connection, who.organisation, [one.id for one in several])
        return {"items": [_public(one, directory, of) for one in several], "next_cursor": None}

    def _region_of(self, who: Who) -> str | None:
        return self._directories.kept(who.organisation).accounts[who.account].region or self._region


def insist_may_join(who: Who, directory: Directory, groups: Iterable[int]) -> None:
    """Forbidden where an address would pass opt-outs as a member of these groups, and the key lacks the scope."""
    if any(directory.groups[number].bypass for number in groups if number in directory.groups):
        insist_bypass(who)


def _insist_free(
    connection: Connection, org: int, given: Mapping[str, tuple[str, bytes]], mine: int | None
) -> None:  # fmt: skip
    taken = contacts.owners(connection, org, [key for _, key in given.values()])
    if others := sorted({one.id for one in taken.values()} - {mine}):
        names = ", ".join(public_id("contact", number) for number in others)
        raise Conflict(f"Somebody has this address already: {names}.", code="contact_exists")


def _groups(directory: Directory, names: Sequence[str]) -> list[int]:
    found = [directory.find_group(name) for name in names]
    faults = [
        Fault(f"/groups/{index}", "unknown_group", "there is no such group")
        for index, group in enumerate(found)
        if group is None
    ]
    if faults:
        raise Invalid(faults)
    return list(dict.fromkeys(group.id for group in found if group is not None))


def _found(connection: Connection, org: int, name: str) -> Stored:
    return _by_number(connection, org, row_number("contact", name) or 0)


def _by_number(connection: Connection, org: int, number: int) -> Stored:
    found = contacts.find(connection, org, number)
    if found is None:
        raise NotFound
    return found


def _public(one: Stored, directory: Directory, groups: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    named = [directory.groups[number] for number in groups.get(one.id, ()) if number in directory.groups]
    return {
        "id": public_id("contact", one.id),
        **{kind: one.addresses[kind][0] if kind in one.addresses else None for kind in KINDS},
        "attributes": dict(one.attributes),
        "groups": [{"id": public_id("group", group.id), "name": group.name} for group in named],
        "created_at": rfc3339(one.created_at),
    }
