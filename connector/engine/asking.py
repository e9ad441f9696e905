"""Questions put to the book: may a message go, and what did a person say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.domain.addresses import Address, address_key
from connector.domain.basis import basis_of
from connector.domain.consent import INVALID_ADDRESS, Facts, Question, Reason, decide, word_on
from connector.domain.frequency import Cap, capped
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.recipients import Batch, Recipient
from connector.domain.results import Result
from connector.domain.words import Channel, FactKind, Purpose, State
from connector.engine import meters
from connector.engine.bypassing import named_groups
from connector.engine.calm import counted_back
from connector.engine.directories import Directories, named_lists
from connector.engine.judge import public_reason
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Who
from connector.store import book, chains, contacts
from connector.store.database import Connection, Database
from connector.store.directory import Directory
from connector.store.lookup import Known, Lookup

_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.ALL)


class Asking:
    """Answers without effect. A question yields a decision and never the right to send."""

    def __init__(
        self, database: Database, directories: Directories, lookup: Lookup, secrets: Secrets, clock: Clock
    ) -> None:
        self._database = database
        self._directories = directories
        self._lookup = lookup
        self._secrets = secrets
        self._clock = clock

    def ask(
        self, who: Who, batch: Batch, channel: Channel, lists: Sequence[str], purpose: Purpose,
        require_opt_in: bool | str, bypass_groups: Sequence[str],
    ) -> Result:  # fmt: skip
        """One statement for the whole batch, one decision for each address and channel."""
        secret = self._secrets.address
        keyed = [[(address, address_key(address, secret)) for address in one.addresses] for one in batch.people]
        now = self._clock()
        known, directory = self._known(who, [key for addresses in keyed for _, key in addresses], purpose, now)
        cap = directory.accounts[who.account].frequency_cap
        questions = questions_of(directory, who.account, channel, lists, purpose, require_opt_in, now)
        passing = self._passing(directory, bypass_groups, [key for addresses in keyed for _, key in addresses])
        decisions = [
            _decide(person, addresses, channel, questions, known, passing, cap, who.account)
            for person, addresses in zip(batch.people, keyed, strict=True)
        ]
        meters.decided("check", decisions)
        checked = rfc3339(now)
        if batch.single:
            return Result({**_public(directory, decisions[0]), "checked_at": checked})
        rows = [
            {"recipient": person.public, **_public(directory, reasons)}
            for person, reasons in zip(batch.people, decisions, strict=True)
        ]
        allowed = sum(not reasons for reasons in decisions)
        counts = {"allowed_count": allowed, "refused_count": len(rows) - allowed}
        return Result({**counts, "decisions": rows, "checked_at": checked})

    def _known(self, who: Who, keys: Sequence[bytes], purpose: Purpose, now: int) -> tuple[Known, Directory]:
        """What is known, with what they were sent where the account counts that; one statement."""
        back = counted_back(self._directories.kept(who.organisation), who.account, purpose)
        while True:
            known = self._lookup.known(who.organisation, keys, now - back if back else None)
            directory = self._directories.at(who.organisation, known.version)
            if (found := counted_back(directory, who.account, purpose)) <= back:
                return known, directory
            back = found  # a cap was set since we last looked

    def _passing(self, directory: Directory, names: Sequence[str], keys: Sequence[bytes]) -> Mapping[bytes, set[int]]:
        """Who of them is in one of the bypass groups named."""
        if not names:
            return {}
        groups = named_groups(directory, names)
        with self._database.read() as connection:
            return contacts.memberships(connection, directory.organisation, groups, keys)

    def profile(self, who: Who, batch: Batch) -> dict[str, Any]:
        """All that is known of one person: flags per channel, lists, blocks."""
        with self._database.read() as connection:
            return self.profile_within(connection, who, batch)

    def profile_within(self, connection: Connection, who: Who, batch: Batch) -> dict[str, Any]:
        """The same, as a transaction sees it."""
        (person,) = batch.people
        keys = [address_key(address, self._secrets.address) for address in person.addresses]
        known = self._lookup.known_within(connection, who.organisation, keys)
        directory = self._directories.at(who.organisation, known.version)
        words = chains.words_told(connection, who.organisation, keys)
        facts = _together([known.of(key) for key in keys])
        default = directory.default_list(who.account)
        defaults = directory.accounts[who.account].defaults
        told = {(word.list_id, word.channel): word for word in words}
        seen = {one.id for one in directory.lists_of(who.account)}
        return {
            "addresses": [{"kind": a.kind.value, "value": a.wire} for a in person.addresses],
            "blocked": any(fact.kind == FactKind.BLOCKED for fact in facts.facts),
            "channels": {
                channel.label: _flag(facts, default.id, channel, defaults.get(channel.label, "none"), told)
                for channel in _CHANNELS
                if any(address.fits(channel) for address in person.addresses)
            },
            "lists": [
                {**directory.lists[word.list_id].public, "channel": Channel(word.channel).label,
                 "state": State(word.state).label, "since": rfc3339(word.since),
                 "expires_at": _when(word.expires_at), "basis": basis_of(word.evidence)}
                for word in words
                if word.list_id in seen
            ],
        }  # fmt: skip

    def history(self, who: Who, batch: Batch, limit: int, before: int | None = None) -> Result:
        """What was said of a person, newest first."""
        batch.insist(Channel.ALL)
        keys = [address_key(a, self._secrets.address) for person in batch.people for a in person.addresses]
        directory = self._directories.current(who.organisation)
        with self._database.read() as connection:
            hidden = directory.foreign_lists(who.account)
            events = book.history(connection, who.organisation, keys, limit, before, hidden)
        rows = [line_of(directory, event) for event in events]
        profile = self.profile(who, batch) if batch.single else {"channels": {}, "lists": []}
        return Result({"events": rows, "channels": profile["channels"], "lists": profile["lists"]})


def questions_of(
    directory: Directory, account: int, channel: Channel, lists: Sequence[str], purpose: Purpose,
    require_opt_in: bool | str, now: int,
) -> dict[Channel, Question]:  # fmt: skip
    """What a call asks about each channel."""
    chosen = named_lists(directory, account, lists)
    default = directory.default_list(account).id
    governing = frozenset({default, *(one.id for one in chosen)})
    states = directory.accounts[account].defaults
    return {
        one: Question(
            one, governing, default, now, purpose=purpose, require_opt_in=require_opt_in,
            default_state=states.get(one.label, "none"),
        )
        for one in (_CHANNELS if channel is Channel.ALL else (channel,))
    }  # fmt: skip


def _decide(
    person: Recipient, addresses: Sequence[tuple[Address, bytes]], channel: Channel,
    questions: Mapping[Channel, Question], known: Known, passing: Mapping[bytes, set[int]], cap: Cap | None,
    account: int,
) -> list[Reason]:  # fmt: skip
    """Every reason against any of the person's addresses on any channel asked for, each once."""
    if any(person.faults(channel)):
        return list(INVALID_ADDRESS.reasons)
    reasons: dict[Reason, None] = {}
    for address, key in addresses:
        facts = known.of(key)
        for one in address.channels if channel is Channel.ALL else (channel,):
            question = replace(questions[one], bypass=True) if key in passing else questions[one]
            hold = capped(facts, cap, account, question.now)
            for reason in decide(facts._replace(holds=(hold,)) if hold else facts, question).reasons:
                reasons[reason] = None
    return list(reasons)


def _public(directory: Directory, reasons: list[Reason]) -> dict[str, Any]:
    return {"allowed": not reasons, "reasons": [public_reason(directory, reason) for reason in reasons]}


def line_of(directory: Directory, event: Any) -> dict[str, Any]:
    """A line of the history as callers read it."""
    return {
        "id": public_id("event", event.id), "at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.recorded_at), "list": _list(directory, event.list_id),
        "channel": Channel(event.channel).label, "state": event.state, "source": event.source,
        "reason": event.reason, "actor": event.actor, "evidence": dict(event.evidence or {}),
    }  # fmt: skip


def _list(directory: Directory, number: int | None) -> dict[str, str] | None:
    found = directory.lists.get(number) if number else None
    return found.public if found else None


def _together(several: Sequence[Facts]) -> Facts:
    return Facts(
        tuple(word for facts in several for word in facts.words),
        tuple(fact for facts in several for fact in facts.facts),
    )


def _flag(
    facts: Facts, default_list: int, channel: Channel, default: str, told: Mapping[tuple[int, int], chains.Told]
) -> dict[str, Any]:
    word = word_on(facts, default_list, channel)
    if word is None:
        never: dict[str, Any] = dict.fromkeys(("since", "source", "expires_at", "basis"))
        return {"state": default, "default": default, **never}
    line = told.get((default_list, word.channel))
    return {
        "state": State(word.state).label, "default": default, "since": rfc3339(word.since),
        "source": line.source if line else None, "expires_at": _when(word.expires_at),
        "basis": basis_of(line.evidence) if line else None,
    }  # fmt: skip


def _when(instant: int | None) -> str | None:
    return rfc3339(instant) if instant is not None else None
