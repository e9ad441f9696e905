"""An import taken back: each of its words that still stands, from the last to the first, and nothing said since."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from connector.domain.ids import public_id
from connector.domain.words import Source, State
from connector.engine.fenced import Fenced
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import book, imports
from connector.store.database import Connection, Database
from connector.store.imports import Import, Written

_PART = 4_000


class Undoing:
    """Gives every cell the word that stood there before, or the opt-out that was said since."""

    def __init__(self, database: Database, fenced: Fenced, clock: Clock) -> None:
        self._database = database
        self._fenced = fenced
        self._clock = clock

    def work(self, of: Import, until: float) -> bool:
        """A slice; answers whether there is more to do."""
        name = public_id("import", of.id)
        while True:
            with self._database.read() as connection:
                mine, last = imports.events_of(connection, of, name, _PART)
            if last is None:
                with self._database.write() as connection:
                    imports.move_on(connection, of, {"status": "undone", "finished_at": self._clock()})
                return False
            moved = self._take_back(of, name, mine, last)
            if moved is None:
                return False
            of = replace(of, **moved)
            if time.monotonic() > until:
                return True

    def _take_back(self, of: Import, name: str, mine: list[Any], last: int) -> dict[str, Any] | None:
        """One page. It is left behind only when nothing of it stands any more: a cell may hold several of its words."""
        who = Who(of.org, of.account, of.actor, Source.IMPORT)
        lines = {row.id: row for row in mine}

        def taken_back(connection: Connection, now: int) -> dict[str, Any] | None:
            standing = imports.standing(connection, of, lines)
            values: dict[str, Any] = {"place": last} if not standing else {"line": of.line + 1}
            if standing:
                kept = self._restore(connection, of, name, standing)
                now = self._clock()
                self._fenced.append(connection, [_draft(who, of, name, one, now) for one in standing])
                values |= {"taken_back": of.taken_back + len(standing) - kept, "kept": of.kept + kept}
            return values if imports.move_on(connection, of, values) else None

        # A "no" that stands again is a refusal as any other: what is pending is taken back.
        return self._fenced.refuse_known(of.org, {row.key: row.bucket for row in mine}, taken_back)

    def _restore(self, connection: Connection, of: Import, name: str, standing: list[Written]) -> int:
        """Answers how many opt-outs stay, since others have said them since."""
        said = {
            (row.key, row.channel): row
            for row in imports.later_outs(connection, of, sorted({one.key for one in standing}))
            if (row.evidence or {}).get("import") != name
        }
        rows, gone, kept = [], [], 0
        for one in standing:
            since = said.get((one.key, one.channel))
            before = one.evidence.get("before", {}).get(str(one.channel))
            if since is not None and since.id > one.event:
                word, kept = [int(State.OUT), since.occurred_at, None, since.id], kept + 1
            elif before is not None:
                word = before
            else:
                gone.append((one.key, one.channel))
                continue
            rows.append({
                "org": of.org, "key": one.key, "list_id": of.list_id, "channel": one.channel,
                **dict(zip(("state", "since", "expires_at", "event"), word, strict=True)),
            })  # fmt: skip
        book.put_entries(self._database, connection, rows)
        imports.drop_entries(connection, of, gone)
        return kept


def _draft(who: Who, of: Import, name: str, one: Written, now: int) -> dict[str, Any]:
    return {
        "org": of.org, "bucket": one.bucket, "key": one.key, "list_id": of.list_id, "channel": one.channel,
        "state": "undone", "source": who.source.value, "actor": who.actor, "reason": "the import was undone",
        "evidence": {"undone": name, "event": public_id("event", one.event)}, "occurred_at": now, "recorded_at": now,
    }  # fmt: skip
