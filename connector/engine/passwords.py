"""Passwords: argon2id hashes, made and compared two at a time, since each takes 64 MiB."""

from __future__ import annotations

import secrets as randomness
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Characters of a password.
SHORTEST, LONGEST = 10, 200

_HASHER = PasswordHasher()
_PLACES = threading.Semaphore(2)
#: Without letters and digits that look alike.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_of(password: str) -> str:
    with _PLACES:
        return _HASHER.hash(password)


def fits(password: str, hashed: str | None) -> bool:
    """Whether it is this password. Without a hash it takes as long, and is never."""
    with _PLACES:
        try:
            _HASHER.verify(hashed or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def one_time() -> str:
    """A password to be read out once: 80 bits, in groups that can be typed."""
    letters = "".join(randomness.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash(randomness.token_hex(16))
