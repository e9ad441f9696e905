"""What is over is kept for a while and then forgotten, in slices and by one worker at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from connector.domain.instants import DAY, HOUR, MINUTE
from connector.engine.ports import Clock, Keeping
from connector.store import captures, fence, old
from connector.store.database import Connection, Database

log = structlog.get_logger()

#: How long nobody else tidies: while it works, and after it has come to the end.
_LEASE, _PAUSE = 2 * MINUTE, 30 * MINUTE
#: To look at every send takes a while, and a day more or less says nothing.
_REST = 6 * HOUR


class Tidying:
    """One round after the other; each asks anew what is too old."""

    def __init__(self, database: Database, clock: Clock, keep: Keeping) -> None:
        self._database = database
        self._clock = clock
        self._keep = keep
        self._mine = 0
        self._after = 0
        self._rests_until = 0

    def work(self, slice_s: float) -> bool:
        """Go on for so long; True where there is more to do now."""
        if not self._lease(_LEASE):
            return False
        end = time.monotonic() + slice_s
        while time.monotonic() < end:
            if not self._forget():
                self._lease(_PAUSE)
                return False
        return True

    def _lease(self, length: int) -> bool:
        now = self._clock()
        with self._database.write() as connection:
            taken = old.lease(self._database, connection, now, now + length, self._mine)
        self._mine = now + length if taken else 0
        return taken

    def _forget(self) -> bool:
        """A slice of each; whether anything is left to look at."""
        keep, gone = self._keep, 0
        with self._database.write() as connection:
            captures.forget(connection, self._clock())
        gone += self._slice(keep.answers, old.forget_answers)
        gone += self._slice(keep.deliveries, old.forget_deliveries)
        gone += self._slice(keep.texts, old.forget_texts)
        looks = bool(keep.sends) and self._clock() >= self._rests_until
        return (looks and self._forget_sends(self._clock() - keep.sends * DAY)) or bool(gone)

    def _slice(self, days: int, forget: Callable[[Connection, int], int]) -> int:
        if not days:
            return 0
        with self._database.write() as connection:
            return forget(connection, self._clock() - days * DAY)

    def _forget_sends(self, before: int) -> bool:
        if not self._after:
            self._close_broadcasts(before)
        with self._database.write() as connection:
            last, gone = old.forget_sends(connection, self._after, before)
        if gone:
            log.info("sends_forgotten", count=gone)
        self._after = last or 0
        if last is None:
            self._rests_until = self._clock() + _REST
        return last is not None

    def _close_broadcasts(self, before: int) -> None:
        """Before their sends go: nobody may be taken in a second time by a broadcast that has forgotten the first."""
        with self._database.read() as connection:
            quiet = old.quiet_broadcasts(connection, before, 100)
        for org, number in quiet:
            with self._database.write() as connection:
                fence.close_campaign(connection, number)
                if old.close_broadcast(connection, org, number, before):
                    log.info("broadcast_closed", count=1)
