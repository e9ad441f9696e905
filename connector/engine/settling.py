"""The wait that makes an answered opt-out true: no hand-off to the address is in progress any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from connector.store import sends
from connector.store.database import Database

_FIRST_LOOK, _SLOWEST_LOOK = 0.005, 0.05


class Settling:
    """Waits, but never with more than half of the service's threads: the others must go on answering."""

    def __init__(self, database: Database, *, limit_s: float, waiters: int) -> None:
        self._database = database
        self._limit = limit_s
        self._places = threading.BoundedSemaphore(max(1, waiters))

    def is_settled(self, org: int, keys: Sequence[bytes]) -> bool:
        with self._database.read() as connection:
            return not sends.in_flight(connection, org, keys)

    def wait(self, org: int, keys: Sequence[bytes]) -> bool:
        """True when nothing is in flight to these addresses; False at the limit, or where too many wait already."""
        if self.is_settled(org, keys):
            return True
        if not self._places.acquire(blocking=False):
            return False
        try:
            return self._look_until(time.monotonic() + self._limit, org, keys)
        finally:
            self._places.release()

    def _look_until(self, end: float, org: int, keys: Sequence[bytes]) -> bool:
        pause = _FIRST_LOOK
        while time.monotonic() < end:
            time.sleep(pause)
            if self.is_settled(org, keys):
                return True
            pause = min(pause * 2, _SLOWEST_LOOK)
        return False
