"""The wait that makes an answered opt-out true: no hand-off to the address is in progress any more."""

from __future__ import annotations

import time
from collections.abc import Sequence

from connector.engine import meters
from connector.engine.waiting import Waiting
from connector.store import bulk, sends
from connector.store.database import Database, make_room


class Settling:
    """Whether, and until when, messages to some addresses are still being handed over."""

    def __init__(self, database: Database, waiting: Waiting, limit_s: float) -> None:
        self._database = database
        self._waiting = waiting
        self._limit_s = limit_s

    def is_settled(self, org: int, keys: Sequence[bytes]) -> bool:
        with self._database.read() as connection:
            if len(keys) >= bulk.FROM:
                make_room(connection)
            return not sends.in_flight(connection, org, keys)

    def wait(self, org: int, keys: Sequence[bytes]) -> bool:
        """True when nothing is in flight to these addresses; False at the limit, or where too many wait already."""
        began = time.monotonic()
        settled = self._waiting.until(lambda: self.is_settled(org, keys), self._limit_s)
        meters.opt_out_wait.labels("yes" if settled else "no").observe(time.monotonic() - began)
        return settled
