"""Files brought into a list: written down as they come, then worked off by workers in slices. The database is the
truth: a slice that dies is done again from where the last commit left the import.
"""

from __future__ import annotations

import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.domain.errors import Conflict, Gone, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import DAY, rfc3339
from connector.domain.records import OptOutList
from connector.domain.words import CHANNEL_NAMES, Source
from connector.engine.columns import layout
from connector.engine.directories import Directories
from connector.engine.ports import Clock, Hints
from connector.engine.reading import Files, records_of
from connector.engine.spoken import Manner, shown
from connector.engine.targets import Who
from connector.engine.upload import Stream, spool
from connector.engine.waiting import Waiting
from connector.store import identity, imports
from connector.store.database import Database
from connector.store.imports import Import

#: Files up to this size are waited for, that long.
_SMALL, _WAIT_S = 1_000_000, 3.0
#: So long the files of imports that are over are kept: uploads that a crash left, and reports of rejected rows.
_PREVIEW_BYTES, _PREVIEW_ROWS = 1_000_000, 10


@dataclass(frozen=True, slots=True)
class Wish:
    """How a caller wants a file to be read."""

    form: str
    rename: Mapping[str, str]
    preset: str | None = None
    channel: str | None = None
    dry_run: bool = False


class ListImports:
    """What callers ask of imports; ``Bringing`` is what workers do with them."""

    def __init__(
        self, database: Database, directories: Directories, clock: Clock, hints: Hints, waiting: Waiting, files: Files,
        region: str | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._clock = clock
        self._hints = hints
        self._waiting = waiting
        self._files = files
        self._region = region

    @staticmethod
    def wish(
        form: str, rename: Mapping[str, str], preset: str | None = None, channel: str | None = None, *,
        dry_run: bool = False,
    ) -> Wish:  # fmt: skip
        return Wish(form, rename, preset, channel, dry_run)

    def operator(self, actor: str) -> Who | None:
        """Somebody at the machine itself, who acts for the oldest organisation; None where there is none yet."""
        with self._database.read() as connection:
            first = identity.first_organisation(connection)
        return Who(*first, actor, Source.IMPORT) if first else None

    def preview(self, who: Who, name: str, stream: Stream, wish: Wish) -> dict[str, Any]:
        """What the file's columns are taken for and its first rows as read, without effect."""
        self._list(who, name)
        path = self._files.path(chance.token_hex(16))
        try:
            spool(stream, path, _PREVIEW_BYTES)
            options = self._options(who, path, wish)
            manner = Manner(options, self._region_of(who), 0, self._clock())
            rows = []
            with path.open("rb") as file:
                for record in records_of(file, options, options["place"], options["line"]):
                    rows.append(shown(manner.read(record), record))
                    if len(rows) == _PREVIEW_ROWS:
                        break
        finally:
            path.unlink(missing_ok=True)
        return {
            "format": options["format"], "header": options["header"], "delimiter": options.get("delimiter"),
            "columns": [{"column": theirs, "field": ours or None} for theirs, ours in options["names"].items()],
            "fields": [field for field in options.get("columns", options["names"].values()) if field],
            "rows": rows,
            "faults": [{"line": row["line"], "detail": row["fault"]} for row in rows if row["fault"]],
        }  # fmt: skip

    def begin(self, who: Who, name: str, stream: Stream, wish: Wish) -> str:
        """Take the file; answers the import's id. Workers do the rest."""
        into = self._list(who, name)
        file = chance.token_hex(16)
        path = self._files.path(file)
        try:
            size = spool(stream, path)
            options = self._options(who, path, wish)
            row = {
                "org": who.organisation, "account": who.account, "list_id": into.id, "actor": who.actor, "file": file,
                "size": size, "options": options, "dry_run": wish.dry_run, "status": "running",
                "place": options["place"], "line": options["line"], "created_at": self._clock(),
            }  # fmt: skip
            with self._database.write() as connection:
                number = imports.begin(connection, row)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._hints.go_on("bring", [number])
        return public_id("import", number)

    def ended(self, who: Who, name: str) -> bool:
        """Whether it is over and nothing is on its way any more to whom it stopped, waited for where it is small."""
        of = self._find(who, name)
        limit = _WAIT_S if of.size <= _SMALL else 0.0
        return self._waiting.until(lambda: self._is_settled(self._find(who, name)), limit)

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return self._public(self._find(who, name))

    def rejected(self, who: Who, name: str) -> tuple[Path, int]:
        """The report of rejected rows, and how many of its bytes count."""
        of = self._find(who, name)
        path = self._files.rejected(of.file)
        if of.told and not path.exists():
            raise Gone(f"Reports of rejected rows are kept for {self._files.kept} days.")
        return path, of.told

    def discard(self) -> int:
        """Delete the files of imports that were over long ago; answers how many there were."""
        if not self._files.kept:
            return 0
        old = self._files.older(self._clock() - self._files.kept * DAY)
        with self._database.read() as connection:
            needed = imports.of_files(connection, [path.name.partition(".")[0] for path in old])
        gone = [path for path in old if path.name.partition(".")[0] not in needed]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def undo(self, who: Who, name: str) -> None:
        """Take back what it wrote. A second time changes nothing; Conflict while it still goes on."""
        of = self._find(who, name)
        if of.status in ("undoing", "undone"):
            return
        if of.dry_run or of.status not in ("done", "failed"):
            why = "a dry run wrote nothing" if of.dry_run else "the import still goes on: wait until it has ended"
            raise Conflict(why, "dry_run" if of.dry_run else "import_running")
        with self._database.write() as connection:
            imports.move_on(
                connection, of,
                {"status": "undoing", "place": (of.last_event or 0) + 1, "line": 0, "actor": who.actor},
            )  # fmt: skip
        self._hints.go_on("bring", [of.id])

    def _options(self, who: Who, path: Path, wish: Wish) -> dict[str, Any]:
        if wish.channel is not None and wish.channel not in CHANNEL_NAMES:
            raise Invalid.at("/channel", "not_allowed", f"must be one of {', '.join(CHANNEL_NAMES)}")
        with path.open("rb") as file:
            options = layout(file, wish.form, wish.rename, wish.preset, self._region_of(who))
        return {**options, "preset": wish.preset, "channel": wish.channel}

    def _find(self, who: Who, name: str) -> Import:
        number = row_number("import", name)
        with self._database.read() as connection:
            found = imports.find(connection, number, who.organisation) if number else None
        if found is None:
            raise NotFound
        return found

    def _is_settled(self, of: Import) -> bool:
        if of.status in imports.OPEN:
            return False
        with self._database.read() as connection:
            return imports.is_settled(connection, of, public_id("import", of.id))

    def _list(self, who: Who, name: str) -> OptOutList:
        found = self._directories.current(who.organisation).find_list(who.account, name)
        if found is None:
            raise NotFound
        return found

    def _region_of(self, who: Who) -> str | None:
        return self._directories.kept(who.organisation).accounts[who.account].region or self._region

    def _public(self, of: Import) -> dict[str, Any]:
        into = self._directories.kept(of.org).lists.get(of.list_id)
        read = of.place / of.size if of.size and of.status == "running" else 1.0
        return {
            "id": public_id("import", of.id), "status": of.status, "list": into.public if into else None,
            "settled": self._is_settled(of), "dry_run": of.dry_run,
            "progress": round(read, 4), "rows": of.rows, "imported": of.imported,
            "already": of.already, "superseded": of.superseded, "refused": of.refused, "rejected": of.rejected,
            "undone": of.status == "undone", "taken_back": of.taken_back, "kept": of.kept, "fault": of.fault,
            "created_at": rfc3339(of.created_at), "finished_at": rfc3339(of.finished_at) if of.finished_at else None,
        }  # fmt: skip
