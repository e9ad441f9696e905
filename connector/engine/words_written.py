"""What a change leaves in the book: lines of history, entries, facts, the outbox, and the answer to who said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.basis import IMPLIED, imply
from connector.domain.change import Change, Said, change, is_out
from connector.domain.errors import Fault
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.recipients import Batch
from connector.domain.records import OptOutList
from connector.domain.words import Channel, FactKind, State
from connector.engine.targets import Target, Who
from connector.store.book import Entry


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
    #: What a consent rests on (``domain.basis``); None where nobody says.
    basis: str | None = None
    #: Somebody typed the address in, and nobody has shown that it is theirs: such a word lifts no "no".
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one address on one list."""

    target: Target
    list: OptOutList
    change: Change
    event: int | None


def moment_of(who: Who, word: NewWord, now: int) -> int:
    """When it was said. A call that is repeated said it when it first came; a "no" holds from now, to be safe."""
    if word.occurred_at is not None:
        return word.occurred_at
    return now if who.again is None or word.state is State.OUT else min(now, who.again)


def made_once(
    made: Change, word: NewWord, at: int, lines: Mapping[int, int], stands: Entry | None, said: Mapping[int, Said]
) -> Change:
    """The change of a repeated call, without a second line where its word is written already and holds.

    ``lines``: of the caller who said the same since the call first came, the lines of history and as of when they are.
    ``stands``: the word that stands on the list and channel; only where it is one of these lines nothing is written.
    ``said``: what was said on the list, by channel: a later word on another one may overrule it.
    """
    if stands is not None and stands.event in lines and word.state is not State.CLEARED:
        overruled = any(
            one.state != word.state and one.since > stands.since for cell, one in said.items()
            if cell == word.channel or Channel.ALL in (cell, word.channel)
        )  # fmt: skip
        if overruled:
            return made if word.state is State.OUT else Change("superseded")
        return Change("already")
    if made.status == "superseded" and any(
        at == one or (word.occurred_at is None and at < one) for one in lines.values()
    ):
        return Change("superseded")
    return made


def change_by(who: Who, word: NewWord, one: OptOutList, said: Mapping[int, Said], at: int) -> Change:
    """What somebody's word changes on a list, given what was said there on each channel."""
    if word.unproven and is_out(said, word.channel):
        return Change("refused")
    if word.basis in IMPLIED:
        return imply(said, word.channel, at, word.expires_at)
    return change(
        said, word.state, word.channel, at, protect=one.protect, personal=who.personal, evidence=bool(word.evidence)
    )


def drafts_of(
    who: Who, word: NewWord, targets: Sequence[Target], chosen: Sequence[OptOutList],
    changes: Mapping[tuple[bytes, int], Change], at: int, now: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    """The lines of history and the entries that these changes make."""
    drafts: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    evidence = {**(word.evidence or {}), **resting(word.basis, word.expires_at)}
    for target in targets:
        for one in chosen:
            made = changes[target.key, one.id]
            if not made.recorded:
                continue
            drafts.append(
                draft_row(who, target, one.id, word.channel, word.state.label, at, now, word.reason, evidence)
            )
            entries.extend(
                {"org": who.organisation, "key": target.key, "list_id": one.id, "channel": channel,
                 "state": int(word.state), "since": at, "expires_at": word.expires_at}
                for channel in made.writes
            )  # fmt: skip
    return drafts, entries


def resting(basis: str | None, expires_at: int | None) -> dict[str, str]:
    """What the sealed evidence says of a consent itself: what it rests on, and when it ends."""
    said = {"basis": basis, "expires_at": rfc3339(expires_at) if expires_at is not None else None}
    return {name: value for name, value in said.items() if value is not None}


def draft_row(
    who: Who, target: Target, list_id: int | None, channel: int, state: str, at: int, now: int,
    reason: str | None, evidence: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "org": who.organisation, "bucket": target.bucket, "key": target.key, "list_id": list_id,
        "channel": int(channel), "state": state, "source": who.source.value, "actor": who.actor, "reason": reason,
        "evidence": dict(evidence or {}), "occurred_at": at, "recorded_at": now,
    }  # fmt: skip


def fact_row(org: int, key: bytes, kind: FactKind, sender: int, since: int) -> dict[str, Any]:
    return {"org": org, "key": key, "kind": int(kind), "sender": sender, "since": since}


def outbox_of(
    who: Who, changes: Mapping[tuple[bytes, int], Change], events: Mapping[tuple[bytes, int], int], now: int
) -> list[dict[str, Any]]:
    """Changes that somebody may want to hear of; a word that was said before is no news."""
    return [
        {"org": who.organisation, "event": events[key, list_id], "list_id": list_id, "created_at": now}
        for (key, list_id), made in changes.items()
        if made.status == "added"
    ]


def results_of(batch: Batch, word: NewWord, lines: Sequence[Line]) -> list[dict[str, Any]]:
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
