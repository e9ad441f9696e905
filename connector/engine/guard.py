"""The guard against sending twice: from a database that is a copy nothing leaves until an operator has confirmed it.

A copy, a restored backup and a database that has moved look alike from inside: somebody has to say that nothing else
sends what is due here. Until then calls are answered and opt-outs hold; messages stay pending and webhooks wait.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog

from connector.domain.instants import rfc3339
from connector.engine.ports import Clock
from connector.store import place
from connector.store.database import Connection, Database

log = structlog.get_logger()

#: How long an answer holds: a confirmation is heard of in this time, and so is a table that was made anew.
_HOLDS_S = 1.0

HELD = (
    "This database is a copy, was restored, or has moved: nothing is sent until somebody confirms that nothing else "
    "sends from it (heed db confirm, or POST /v1/database/confirm)."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the place found."""

    #: What is not as it was when sending was last in order.
    differs: tuple[str, ...]
    #: What this database's role may not read.
    unread: tuple[str, ...]
    confirmed: dict[str, Any] | None

    @property
    def public(self) -> dict[str, Any]:
        confirmed = self.confirmed or {"at": None, "by": None}
        return {
            "sending": "held" if self.differs else "on", "differs": list(self.differs), "unread": list(self.unread),
            "confirmed_at": None if confirmed["at"] is None else rfc3339(confirmed["at"]),
            "confirmed_by": confirmed["by"], "detail": HELD if self.differs else None,
        }  # fmt: skip


class Guard:
    """Asked by every claim; it looks when a process begins a new life, and again every second."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._is_home, self._until, self._token = True, 0.0, -1

    def begin(self) -> None:
        """Remember where a database lives that was never asked before."""
        with self._database.read() as connection:
            known = place.remembered(connection).place is not None
        if not known:
            place.move_in(self._database)
            with self._database.write() as connection:
                place.remember(self._database, connection)

    def is_home(self, token: int | None = None) -> bool:
        """Whether messages may leave; ``token``: the life of the process that would hand them over."""
        with self._lock:
            if token in (None, self._token) and time.monotonic() < self._until:
                return self._is_home
            seen = self.look()
            self._tell(seen)
            self._is_home, self._token = not seen.differs, self._token if token is None else token
            self._until = time.monotonic() + _HOLDS_S
            return self._is_home

    def look(self) -> Seen:
        """Compare the place with the one that is remembered."""
        noted = place.noted(self._database)
        with self._database.read() as connection:
            kept, present = place.remembered(connection), place.present(self._database, connection)
        unread = tuple(name for name, value in present.items() if value is None)
        was = {name: value for name, value in (kept.place or {}).items() if value is not None}
        differs = [name for name, value in was.items() if present.get(name) not in (None, value)]
        if kept.count < noted:
            differs.append("time")
        return Seen(tuple(differs), unread, kept.confirmed)

    def confirm(self, by: str) -> Seen:
        """Somebody says that nothing else sends from this database: from now on this is its place."""
        if self.look().differs:
            place.move_in(self._database)
            with self._database.write() as connection:
                place.remember_anew(self._database, connection, by, self._clock())
            self._until = 0.0
        return self.look()

    def count(self, connection: Connection) -> int | None:
        """Count that something is taken in hand, in the same transaction."""
        return place.count_up(self._database, connection)

    def counted(self, count: int | None) -> None:
        """It is committed, and not handed over yet."""
        place.note(self._database, count)

    def _tell(self, seen: Seen) -> None:
        """Once when it begins, and once when it is over."""
        if self._is_home and seen.differs:
            log.warning("sending_held", differs=list(seen.differs), detail=HELD)
        elif not self._is_home and not seen.differs:
            log.info("sending_resumed", confirmed_by=(seen.confirmed or {}).get("by"))
