"""The opt-out filtered copy of a group, streamed: who may be messaged now, for use in any other tool."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from connector.domain.addresses import AddressKind, channels_of
from connector.domain.cells import safe_cell
from connector.domain.consent import NOTHING_KNOWN, Facts, Question, decide
from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.words import CHANNEL_NAMES, Channel, Purpose
from connector.engine.asking import questions_of
from connector.engine.bypassing import insist_bypass, named_groups
from connector.engine.directories import Directories, named_lists
from connector.engine.exports import FORMATS
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import contacts
from connector.store.contacts import KINDS
from connector.store.database import Database
from connector.store.lookup import Lookup

_AT_ONCE = 5_000
_PURPOSES = (Purpose.MARKETING.value, Purpose.TRANSACTIONAL.value)
_OPT_IN: Mapping[str, bool | str] = {"false": False, "true": True, "explicit": "explicit"}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for."""

    form: str
    channel: Channel
    lists: tuple[str, ...]
    purpose: Purpose
    require_opt_in: bool | str
    bypass: tuple[int, ...]
    #: The kinds of address that the channel reaches, the one it takes first before the others.
    kinds: tuple[str, ...]


class Sendable:
    """Asks for a whole group what ``check_consent`` asks for one person, a few thousand at a time."""

    def __init__(self, database: Database, directories: Directories, lookup: Lookup, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._lookup = lookup
        self._clock = clock

    def stream(self, who: Who, name: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        """The file's parts; Invalid names what of ``asked`` can't be."""
        directory = self._directories.current(who.organisation)
        group = directory.find_group(name)
        if group is None:
            raise NotFound
        faults = [
            Fault(f"/{field}", "not_allowed", f"must be one of {', '.join(allowed)}")
            for field, allowed in (
                ("format", FORMATS), ("channel", CHANNEL_NAMES), ("purpose", _PURPOSES), ("require_opt_in", _OPT_IN)
            )
            if asked.get(field) and asked[field] not in allowed
        ]  # fmt: skip
        if faults:
            raise Invalid(faults)
        channel = Channel.named(asked.get("channel") or "all")
        lists, passing = _names(asked.get("lists")), _names(asked.get("bypass_groups"))
        named_lists(directory, who.account, lists)
        if passing:
            insist_bypass(who)
        wish = _Wish(
            asked.get("format") or "csv", channel, lists, Purpose(asked.get("purpose") or "marketing"),
            _OPT_IN[asked.get("require_opt_in") or "false"], tuple(named_groups(directory, passing)),
            tuple(kind for kind in KINDS if channel is Channel.ALL or channel in channels_of(AddressKind(kind))),
        )  # fmt: skip
        return self._parts(who, group.id, wish)

    def _parts(self, who: Who, group: int, wish: _Wish) -> Iterator[bytes]:
        write = _csv if wish.form == "csv" else _jsonl
        if wish.form == "csv":
            yield (",".join((*KINDS, "attributes")) + "\n").encode()
        with self._database.snapshot() as connection:
            for rows in contacts.stream(connection, who.organisation, group, wish.kinds, _AT_ONCE):
                allowed = self._allowed(who, wish, rows)
                if allowed:
                    yield write(allowed)

    def _allowed(self, who: Who, wish: _Wish, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that may be messaged: number, email, WhatsApp id, as far as they are meant, and attributes."""
        meant = [_first(row) for row in rows] if wish.channel is not Channel.ALL else [_every(row) for row in rows]
        keys = [key for _, found in meant for key, _ in found]
        known = self._lookup.known(who.organisation, keys)
        directory = self._directories.at(who.organisation, known.version)
        asked = questions_of(
            directory, who.account, wish.channel, wish.lists, wish.purpose, wish.require_opt_in, self._clock()
        )
        passing = self._passing(who.organisation, wish.bypass, keys)
        of_place = [[asked[one] for one in channels_of(AddressKind(kind)) if one in asked] for kind in wish.kinds]
        # Most people have never said anything: for them the decision is made once.
        silent, facts_of = [_may(NOTHING_KNOWN, its) for its in of_place], known.facts

        def may(key: bytes, place: int) -> bool:
            facts = facts_of.get(key)
            if facts is None:
                return silent[place]
            its = of_place[place]
            return _may(facts, [replace(one, bypass=True) for one in its] if key in passing else its)

        columns = [KINDS.index(kind) for kind in wish.kinds]
        allowed = []
        for row, found in meant:
            if all(may(key, place) for key, place in found):
                shown: list[Any] = [None, None, None, row[-1]]
                for _, place in found:
                    shown[columns[place]] = row[1 + 2 * place]
                allowed.append(tuple(shown))
        return allowed

    def _passing(self, org: int, groups: Sequence[int], keys: Sequence[bytes]) -> Mapping[bytes, set[int]]:
        if not groups:
            return {}
        with self._database.read() as connection:
            return contacts.memberships(connection, org, groups, keys)


def _may(facts: Facts, asked: Sequence[Question]) -> bool:
    return all(decide(facts, one).allowed for one in asked)


_Meant = tuple[Any, Sequence[tuple[bytes, int]]]


def _first(row: Any) -> _Meant:
    """A contact with the address that the channel takes: its key, and the place of its kind."""
    if row[2] is not None:
        return row, ((row[2], 0),)
    return row, ((row[4], 1),)


def _every(row: Any) -> _Meant:
    """A contact with all addresses: where all channels are meant, each of them must be free."""
    return row, [(row[2 + 2 * place], place) for place in range(len(KINDS)) if row[2 + 2 * place] is not None]


def _names(text: str | None) -> tuple[str, ...]:
    """``?lists=a,b``."""
    return tuple(name for name in (text or "").split(",") if name)


def _csv(rows: Sequence[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([
        (number, email and safe_cell(email), whatsapp_id, orjson.dumps(attributes).decode() if attributes else None)
        for number, email, whatsapp_id, attributes in rows
    ])  # fmt: skip
    return text.getvalue().encode()


def _jsonl(rows: Sequence[tuple[Any, ...]]) -> bytes:
    names = (*KINDS, "attributes")
    return b"".join(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in rows)
