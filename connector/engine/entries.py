"""The entries of a list as an operator works with them: found, added by hand, removed one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.addresses import Address, AddressKind
from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import parse_rfc3339, rfc3339
from connector.domain.recipients import Batch, Named, Recipient, read_batch, read_person
from connector.domain.records import OptOutList
from connector.domain.results import Result
from connector.domain.searching import sought
from connector.domain.words import Channel, State
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.secrets import Secrets
from connector.engine.targets import Who, targets_of
from connector.engine.words_written import Line, NewWord, results_of
from connector.store import entries
from connector.store.database import Database
from connector.store.entries import Listed, Place, Wanted


class Entries:
    """Who is on a list. A third party that may only read lists reads here."""

    def __init__(
        self, database: Database, directories: Directories, book: ConsentBook, secrets: Secrets, region: str | None
    ) -> None:
        self._database = database
        self._directories = directories
        self._book = book
        self._secrets = secrets
        self._region = region

    def page(
        self, who: Who, name: str, asked: Mapping[str, str], limit: int, cursor: str | None
    ) -> dict[str, Any]:  # fmt: skip
        """A page, the newest word first; Invalid names what of ``asked`` can't be."""
        found = self._list(who, name)
        wanted = self._wanted(who, asked)
        before = _place(cursor) if cursor else None
        with self._database.read() as connection:
            rows = entries.newest(connection, who.organisation, found.id, wanted, limit, before)
        more = _cursor(rows[-1].place) if len(rows) == limit else None
        return {"items": [_public(row) for row in rows], "next_cursor": more}

    def alike(self, who: Who, text: str, most: int) -> list[str]:
        """Addresses that have been heard of and begin or end as typed."""
        try:
            found = sought(text, self._region_of(who))
        except ValueError:
            return []
        wanted = Wanted(beginnings=found.beginnings, ends=found.ends)
        with self._database.read() as connection:
            return [one.removeprefix("wa:") for one in entries.alike(connection, who.organisation, wanted, most)]

    def add(self, who: Who, name: str, values: Mapping[str, Any]) -> Result:
        """An opt-out by hand; the address need not be known."""
        found = self._list(who, name)
        batch = read_batch(values, self._region_of(who))
        return self._book.record(who, NewWord(State.OUT, values["channel"], values.get("reason")), batch, [found.key])

    def remove(self, who: Who, name: str, given: Sequence[Mapping[str, Any]], reason: str | None) -> dict[str, Any]:
        """Many at once: a line for each in the order given, and what can't be read is rejected by itself."""
        found = self._list(who, name)
        people, channels = self._people(who, given)
        lines: dict[str, list[Line]] = {}
        for channel in dict.fromkeys(channels):  # at most seven: one word each, of everyone it is about
            mine = tuple(one for one, its in zip(people, channels, strict=True) if its is channel)
            targets = targets_of(Batch(mine, False), channel, who.organisation, self._secrets.address)
            for line in self._book.write(who, NewWord(State.CLEARED, channel, reason), targets, [found])[0]:
                lines.setdefault(line.target.person.pointer, []).append(line)
        return {
            "results": [
                row
                for one, channel in zip(people, channels, strict=True)
                for row in results_of(Batch((one,), False), NewWord(State.CLEARED, channel), lines.get(one.pointer, []))
            ],
            "settled": True,
        }

    def restore(self, who: Who, name: str, given: Sequence[Mapping[str, Any]], reason: str) -> bool:
        """Entries removed by mistake, as they were: the same addresses and channels. Answers whether all is quiet."""
        found = self._list(who, name)
        people, channels = self._people(who, given)
        settled = True
        for channel in dict.fromkeys(channels):
            mine = tuple(one for one, its in zip(people, channels, strict=True) if its is channel)
            targets = targets_of(Batch(mine, False), channel, who.organisation, self._secrets.address)
            settled &= self._book.write(who, NewWord(State.OUT, channel, reason), targets, [found])[2]
        return settled

    def id_of(self, who: Who, values: Mapping[str, Any]) -> str | None:
        """The id that the entry of one address on a channel has."""
        people, channel = read_batch(values, self._region_of(who)).people, values["channel"]
        targets = targets_of(Batch(people, False), channel, who.organisation, self._secrets.address)
        return _id(targets[0].key, channel) if targets else None

    def _people(self, who: Who, given: Sequence[Mapping[str, Any]]) -> tuple[list[Recipient], list[Channel]]:
        """Whom the entries are about and on which channel; an id says both."""
        region = self._region_of(who)
        places = [_entry(one["id"]) if "id" in one else None for one in given]
        with self._database.read() as connection:
            known = entries.addresses_of(connection, who.organisation, [place[0] for place in places if place])
        people, channels = [], []
        for index, (one, place) in enumerate(zip(given, places, strict=True)):
            said = read_person(one, f"/entries/{index}", region)
            if "id" in one:
                people.append(_by_id(one["id"], known.get(place[0]) if place else None, said))
                channels.append(place[1] if place else Channel.ALL)
            else:
                people.append(said)
                channels.append(one["channel"])
        return people, channels

    def _wanted(self, who: Who, asked: Mapping[str, str]) -> Wanted:
        faults = []
        states = {state.label: state for state in State}
        channels = {channel.label: channel for channel in Channel}
        for name, allowed in (("state", states), ("channel", channels), ("kind", tuple(AddressKind))):
            if asked.get(name) and asked[name] not in allowed:
                faults.append(Fault(f"/{name}", "not_allowed", f"must be one of {', '.join(allowed)}"))
        beginnings: tuple[str, ...] = ()
        ends: tuple[str, ...] = ()
        if asked.get("q"):
            try:
                found = sought(asked["q"], self._region_of(who))
                beginnings, ends = found.beginnings, found.ends
            except ValueError as why:
                faults.append(Fault("/q", "bad_search", str(why)))
        before = None
        if asked.get("expires_before"):
            try:
                # A "+" that nobody escaped came as a space.
                before = parse_rfc3339(asked["expires_before"].replace(" ", "+"))
            except ValueError:
                faults.append(Fault("/expires_before", "bad_format", "must be a time as 2026-11-23T18:00:00Z"))
        if faults:
            raise Invalid(faults)
        channel = channels[asked["channel"]] if asked.get("channel") else None
        state = states[asked.get("state") or ("out" if before is None else "in")]  # only a consent ends by itself
        return Wanted(state, channel, asked.get("kind") or None, beginnings, ends, before)

    def _list(self, who: Who, name: str) -> OptOutList:
        found = self._directories.current(who.organisation).find_list(who.account, name)
        if found is None:
            raise NotFound
        return found

    def _region_of(self, who: Who) -> str | None:
        return self._directories.kept(who.organisation).accounts[who.account].region or self._region


def _public(row: Listed) -> dict[str, Any]:
    value = row.canonical.removeprefix("wa:") if row.canonical else None
    return {
        "id": _id(row.place.key, row.place.channel), row.kind: value,
        "channel": Channel(row.place.channel).label, "state": State(row.state).label, "since": rfc3339(row.since),
        "expires_at": rfc3339(row.expires_at) if row.expires_at is not None else None, "source": row.source,
        "event": public_id("event", row.place.event),
    }  # fmt: skip


def _id(key: bytes, channel: int) -> str:
    return f"ent_{key.hex()}{int(channel)}"


def _by_id(text: str, known: tuple[str, str | None] | None, said: Recipient) -> Recipient:
    """The person of an entry; with a fault where there is none, the address was erased, or another one was ``said``."""
    pointer = said.pointer
    if known is None or known[1] is None:
        why = "there is no such entry" if known is None else "the person was erased: only their own word lifts it"
        fault = Fault(f"{pointer}/id", "unknown_entry" if known is None else "erased", why)
        return Recipient((Named("id", text, None, fault),), {}, pointer)
    kind, canonical = AddressKind(known[0]), known[1]
    for named in said.named:
        if named.address is None or named.address.canonical != canonical:
            fault = named.fault or Fault(f"{pointer}/{named.field}", "invalid_address", "is not the one of this entry")
            return Recipient((Named(named.field, named.given, None, fault),), {}, pointer)
    wire = canonical.removeprefix("wa:")
    return Recipient((Named(kind.value, wire, Address(kind, canonical, wire)),), {}, pointer)


def _entry(text: str) -> tuple[bytes, Channel] | None:
    """Key and channel behind an entry's id."""
    prefix, _, digits = text.partition("_")
    try:
        key, channel = bytes.fromhex(digits[:-1]), Channel(int(digits[-1:]))
    except ValueError:
        return None
    return (key, channel) if prefix == "ent" and len(key) == 16 else None


def _cursor(place: Place) -> str:
    return f"{public_id('event', place.event)}.{place.key.hex()}{place.channel}"


def _place(cursor: str) -> Place:
    event, _, rest = cursor.partition(".")
    number, entry = row_number("event", event), _entry(f"ent_{rest}")
    if number is None or entry is None:
        raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
    return Place(number, *entry)
