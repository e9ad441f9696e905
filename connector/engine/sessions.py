"""Signing in and out. A session is a random token in the browser, and its hash in the database."""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from connector.domain.errors import Unauthorised
from connector.domain.instants import DAY, HOUR, MINUTE
from connector.domain.users import Session, folded
from connector.engine import passwords
from connector.engine.keys import Keys
from connector.engine.ports import Clock
from connector.store import users
from connector.store.database import Database

#: A session ends when nothing was asked with it for so long, and so long after it began, whatever happens.
IDLE, LONGEST = 12 * HOUR, 7 * DAY
#: So many tries within the window: of one name from one network, from one network, and of one name.
WINDOW = 15 * MINUTE
TRIES = (5, 30, 100)
#: When a session was last used is written down once in so long.
_SEEN_EVERY = MINUTE


class Refused(StrEnum):
    """Why somebody is not signed in; what was wrong of name and password is never said."""

    WRONG = "wrong"
    TOO_MANY = "too_many"


class Sessions:
    """Who is signed in."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def sign_in(self, name: str, password: str, network: str) -> str | Refused:
        """A token for whoever knows the password. An unknown name answers as a wrong password does, as late."""
        places = self._try(folded(name), network)
        if places is None:
            return Refused.TOO_MANY
        with self._database.read() as connection:
            user = users.by_name(connection, folded(name))
        known = user is not None and user.disabled_at is None
        fits = passwords.fits(password[: passwords.LONGEST + 1], user.password_hash if user and known else None)
        if user is None or not fits:
            return Refused.WRONG
        return self._open({"org": user.organisation, "user": user.id}, places)

    def sign_in_with_key(self, text: str, network: str) -> str | Refused:
        """A token for whoever holds an API key; what the key may do is all that they may."""
        places = self._try(text.rpartition("_")[0][:50], network)
        if places is None:
            return Refused.TOO_MANY
        try:
            caller = self._keys.caller(text)
        except Unauthorised:
            return Refused.WRONG
        return self._open({"org": caller.organisation, "api_key": caller.key}, places)

    def find(self, token: str) -> Session | None:
        """Who is signed in with this token; None where nobody is (any more)."""
        now = self._clock()
        with self._database.read() as connection:
            found = users.find_session(connection, _hash(token), now)
        if found is None or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
            return None
        if now - found.seen_at > _SEEN_EVERY:
            with self._database.write() as connection:
                users.touch_session(connection, found.hash, now)
        return found

    def end(self, session: Session) -> None:
        with self._database.write() as connection:
            users.end_session(connection, session.hash)

    def write_notes(self, session: Session, notes: Sequence[Mapping[str, Any]]) -> None:
        """What the next page of this session is to tell."""
        with self._database.write() as connection:
            users.write_notes(connection, session.hash, notes)

    def _open(self, row: Mapping[str, Any], places: Sequence[str]) -> str:
        token, now = randomness.token_urlsafe(32), self._clock()
        with self._database.write() as connection:
            users.take_back_try(connection, places[0], places[1:])
            users.end_sessions_before(connection, now - LONGEST)
            users.open_session(connection, {"hash": _hash(token), "created_at": now, "seen_at": now, **row})
        return token

    def _try(self, name: str, network: str) -> list[str] | None:
        """Count a try before it is made, so that many at once are no more; None where there were too many."""
        places, now = [_place(name, network), _place("", network), _place(name, "")], self._clock()
        with self._database.write() as connection:
            users.forget_tries_before(connection, now - WINDOW)
            counts = users.count_tries(self._database, connection, places, now, WINDOW)
        return places if all(count <= most for count, most in zip(counts, TRIES, strict=True)) else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _place(name: str, network: str) -> str:
    """Names and networks are not kept as they are."""
    return hashlib.sha256(f"{name}\n{network}".encode()).hexdigest()
