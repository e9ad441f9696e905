"""What workers do with imports: a slice at a time, from where the last commit left them."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import BinaryIO

from connector.domain.instants import DAY, MINUTE
from connector.domain.words import Source
from connector.engine.brought import Overtaken, Part
from connector.engine.directories import Directories
from connector.engine.fenced import Fenced
from connector.engine.ports import Clock
from connector.engine.reading import Files, Piece, ahead, pieces, records_of
from connector.engine.secrets import Secrets
from connector.engine.spoken import Manner
from connector.engine.targets import Who
from connector.engine.undoing import Undoing
from connector.store import imports
from connector.store.database import Database
from connector.store.imports import Import

_AT_ONCE = 20
#: A worker that has the file is held to begin with it so soon, and to bring it in so soon.
_BEGUN_WITHIN, _BROUGHT_WITHIN = 15 * MINUTE, DAY


class Bringing:
    """Works imports off, and takes them back."""

    def __init__(
        self, database: Database, directories: Directories, fenced: Fenced, secrets: Secrets, clock: Clock,
        files: Files, region: str | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._fenced = fenced
        self._secrets = secrets
        self._clock = clock
        self._files = files
        self._region = region
        self._undoing = Undoing(database, fenced, clock)
        self._begun_at = clock()

    def unfinished(self) -> list[int]:
        """The imports that are to be worked on."""
        with self._database.read() as connection:
            return imports.unfinished(connection, _AT_ONCE)

    def work(self, number: int, seconds: float) -> bool:
        """A slice of one import; answers whether there is more to do of it."""
        until = time.monotonic() + seconds
        of = self._found(number)
        if of is None or of.status not in imports.OPEN:
            return False
        if of.status == "undoing":
            return self._undoing.work(of, until)
        try:
            with self._files.opened(of.file) as file, _no_rings():
                return file is not None and self._bring(file, number, until)
        except FileNotFoundError:
            self._miss(of)
            return False
        except Overtaken:
            return False

    def _miss(self, of: Import) -> None:
        """The file may lie on another host, whose workers bring it in; where nobody does for long, it is lost.

        Others may have begun as late as this process, after all stood still, so they are given the time to find it.
        """
        limit = _BROUGHT_WITHIN if of.place > of.options["place"] else _BEGUN_WITHIN
        if self._clock() > max(of.created_at + limit, self._begun_at + _BEGUN_WITHIN):
            self._end(of, "failed", "no worker has found the file in its folder of imports")

    def _bring(self, file: BinaryIO, number: int, until: float) -> bool:
        of = self._found(number)  # as it is now that the file is ours
        if of is None or of.status != "running":
            return False
        directory = self._directories.current(of.org)
        into, account = directory.lists.get(of.list_id), directory.accounts.get(of.account)
        if into is None or account is None:
            self._end(of, "failed", "the list was deleted")
            return False
        who = Who(of.org, of.account, of.actor, Source.IMPORT)
        manner = Manner(of.options, account.region or self._region, of.created_at, self._clock())
        with closing(ahead(self._pieces(file, of, manner))) as coming:
            for piece in coming:
                told = self._files.tell(of.file, of.told, piece.rejected)
                moved = {
                    "place": piece.place, "line": piece.line, "told": told,
                    "rejected": of.rejected + len(piece.rejected),
                }  # fmt: skip
                part = Part(self._database, self._fenced, self._secrets, who, of, into, piece.spoken)
                of = replace(of, **(part.try_out(moved) if of.dry_run else part.write(moved)))
                if time.monotonic() > until:
                    return True
        self._end(of, "done", None)
        return False

    def _pieces(self, file: BinaryIO, of: Import, manner: Manner) -> Iterator[Piece]:
        return pieces(records_of(file, of.options, of.place, of.line), manner)

    def _end(self, of: Import, status: str, fault: str | None) -> None:
        with self._database.write() as connection:
            ended = imports.move_on(connection, of, {"status": status, "fault": fault, "finished_at": self._clock()})
        if ended:
            self._files.path(of.file).unlink(missing_ok=True)

    def _found(self, number: int) -> Import | None:
        with self._database.read() as connection:
            return imports.find(connection, number)


@contextmanager
def _no_rings() -> Iterator[None]:
    """Python does not look for objects that hold each other: rows don't, and looking takes a third of the time."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()
