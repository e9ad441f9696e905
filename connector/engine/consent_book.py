"""Words written into the book: opt-outs, removals, opt-ins, and the hard facts beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.domain.basis import IMPLIED, MONTHS, end_of
from connector.domain.change import Said
from connector.domain.errors import Fault
from connector.domain.instants import MINUTE, SECOND
from connector.domain.messages import Kind
from connector.domain.recipients import Batch
from connector.domain.records import OptOutList, Sender
from connector.domain.results import Result
from connector.domain.words import Channel, FactKind, State
from connector.engine.directories import Directories, named_lists
from connector.engine.fenced import Fenced
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, targets_of
from connector.engine.words_written import (
    Line,
    NewWord,
    change_by,
    draft_row,
    drafts_of,
    fact_row,
    made_once,
    moment_of,
    outbox_of,
    results_of,
)
from connector.store import book, erasure, hooks
from connector.store.database import Connection, Database
from connector.store.journal import Noted

#: A word may claim to be this much younger than our clock.
_SKEW = 5 * MINUTE
#: So far the clocks of two hosts may be apart.
_APART = 2 * SECOND


class ConsentBook:
    """The one place where words are written."""

    def __init__(
        self, database: Database, directories: Directories, fenced: Fenced, secrets: Secrets, clock: Clock
    ) -> None:
        self._database = database
        self._directories = directories
        self._fenced = fenced
        self._secrets = secrets
        self._clock = clock

    def record(self, who: Who, word: NewWord, batch: Batch, lists: Sequence[str]) -> Result:
        """Write one word for everyone in the batch; a "no" is answered when nothing is in flight to them any more."""
        word, faults = self.resting(who, word)
        batch.insist(word.channel, *self._from_the_future(word), *faults)
        directory = self._directories.current(who.organisation)
        chosen = named_lists(directory, who.account, lists)
        lines, keys, settled = self.write(
            who, word, targets_of(batch, word.channel, who.organisation, self._secrets.address), chosen
        )
        body = {"results": results_of(batch, word, lines), "settled": settled}
        return Result(body, None if settled else self.settlement(who.organisation, keys))

    def write(
        self, who: Who, word: NewWord, targets: Sequence[Target], chosen: Sequence[OptOutList]
    ) -> tuple[list[Line], list[bytes], bool]:
        """The word on every (address, list): what became of each, the keys concerned, and whether all is quiet."""
        lines, keys, settled = self.write_all(who, [(word, chosen)], targets)
        return lines[0], keys, settled

    def write_all(
        self, who: Who, words: Sequence[tuple[NewWord, Sequence[OptOutList]]], targets: Sequence[Target]
    ) -> tuple[list[list[Line]], list[bytes], bool]:
        """Several words, each on lists of its own, in one transaction."""
        if not targets:
            return [[] for _ in words], [], True

        def write(connection: Connection, now: int) -> list[list[Line]]:
            return [self._write(connection, who, word, targets, chosen, now) for word, chosen in words]

        if any(word.state is State.OUT for word, _ in words):
            return self._fenced.refuse(who.organisation, targets, write)
        return self._fenced.allow(who.organisation, targets, write), [], True

    def settlement(self, org: int, keys: Sequence[bytes]) -> str:
        """Where to ask whether the last hand-offs to these addresses are over."""
        token = self._secrets.serializer("settlement").dumps([org, *(key.hex() for key in keys)])
        return f"/v1/settlements/{token}"

    def set_fact(
        self, who: Who, kind: FactKind, targets: Sequence[Target], *, holds: bool, reason: str | None, sender: int = 0,
        wait: bool = True, said_at: int | None = None, evidence: Mapping[str, Any] | None = None,
    ) -> bool:  # fmt: skip
        """Write or lift a hard fact, with its line in the history; answers whether all is quiet."""
        org = who.organisation

        def write(connection: Connection, now: int) -> None:
            keys, state = [target.key for target in targets], f"{'' if holds else 'not_'}{kind.name.lower()}"
            held = set[bytes]()
            if holds:
                told = self._told_before(connection, who, keys, state, Channel.ALL)
                held = book.having_fact(connection, org, [key for key, _ in told], kind, sender)
                book.put_facts(self._database, connection, [fact_row(org, key, kind, sender, now) for key in set(keys)])
            elif not book.drop_facts(connection, org, keys, kind, sender, before=said_at):
                return  # nothing was lifted, so there is nothing to tell
            drafts = [
                draft_row(who, one, None, Channel.ALL, state, now, now, reason, evidence)
                for one in targets if one.key not in held
            ]  # fmt: skip
            self._fenced.append(connection, drafts)

        if holds:
            return self._fenced.refuse(org, targets, write, wait=wait)[2]
        self._fenced.allow(org, targets, write)
        return True

    def told(self, who: Who, kind: Kind | None, target: Target, sender: Sender, detail: str) -> None:
        """A provider says that the person opted out with it: of this sender, or of marketing on its channel."""
        if kind is Kind.OPTED_OUT:
            self.set_fact(
                who, FactKind.PROVIDER_BLOCKED, [target], holds=True, reason=detail or None, sender=sender.id,
                wait=False,
            )  # fmt: skip
        elif kind is Kind.MARKETING_STOPPED:
            word = NewWord(State.OUT, sender.channel, detail or None)
            default = self._directories.current(who.organisation).default_list(sender.account)
            self._fenced.refuse(
                who.organisation, [target], lambda db, now: self._write(db, who, word, [target], [default], now),
                wait=False,
            )  # fmt: skip

    def is_quiet(self, org: int, targets: Sequence[Target]) -> bool:
        """For an opt-out that is repeated and says nothing new: it waits like the first one."""
        return self._fenced.quiet(org, targets)

    def heard(
        self, who: Who, target: Target, sender: int, at: int, known: Callable[[Connection, int], Noted]
    ) -> Noted:  # fmt: skip
        """The person wrote to a sender: the conversation is open, unless ``known`` says what became of it before."""

        def write(connection: Connection, now: int) -> Noted:
            before = known(connection, now)
            if before.outcome is None:
                self._fenced.remember(connection, who.organisation, [target], now)
                row = fact_row(who.organisation, target.key, FactKind.HEARD, sender, at)
                book.put_facts(self._database, connection, [row])
            return before

        return self._fenced.allow_known(who.organisation, [target], write)

    def _write(
        self, connection: Connection, who: Who, word: NewWord, targets: Sequence[Target],
        chosen: Sequence[OptOutList], now: int,
    ) -> list[Line]:  # fmt: skip
        at = moment_of(who, word, now)
        unique = list({target.key: target for target in targets}.values())
        before = book.current(connection, who.organisation, [t.key for t in unique], [one.id for one in chosen])
        said: dict[tuple[bytes, int], dict[int, Said]] = {}
        for (key, list_id, channel), entry in before.items():
            said.setdefault((key, list_id), {})[channel] = Said(entry.state, entry.since, entry.expires_at)
        changes = {
            (target.key, one.id): change_by(who, word, one, said.get((target.key, one.id), {}), at)
            for target in unique
            for one in chosen
        }
        told = self._told_before(connection, who, [target.key for target in unique], word.state.label, word.channel)
        for (key, list_id), made in changes.items():
            if lines := told.get((key, list_id)):
                stands = before.get((key, list_id, int(word.channel)))
                changes[key, list_id] = made_once(made, word, at, lines, stands, said.get((key, list_id), {}))
        drafts, entries = drafts_of(who, word, unique, chosen, changes, at, now)
        numbers = self._fenced.append(connection, drafts)
        events = {(d["key"], d["list_id"]): number for d, number in zip(drafts, numbers, strict=True)}
        book.put_entries(
            self._database, connection,
            [{**entry, "event": events[entry["key"], entry["list_id"]]} for entry in entries],
        )  # fmt: skip
        if word.state is State.IN and who.personal and not word.unproven:
            for target in unique:
                if book.drop_facts(connection, who.organisation, [target.key], FactKind.ERASED, before=at):
                    erasure.remember_again(connection, who.organisation, target.key, target.address.canonical)
        if any(one.webhook_url for one in chosen) or hooks.anybody_listens(connection, who.organisation, now):
            book.put_outbox(connection, outbox_of(who, changes, events, now))
        return [
            Line(target, one, changes[target.key, one.id], events.get((target.key, one.id)))
            for target in targets
            for one in chosen
        ]

    def _told_before(
        self, connection: Connection, who: Who, keys: Sequence[bytes], state: str, channel: int
    ) -> Mapping[tuple[bytes, int | None], Mapping[int, int]]:  # fmt: skip
        """Where the first answer of a call got lost: the lines that it, or another call of its actor, has written."""
        if who.again is None:
            return {}
        org, since = who.organisation, who.again - _APART
        return book.said_since(connection, org, keys, since, actor=who.actor, state=state, channel=int(channel))

    def resting(self, who: Who, word: NewWord) -> tuple[NewWord, list[Fault]]:
        """A consent with the end that its basis gives it, and where the call contradicts itself about that."""
        faults: list[Fault] = []
        claimed = (word.evidence or {}).get("basis", word.basis)
        if claimed != word.basis and (word.basis is not None or claimed in tuple(MONTHS)):
            faults.append(Fault("/evidence/basis", "contradicts", "is not the basis that the call names"))
        if word.basis not in IMPLIED:
            return word, faults
        at = moment_of(who, word, self._clock())
        try:
            return replace(word, occurred_at=at, expires_at=end_of(word.basis, at, word.expires_at)), faults
        except ValueError as why:
            return word, [*faults, Fault("/expires_at", "contradicts", str(why))]

    def _from_the_future(self, word: NewWord) -> Iterator[Fault]:
        if word.occurred_at is not None and word.occurred_at > self._clock() + _SKEW:
            yield Fault("/occurred_at", "in_the_future", "nobody can have said it later than now")
