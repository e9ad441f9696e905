"""Whose key is it: API keys looked up by their id, compared in constant time, kept for a second."""

from __future__ import annotations

import hashlib
import hmac
import time

from connector.domain.errors import Unauthorised
from connector.domain.records import Caller
from connector.engine.ports import Clock
from connector.store import identity
from connector.store.database import Database

#: A revoked key works at most this much longer, seconds.
_KEPT_S = 1.0
_MOST_KEPT = 10_000


class Keys:
    """Authenticates ``heed_<keyid>_<secret>``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kept: dict[str, tuple[float, Caller, int | None]] = {}

    def caller(self, text: str) -> Caller:
        """The caller behind a key; Unauthorised for any key that is not valid now, all alike."""
        kept = self._kept.get(text)
        if kept is not None and kept[0] > time.monotonic() and not self._over(kept[2]):
            return kept[1]
        caller, expires_at = self._look_up(text)
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        self._kept[text] = (time.monotonic() + _KEPT_S, caller, expires_at)
        return caller

    def _look_up(self, text: str) -> tuple[Caller, int | None]:
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != "heed" or not key_id or not secret:
            raise Unauthorised
        with self._database.read() as connection:
            found = identity.find_key(connection, key_id)
        if found is None:
            raise Unauthorised
        caller, wanted, expires_at, revoked_at = found
        given = hashlib.sha256(secret.encode()).digest()
        if not hmac.compare_digest(given, wanted) or revoked_at is not None or self._over(expires_at):
            raise Unauthorised
        return caller, expires_at

    def _over(self, expires_at: int | None) -> bool:
        return expires_at is not None and expires_at <= self._clock()
