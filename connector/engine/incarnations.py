"""This process among the living: the incarnation whose lock says that what it has in hand is in good hands."""

from __future__ import annotations

import threading

from connector.engine.ports import Clock
from connector.store.database import Database
from connector.store.liveness import Incarnation


class Incarnations:
    """The present incarnation of this process, begun when it is first needed."""

    def __init__(self, database: Database, role: str, clock: Clock) -> None:
        self._database, self._role, self._clock = database, role, clock
        self._present: Incarnation | None = None
        self._lock = threading.Lock()

    def token(self) -> int:
        with self._lock:
            if self._present is not None and not self._present.holds():
                self._present.close()
                self._present = None
            if self._present is None:
                self._present = Incarnation(self._database, self._role, self._clock())
            return self._present.token

    def close(self) -> None:
        with self._lock:
            if self._present is not None:
                self._present.close()
                self._present = None
