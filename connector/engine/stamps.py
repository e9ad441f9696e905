"""The stamp on a form: when it was shown, to whom, and what it said. A page that was kept too long is shown anew."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature

from connector.domain.instants import HOUR
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets

#: A page that is older than this may say something else by now.
GOOD_FOR = 24 * HOUR
_USE = "page stamp"


class Stamps:
    """Makes stamps and reads them. Nobody else can, so a form that bears one was shown by us."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._serializer = secrets.serializer(_USE)
        self._clock = clock

    def make(self, page: str, said: Any) -> str:
        """``page``: which one, and for whom; ``said``: what will matter when it comes back (any JSON)."""
        return str(self._serializer.dumps([page, self._clock(), said]))

    def read(self, page: str, stamp: str) -> Any | None:
        """What was said; None for a stamp of another page, of another hand, or of another day."""
        try:
            shown, at, said = self._serializer.loads(stamp)
        except (BadSignature, TypeError, ValueError):
            return None
        return said if shown == page and 0 <= self._clock() - at <= GOOD_FOR else None
