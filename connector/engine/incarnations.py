"""This process among the living: the incarnation whose lock says that what it has in hand is in good hands."""

from __future__ import annotations

import contextlib
import threading
import time

from connector.domain.errors import HeedError
from connector.engine.ports import Clock
from connector.store.database import Database
from connector.store.liveness import Incarnation

#: How often a worker writes down that it looks for work, seconds.
BEAT_S = 5.0


class Incarnations:
    """The present incarnation of this process, begun when it is first needed."""

    def __init__(self, database: Database, role: str, clock: Clock) -> None:
        self._database, self._role, self._clock = database, role, clock
        self._present: Incarnation | None = None
        self._lock = threading.Lock()
        self._beaten, self._told = -BEAT_S, 0

    def token(self) -> int:
        with self._lock:
            if self._present is not None and not self._present.holds():
                self._present.close()
                self._present = None
            if self._present is None:
                self._present = Incarnation(self._database, self._role, self._clock())
            return self._present.token

    def beat(self) -> None:
        """Say now and then that this process looks for work."""
        token = self.token()
        if time.monotonic() < self._beaten + BEAT_S and token == self._told:
            return
        present = self._present  # written without the lock: who asks for the token must not wait for the database
        if present is not None:
            present.tick(self._clock())
        self._beaten, self._told = time.monotonic(), token

    def farewell(self) -> None:
        """This process ends by its own will."""
        with self._lock:
            if self._present is not None:
                with contextlib.suppress(HeedError):  # a database that is away learns of it from the lock
                    self._present.bid_farewell(self._clock())
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._present is not None:
                self._present.close()
                self._present = None
