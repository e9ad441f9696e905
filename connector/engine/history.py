"""The history read back: every chain verified, and the proof of one address's consent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from connector.domain.basis import basis_of
from connector.domain.errors import Invalid
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.recipients import Batch
from connector.domain.words import Channel, State
from connector.engine.asking import Asking, line_of
from connector.engine.directories import Directories
from connector.engine.ports import Clock
from connector.engine.seal import sign, verify
from connector.engine.secrets import Secrets
from connector.engine.targets import Who, target_of
from connector.store import chains, identity
from connector.store.book import Head
from connector.store.chains import Told
from connector.store.database import Database
from connector.store.directory import Directory

#: So many breaches are named in a proof; all of them are counted.
_NAMED = 100


@dataclass(slots=True)
class Walk:
    """One chain as it passes by: how many lines there were, and those about one address. The rest is not kept."""

    key: bytes
    lines: int = 0
    mine: list[Any] = field(default_factory=list)

    def over(self, chain: Iterable[Any]) -> Iterator[Any]:
        for line in chain:
            self.lines += 1
            if line.key == self.key:
                self.mine.append(line)
            yield line


class History:
    """Reads and verifies; writes nothing."""

    def __init__(
        self, database: Database, asking: Asking, directories: Directories, secrets: Secrets, clock: Clock
    ) -> None:
        self._database = database
        self._asking = asking
        self._directories = directories
        self._secrets = secrets
        self._clock = clock

    def verify_all(self) -> dict[str, Any]:
        """Walk every chain of every organisation: how many lines there are, and every place that does not fit."""
        with self._database.read() as connection:
            every = chains.chains(connection)
        lines, breaches = 0, []
        for org, bucket in every:
            walk = Walk(b"")
            with self._database.snapshot() as connection:
                head = chains.head(connection, org, bucket)
                found = verify(
                    self._secrets.history, org, bucket, walk.over(chains.chain(connection, org, bucket)), head
                )
                breaches += [
                    {"organisation": public_id("organisation", org), "bucket": bucket, "line": one.seq,
                     "detail": one.detail}
                    for one in found
                ]  # fmt: skip
            lines += walk.lines
        return {"lines": lines, "breaches": breaches}

    def proof(self, who: Who, batch: Batch) -> dict[str, Any]:
        """What is known of one address now, every line behind it, and whether their chain is whole; of one moment."""
        people = [(person, address) for person in batch.people for address in person.addresses]
        if len(people) != 1:
            raise Invalid.at("", "one_address", "give one address: a number, an email or a whatsapp_id")
        target, org = target_of(*people[0], who.organisation, self._secrets.address), who.organisation
        walk, breaches, count = Walk(target.key), list[dict[str, Any]](), 0
        with self._database.snapshot() as connection:
            profile = self._asking.profile_within(connection, who, batch)
            words = chains.words_told(connection, org, [target.key])
            head = chains.head(connection, org, target.bucket)
            chain = walk.over(chains.chain(connection, org, target.bucket))
            for count, one in enumerate(verify(self._secrets.history, org, target.bucket, chain, head), start=1):
                if count <= _NAMED:
                    breaches.append({"line": one.seq, "detail": one.detail})
            name = identity.organisation_name(connection, org)
        directory = self._directories.current(org)
        stray = list(_stray(directory, who, words, {line.id: line for line in walk.mine}))
        hidden = frozenset(directory.foreign_lists(who.account))
        return {
            "address": profile["addresses"][0],
            "organisation": {"id": public_id("organisation", org), "name": name},
            "account": {"id": public_id("account", who.account), "name": directory.accounts[who.account].name},
            "asked_by": who.actor, "generated_at": rfc3339(self._clock()),
            **{part: profile[part] for part in ("blocked", "channels", "lists")},
            "events": [_event(directory, line) for line in walk.mine if line.list_id not in hidden],
            "integrity": {
                "whole": not count and not stray, "bucket": target.bucket, "lines": walk.lines,
                "breach_count": count + len(stray), "breaches": [*breaches, *stray],
                "head": self._head(org, target.bucket, head),
            },
        }  # fmt: skip

    def _head(self, org: int, bucket: int, head: Any | None) -> dict[str, Any] | None:
        """The signed end of the chain; None where nothing was ever written into it."""
        if head is None:
            return None
        mine = sign(self._secrets.history, org, bucket, Head(head.seq, head.seal))
        return {
            "line": head.seq, "seal": head.seal.hex(), "signature": head.signature.hex(),
            "signature_valid": compare_digest(mine, head.signature),
        }  # fmt: skip


def _event(directory: Directory, line: Any) -> dict[str, Any]:
    return {
        **line_of(directory, line), "line": line.seq, "basis": basis_of(line.evidence), "erased": line.salt == b"",
    }  # fmt: skip


def _stray(directory: Directory, who: Who, words: Iterable[Told], lines: dict[int, Any]) -> Iterator[dict[str, Any]]:
    """Present words that are not what their sealed line says: they stand in a table that can be changed by itself."""
    seen = {one.id for one in directory.lists_of(who.account)}
    for word in words:
        line = lines.get(word.event)
        if word.list_id in seen and (line is None or not _says(line, word)):
            where = f"{directory.lists[word.list_id].key}, {Channel(word.channel).label}"
            yield {
                "line": line.seq if line is not None else None,
                "detail": f"what holds now ({where}) is not what its line of the history says",
            }


def _says(line: Any, word: Told) -> bool:
    evidence = line.evidence or {}
    end = rfc3339(word.expires_at) if word.expires_at is not None else None
    # A word that was carried to another list may count from later there; of one that was erased nothing else is left.
    freely = "from_list" in evidence or line.salt == b""
    return (
        line.list_id == word.list_id
        and line.channel in (word.channel, Channel.ALL)
        and line.state == State(word.state).label
        and (line.occurred_at == word.since or freely)
        and (end == evidence.get("expires_at") or freely or line.state != State.IN.label)
    )
