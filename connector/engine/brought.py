"""A part of a file written into the book: one transaction, which also moves the import on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from connector.domain.change import Said
from connector.domain.ids import public_id
from connector.domain.importing import COUNTED, imported
from connector.domain.recipients import Recipient
from connector.domain.records import OptOutList
from connector.domain.words import State
from connector.engine.fenced import Fenced
from connector.engine.secrets import Secrets
from connector.engine.spoken import Spoken
from connector.engine.targets import Target, Who, keys_of, target_of
from connector.engine.words_written import draft_row, resting
from connector.store import book, hooks, imports
from connector.store.database import Connection, Database
from connector.store.imports import Import

#: Where a row names several addresses, it counts as the first of these.
_RANK = ("imported", "refused", "superseded", "already")
# Python 3.11 takes its time to look up a member of an enumeration.
_OUT, _IN = State.OUT, State.IN
#: Whom a row is about is told by its line.
_NOBODY = Recipient((), {}, "")
_LABELS = {state: state.label for state in State}


class Overtaken(Exception):
    """Another worker has moved this import on."""


class Part:
    """Up to a few thousand rows of one import, on their way into the list."""

    def __init__(
        self, database: Database, fenced: Fenced, secrets: Secrets, who: Who, of: Import, into: OptOutList,
        rows: Sequence[Spoken],
    ) -> None:  # fmt: skip
        self._database = database
        self._fenced = fenced
        self._who = who
        self._of = of
        self._list = into
        self._rows = rows
        self._name = public_id("import", of.id)
        places = [
            (target_of(_NOBODY, address, who.organisation, secrets.address), index)
            for index, row in enumerate(rows)
            for address in row.addresses.values()
        ]
        # By bucket and then by address, the rows of one address in the order of the file.
        self._places = sorted(places, key=lambda place: (place[0].bucket, place[0].key))
        self._targets = [target for target, _ in self._places]

    def write(self, moved: dict[str, Any]) -> dict[str, Any]:
        """Write the words and move on; answers what has changed of the import. Overtaken where somebody was faster."""

        def written(connection: Connection, now: int) -> dict[str, Any]:
            values = {**moved, **self._write(connection, now)}
            self._move(connection, values)
            return values

        if self._targets:
            return self._fenced.refuse(self._who.organisation, self._targets, written, wait=False)[0]
        with self._database.write() as connection:
            self._move(connection, moved)
        return moved

    def try_out(self, moved: dict[str, Any]) -> dict[str, Any]:
        """The same counts without a word written."""
        with self._database.read() as connection:
            outcomes = self._changes(connection)[0]
        values = {**moved, **self._counted(outcomes)}
        with self._database.write() as connection:
            self._move(connection, values)
        return values

    def _move(self, connection: Connection, values: dict[str, Any]) -> None:
        if not imports.move_on(connection, self._of, values):
            raise Overtaken

    def _write(self, connection: Connection, now: int) -> dict[str, Any]:
        outcomes, drafts, cells, told = self._changes(connection, now)
        numbers = self._fenced.append(connection, drafts)
        for index, row in cells.values():
            row["event"] = numbers[index]
        book.put_entries(self._database, connection, [row for _, row in cells.values()])
        if told and (self._list.webhook_url or hooks.anybody_listens(connection, self._who.organisation, now)):
            book.put_outbox(connection, [
                {"org": self._who.organisation, "event": numbers[index], "list_id": self._list.id, "created_at": now}
                for index in told
            ])  # fmt: skip
        values: dict[str, Any] = self._counted(outcomes)
        if numbers:
            values["last_event"] = max(numbers)
            values["first_event"] = self._of.first_event or min(numbers)
        return values

    def _counted(self, outcomes: Sequence[str]) -> dict[str, Any]:
        counts = Counter(outcomes)
        return {name: getattr(self._of, name) + counts[name] for name in _RANK}

    def _changes(
        self, connection: Connection, now: int = 0
    ) -> tuple[list[str], list[dict[str, Any]], dict[Any, tuple[int, dict[str, Any]]], list[int]]:
        """What becomes of each row, the lines of history, the entries with the line each is from, and what is news."""
        org, into = self._who.organisation, self._list
        before = book.current(connection, org, keys_of(self._targets), [into.id])
        said: dict[bytes, dict[int, Said]] = {}
        for (key, _, channel), entry in before.items():
            said.setdefault(key, {})[channel] = Said(entry.state, entry.since, entry.expires_at)
        lifting = {target.key for target, index in self._places if self._rows[index].state is not _OUT}
        erased = imports.erased(connection, org, sorted(lifting)) if lifting else set()
        outcomes: list[str | None] = [None] * len(self._rows)
        drafts: list[dict[str, Any]] = []
        cells: dict[tuple[bytes, int], tuple[int, dict[str, Any]]] = {}
        told: list[int] = []
        for target, index in self._places:
            row, key = self._rows[index], target.key
            mine = said.get(key)
            if mine is None:
                mine = said[key] = {}
            made = imported(
                mine, row.state, row.channel, row.at, dated=row.dated, reason=row.reason is not None,
                protect=into.protect, erased=key in erased, basis=row.basis, end=row.expires_at,
            )  # fmt: skip
            outcomes[index] = _first(outcomes[index], COUNTED[made.status])
            if not made.recorded:
                continue
            if made.status == "added":
                told.append(len(drafts))
            evidence: dict[str, Any] = {"import": self._name, "line": row.line}
            if row.state is _IN:
                evidence |= resting(row.basis, row.expires_at)
            state = int(row.state)
            for channel in made.writes:
                if (word := before.get((key, into.id, channel))) is not None:
                    stood = evidence.setdefault("before", {})
                    stood[str(channel)] = [word.state, word.since, word.expires_at, word.event]
                mine[channel] = Said(state, row.at, row.expires_at)
                cells[key, channel] = (len(drafts), {
                    "org": org, "key": key, "list_id": into.id, "channel": channel,
                    "state": state, "since": row.at, "expires_at": row.expires_at,
                })  # fmt: skip
            drafts.append(self._draft(target, row, evidence, now))
        return [outcome or "already" for outcome in outcomes], drafts, cells, told

    def _draft(self, target: Target, row: Spoken, evidence: dict[str, Any], now: int) -> dict[str, Any]:
        return draft_row(
            self._who, target, self._list.id, row.channel, _LABELS[row.state], row.at, now, row.reason, evidence
        )


def _first(one: str | None, other: str) -> str:
    return other if one is None else min(one, other, key=_RANK.index)
