"""The people of a batch matched to contacts: made where nobody has the address, completed where somebody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.recipients import Batch, Recipient
from connector.domain.words import Channel
from connector.engine.targets import Target, targets_of
from connector.store import contacts
from connector.store.contacts import KINDS, Stored
from connector.store.database import Connection


def matched(
    connection: Connection, org: int, people: Sequence[Recipient], secret: bytes, now: int
) -> tuple[list[int | None], set[int]]:  # fmt: skip
    """The contact of each person, None for who has no address; and those contacts that an address was added to."""
    contacts.serialise(connection, org)
    of = [addresses_of(targets_of(Batch((person,), False), Channel.ALL, org, secret)) for person in people]
    drafts = Drafts(contacts.owners(connection, org, [key for one in of for _, key in one.values()]))
    places = [drafts.place(given, person.attributes) for given, person in zip(of, people, strict=True)]
    return drafts.write(connection, org, places, now), drafts.grown


class Drafts:
    """The contacts of a batch before they are written: whoever is named twice is one of them."""

    def __init__(self, owners: Mapping[bytes, Stored]) -> None:
        self._of = {key: one.id for key, one in owners.items()}
        self._addresses = {one.id: dict(one.addresses) for one in owners.values()}
        self._attributes = {one.id: dict(one.attributes) for one in owners.values()}
        self._created = {one.id: one.created_at for one in owners.values()}
        self._changed: dict[int, None] = {}
        #: Contacts from before that have an address more.
        self.grown: set[int] = set()
        self._new = 0

    def place(self, given: Mapping[str, tuple[str, bytes]], attributes: Mapping[str, Any]) -> int | None:
        """Whose addresses these are: a contact's number, or a negative one for a new contact."""
        if not given:
            return None
        place = next((self._of[key] for _, key in given.values() if key in self._of), None)
        if place is None:
            self._new -= 1
            place = self._new
            self._addresses[place], self._attributes[place] = {}, {}
        for kind, (address, key) in given.items():
            # An address that is somebody else's stays theirs, and a second of a kind is not taken on.
            if key not in self._of and kind not in self._addresses[place]:
                self._addresses[place][kind] = (address, key)
                self._of[key] = place
                self._changed[place] = None
                self.grown |= {place} if place > 0 else set()
        if any(self._attributes[place].get(name) != value for name, value in attributes.items()):
            self._attributes[place].update(attributes)
            self._changed[place] = None
        return place

    def write(self, connection: Connection, org: int, places: Sequence[int | None], now: int) -> list[int | None]:
        rows = {
            place: contact_row(org, self._addresses[place], self._attributes[place], self._created.get(place, now))
            for place in self._changed
        }
        fresh = [place for place in rows if place < 0]
        numbers = dict(zip(fresh, contacts.add(connection, [rows[place] for place in fresh]), strict=True))
        contacts.change(connection, org, [{"id": place, **rows[place]} for place in rows if place > 0])
        return [numbers.get(place, place) if place is not None else None for place in places]


def addresses_of(targets: Sequence[Target]) -> dict[str, tuple[str, bytes]]:
    """Kind to (address, key), the first of each kind."""
    found: dict[str, tuple[str, bytes]] = {}
    for target in targets:
        found.setdefault(target.address.kind.value, (target.address.wire, target.key))
    return found


def contact_row(
    org: int, addresses: Mapping[str, tuple[str, bytes]], attributes: Mapping[str, Any], created_at: int
) -> dict[str, Any]:
    """A contact as the store wants it."""
    row: dict[str, Any] = {"org": org, "attributes": dict(attributes), "created_at": created_at}
    for kind in KINDS:
        row[kind], row[f"{kind}_key"] = addresses.get(kind, (None, None))
    return row
