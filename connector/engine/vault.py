"""The keys of a database, kept in it locked with HEED_SECRET, which is not: so that the secret can be changed.

All keys are made from one random root. Changing the secret locks the root anew and changes no key, so every address key
and with it every suppression, every seal and every link keep their meaning; the old secret opens nothing from then on.
"""

from __future__ import annotations

import base64
import hmac
import secrets as randomness

from cryptography.fernet import Fernet, InvalidToken

from connector.domain.errors import HeedError
from connector.engine.secrets import Secrets
from connector.store import identity
from connector.store.database import Database

_ROOT, _FINGERPRINT = "root", "secret"


class WrongSecret(HeedError):
    """HEED_SECRET is not the one this database is locked with; with another one every suppression would be missed.
    Where `heed secret rotate` was cut short, it is the one in the file secret.next beside the old one."""


def opened(database: Database, secret: str) -> Secrets:
    """The keys of this database, made when it is opened for the first time; WrongSecret."""
    with database.write() as connection:
        locked = identity.read_meta(connection, _ROOT)
        if locked is None:
            root = randomness.token_bytes(32)
            fingerprint = identity.read_meta(connection, _FINGERPRINT)
            if fingerprint is not None:  # made before the root was random: there the secret itself is the root
                root = secret.encode()
                if Secrets.from_root(root).fingerprint != fingerprint:
                    raise WrongSecret
            identity.put_meta(connection, _ROOT, _locked(root, secret))
            return Secrets.from_root(root)
    return Secrets.from_root(_unlocked(locked, secret))


def fits(database: Database, secret: str) -> bool:
    """Whether this secret opens the database, as far as it was ever locked."""
    with database.read() as connection:
        locked = identity.read_meta(connection, _ROOT)
    if locked is None:
        return True
    try:
        _unlocked(locked, secret)
    except WrongSecret:
        return False
    return True


def rotate(database: Database, secret: str, to: str) -> None:
    """Lock the keys with another secret; WrongSecret. Processes that run keep theirs and need ``to`` to start anew."""
    with database.write() as connection:
        locked = identity.read_meta(connection, _ROOT)
        if locked is None:
            raise WrongSecret
        identity.change_meta(connection, _ROOT, _locked(_unlocked(locked, secret), to))


def _locked(root: bytes, secret: str) -> str:
    return _lock(secret).encrypt(root).decode()


def _unlocked(locked: str, secret: str) -> bytes:
    try:
        return _lock(secret).decrypt(locked.encode())
    except InvalidToken:
        raise WrongSecret from None


def _lock(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret.encode(), b"heed lock v1", "sha256")))
