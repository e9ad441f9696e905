"""Addresses that wait for one request of somebody's flow, so that its payload can be mapped; soon forgotten.

What came is locked with a key made from the token in the address, which stands nowhere in the database: only whoever
holds the address can read it, and only in the session that asked for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets as randomness
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.fernet import Fernet

from connector.domain.errors import Conflict, NotFound
from connector.domain.instants import MINUTE
from connector.domain.users import Session
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.store import captures
from connector.store.database import Database

#: How long an address waits, and what came is kept.
WAITS = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Seen:
    """How a capture stands; ``fault`` is what was wrong with a request that could not be read."""

    until: int
    is_caught: bool = False
    data: Any = None
    fault: str = ""


class Captures:
    """Opened by a session, one at a time; filled by whoever calls the address."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock

    def open(self, session: Session) -> str:
        """The token of a new address; the one that this session had is closed."""
        token, now = randomness.token_urlsafe(24), self._clock()
        row = {
            "hash": _hash(token), "org": session.organisation, "session": session.hash, "until": now + WAITS,
            "is_caught": False, "content": None,
        }  # fmt: skip
        with self._database.write() as connection:
            captures.close(connection, session.hash)
            captures.forget(connection, now)
            captures.open(connection, row)
        return token

    def take(self, token: str, data: Any) -> None:
        """The one request; NotFound where nobody waits (any more), Conflict where one came before."""
        self._write(token, {"data": data}, is_caught=True)

    def refuse(self, token: str, why: str) -> None:
        """A request that could not be read: the address goes on waiting, and whoever waits is told."""
        self._write(token, {"fault": why}, is_caught=False)

    def look(self, session: Session, token: str) -> Seen | None:
        """What came; None where the address is not this session's, or no more."""
        with self._database.read() as connection:
            row = captures.find(connection, _hash(token), self._clock())
        if row is None or row.session != session.hash:
            return None
        told = orjson.loads(self._lock(token).decrypt(row.content)) if row.content else {}
        return Seen(row.until, row.is_caught, told.get("data"), told.get("fault", ""))

    def close(self, session: Session) -> None:
        """Forget what this session waits for, and what came."""
        with self._database.write() as connection:
            captures.close(connection, session.hash)

    def _write(self, token: str, told: Any, *, is_caught: bool) -> None:
        content = self._lock(token).encrypt(orjson.dumps(told))
        with self._database.write() as connection:
            row = captures.find(connection, _hash(token), self._clock())
            if row is None:
                raise NotFound
            if row.is_caught or not captures.fill(connection, row.hash, content, is_caught):
                raise Conflict("One request came here before; capture anew for another.", code="captured")

    def _lock(self, token: str) -> Fernet:
        key = hmac.digest(self._secrets.tokens, f"capture {token}".encode(), "sha256")
        return Fernet(base64.urlsafe_b64encode(key))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
