"""Words written into the book: opt-outs, removals, opt-ins, and the hard facts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.change import Change, Said, change
from connector.domain.errors import Fault, Invalid
from connector.domain.ids import public_id
from connector.domain.instants import MINUTE
from connector.domain.recipients import Batch
from connector.domain.records import OptOutList
from connector.domain.words import Channel, FactKind, State
from connector.engine.directories import Directories, named_lists
from connector.engine.fenced import Fenced
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, targets_of
from connector.sdk import Result
from connector.store import book
from connector.store.database import Connection, Database

#: A word may claim to be this much younger than our clock.
_SKEW = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class NewWord:
    """What somebody says about a batch of addresses."""

    state: State
    channel: Channel
    reason: str | None = None
    #: When it was said; now, where nobody says otherwise.
    occurred_at: int | None = None
    evidence: Mapping[str, Any] | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one address on one list."""

    target: Target
    list: OptOutList
    change: Change
    event: int | None


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
        batch.insist(word.channel)
        directory = self._directories.current(who.organisation)
        chosen = named_lists(directory, who.account, lists)
        self._refuse_the_future(word)
        lines, keys, settled = self.write(
            who, word, targets_of(batch, word.channel, who.organisation, self._secrets.address), chosen
        )
        body = {"results": _results(batch, word, lines), "settled": settled}
        return Result(body, None if settled else self.settlement(who.organisation, keys))

    def write(
        self, who: Who, word: NewWord, targets: Sequence[Target], chosen: Sequence[OptOutList]
    ) -> tuple[list[Line], list[bytes], bool]:
        """The word on every (address, list): what became of each, the keys concerned, and whether all is quiet."""
        if not targets:
            return [], [], True

        def write(connection: Connection, now: int) -> list[Line]:
            return self._write(connection, who, word, targets, chosen, now)

        if word.state is State.OUT:
            return self._fenced.refuse(who.organisation, targets, write)
        return self._fenced.allow(who.organisation, targets, write), [], True

    def settlement(self, org: int, keys: Sequence[bytes]) -> str:
        """Where to ask whether the last hand-offs to these addresses are over."""
        token = self._secrets.serializer("settlement").dumps([org, *(key.hex() for key in keys)])
        return f"/v1/settlements/{token}"

    def set_fact(
        self, who: Who, kind: FactKind, targets: Sequence[Target], *, holds: bool, reason: str | None, sender: int = 0
    ) -> bool:
        """Write or lift a hard fact, with its line in the history; answers whether all is quiet."""
        org = who.organisation

        def write(connection: Connection, now: int) -> None:
            keys = [target.key for target in targets]
            if holds:
                book.put_facts(self._database, connection, [_fact(org, key, kind, sender, now) for key in set(keys)])
            elif not book.drop_facts(connection, org, keys, kind, sender):
                return  # nothing was lifted, so there is nothing to tell
            state = kind.name.lower() if holds else f"not_{kind.name.lower()}"
            drafts = [_draft(who, one, None, Channel.ALL, state, now, now, reason, None) for one in targets]
            self._fenced.append(connection, drafts)

        if holds:
            return self._fenced.refuse(org, targets, write)[2]
        self._fenced.allow(org, targets, write)
        return True

    def heard(self, who: Who, target: Target, sender: int, at: int) -> None:
        """The person wrote to a sender: the conversation is open."""

        def write(connection: Connection, _now: int) -> None:
            row = _fact(who.organisation, target.key, FactKind.HEARD, sender, at)
            book.put_facts(self._database, connection, [row])

        self._fenced.allow(who.organisation, [target], write)

    def _write(
        self, connection: Connection, who: Who, word: NewWord, targets: Sequence[Target],
        chosen: Sequence[OptOutList], now: int,
    ) -> list[Line]:  # fmt: skip
        at = word.occurred_at if word.occurred_at is not None else now
        unique = list({target.key: target for target in targets}.values())
        before = book.current(connection, who.organisation, [t.key for t in unique], [one.id for one in chosen])
        said: dict[tuple[bytes, int], dict[int, Said]] = {}
        for (key, list_id, channel), entry in before.items():
            said.setdefault((key, list_id), {})[channel] = Said(entry.state, entry.since)
        changes = {
            (target.key, one.id): change(
                said.get((target.key, one.id), {}), word.state, word.channel, at,
                protect=one.protect, personal=who.personal, evidence=bool(word.evidence),
            )
            for target in unique
            for one in chosen
        }  # fmt: skip
        drafts, entries = _drafts(who, word, unique, chosen, changes, at, now)
        numbers = self._fenced.append(connection, drafts)
        events = {(d["key"], d["list_id"]): number for d, number in zip(drafts, numbers, strict=True)}
        book.put_entries(
            self._database, connection,
            [{**entry, "event": events[entry["key"], entry["list_id"]]} for entry in entries],
        )  # fmt: skip
        if word.state is State.IN and who.personal:
            book.drop_facts(connection, who.organisation, [t.key for t in unique], FactKind.ERASED)
        book.put_outbox(connection, _outbox(who, changes, chosen, events, now))
        return [
            Line(target, one, changes[target.key, one.id], events.get((target.key, one.id)))
            for target in targets
            for one in chosen
        ]

    def _refuse_the_future(self, word: NewWord) -> None:
        if word.occurred_at is not None and word.occurred_at > self._clock() + _SKEW:
            raise Invalid.at("/occurred_at", "in_the_future", "nobody can have said it later than now")


def _drafts(
    who: Who, word: NewWord, targets: Sequence[Target], chosen: Sequence[OptOutList],
    changes: Mapping[tuple[bytes, int], Change], at: int, now: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    """The lines of history and the entries that these changes make."""
    drafts, entries = [], []
    for target in targets:
        for one in chosen:
            made = changes[target.key, one.id]
            if not made.recorded:
                continue
            drafts.append(
                _draft(who, target, one.id, word.channel, word.state.label, at, now, word.reason, word.evidence)
            )
            entries.extend(
                {"org": who.organisation, "key": target.key, "list_id": one.id, "channel": channel,
                 "state": int(word.state), "since": at, "expires_at": word.expires_at}
                for channel in made.writes
            )  # fmt: skip
    return drafts, entries


def _draft(
    who: Who, target: Target, list_id: int | None, channel: int, state: str, at: int, now: int,
    reason: str | None, evidence: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "org": who.organisation, "bucket": target.bucket, "key": target.key, "list_id": list_id,
        "channel": int(channel), "state": state, "source": who.source.value, "actor": who.actor, "reason": reason,
        "evidence": dict(evidence or {}), "occurred_at": at, "recorded_at": now,
    }  # fmt: skip


def _fact(org: int, key: bytes, kind: FactKind, sender: int, since: int) -> dict[str, Any]:
    return {"org": org, "key": key, "kind": int(kind), "sender": sender, "since": since}


def _outbox(
    who: Who, changes: Mapping[tuple[bytes, int], Change], chosen: Sequence[OptOutList],
    events: Mapping[tuple[bytes, int], int], now: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """Events on their way to the webhooks of their lists."""
    listening = {one.id for one in chosen if one.webhook_url}
    return [
        {"org": who.organisation, "event": events[key, list_id], "list_id": list_id, "created_at": now}
        for (key, list_id), made in changes.items()
        if list_id in listening and made.writes and made.status != "already"
    ]


def _results(batch: Batch, word: NewWord, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """One line for each (person, address, list) in the order of the call, faulty people among them."""
    of: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        of.setdefault(line.target.person.pointer, []).append(
            {
                line.target.address.kind.value: line.target.address.wire, "list": line.list.public,
                "channel": word.channel.label, "status": line.change.status,
                "event": public_id("event", line.event) if line.event else None,
            }
        )  # fmt: skip
    return [row for person in batch.people for row in of.get(person.pointer) or [rejected(person, word.channel)]]


def rejected(person: Any, channel: Channel) -> dict[str, Any]:
    """Somebody in a batch whose address can't be used."""
    faults: list[Fault] = list(person.faults(channel))
    return {**person.public, "status": "rejected", "errors": [{"code": f.code, "detail": f.detail} for f in faults]}
