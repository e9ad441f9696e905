"""What a person wants to get: every list on every channel, chosen on a page and said in the person's own name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.addresses import channels_of
from connector.domain.consent import Facts, word_on
from connector.domain.errors import NotFound
from connector.domain.masking import mask
from connector.domain.records import OptOutList
from connector.domain.words import Channel, FactKind, Source, State
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.links import PREFERENCES, Link, Links
from connector.engine.opting_out import PERSON, OptingOut, account_of
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.engine.words_written import NewWord
from connector.store import identity, links_out
from connector.store.database import Database
from connector.store.directory import Directory
from connector.store.lookup import Lookup

#: The box of one list on one channel.
Cell = tuple[int, Channel]


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose, and what holds."""

    organisation: str
    address: str
    channels: tuple[Channel, ...]
    #: The default list first: it stands over all the others.
    lists: tuple[OptOutList, ...]
    on: frozenset[Cell]
    blocked: bool
    #: Whether what is off may be turned on over this link.
    both_ways: bool


class Preferences:
    """Shows the choices of a link's owner, and writes down what was changed."""

    def __init__(
        self, database: Database, directories: Directories, lookup: Lookup, book: ConsentBook, links: Links,
        out: OptingOut, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._lookup = lookup
        self._book = book
        self._links = links
        self._out = out
        self._clock = clock

    def by_token(self, token: str) -> Link:
        link = self._links.read(token, PREFERENCES)
        if link is None:
            raise NotFound
        return link

    def show(self, link: Link) -> Choices:
        """NotFound where the person was erased: of nobody there is nothing to choose."""
        with self._database.read() as connection:
            name = identity.organisation_name(connection, link.org)
            address = links_out.address_of(connection, link.org, link.key)
            known = self._lookup.known_within(connection, link.org, [link.key])
            directory = self._directories.at(link.org, known.version, connection)
        if address is None:
            raise NotFound
        facts, account = known.of(link.key), account_of(directory, link)
        default = directory.default_list(account)
        lists = (default, *(one for one in directory.lists_of(account) if one is not default))
        target = self._out.target(link)
        channels = _in_use(directory, facts, channels_of(target.address.kind), link.channel)
        states, now = directory.accounts[account].defaults, self._clock()
        on = frozenset(
            (one.id, channel)
            for one in lists
            for channel in channels
            if _is_on(facts, one, channel, states.get(channel.label, "none"), now)
        )
        blocked = any(fact.kind == FactKind.BLOCKED for fact in facts.facts)
        masked = mask(target.address.kind, address[1])
        return Choices(name, masked, channels, lists, on, blocked, link.both_ways)

    def save(self, link: Link, shown: Collection[Cell], wanted: Collection[Cell], evidence: Mapping[str, Any]) -> bool:
        """Say what differs from what was shown; whether nothing that was turned off is on its way any more."""
        directory = self._directories.current(link.org)
        account = account_of(directory, link)
        lists = {one.id: one for one in directory.lists_of(account)}
        off = [cell for cell in shown if cell not in wanted]
        on = [cell for cell in wanted if cell not in shown] if link.both_ways else []
        words = [
            (NewWord(state, channel, evidence=evidence), found)
            for state, cells in ((State.OUT, off), (State.IN, on))
            for channel in Channel
            if (found := [lists[number] for number, at in sorted(cells) if at is channel and number in lists])
        ]
        return self._write(link, account, words)

    def stop(self, link: Link) -> bool:
        """Out of everything, on every channel."""
        directory = self._directories.current(link.org)
        account = account_of(directory, link)
        return self._write(link, account, [(NewWord(State.OUT, Channel.ALL), [directory.default_list(account)])])

    def _write(self, link: Link, account: int, words: Sequence[tuple[NewWord, Sequence[OptOutList]]]) -> bool:
        if not words:
            return True
        who = Who(link.org, account, PERSON, Source.LINK)
        return self._book.write_all(who, words, [self._out.target(link)])[2]


def _in_use(
    directory: Directory, facts: Facts, possible: Sequence[Channel], own: Channel
) -> tuple[Channel, ...]:  # fmt: skip
    """The channels somebody sends on here, or about which the person has spoken, among those that reach the address."""
    used = {sender.channel for sender in directory.senders.values()} | {word.channel for word in facts.words} | {own}
    return tuple(channel for channel in possible if channel in used) or tuple(possible)


def _is_on(facts: Facts, one: OptOutList, channel: Channel, default: str, now: int) -> bool:
    """Whether the list's messages come on the channel, as far as the list alone decides it."""
    word = word_on(facts, one.id, channel)
    if word is None or word.state == State.CLEARED:
        return default != "out" or not one.is_default
    ended = word.expires_at is not None and word.expires_at <= now
    return word.state == State.IN and not ended


def wording(text: str) -> dict[str, str]:
    """The evidence of what somebody read: the words, and the name of this version of them."""
    return {"text_shown": text, "version": hashlib.sha256(text.encode()).hexdigest()[:16]}
