"""The locks of the fence. Take them in a statement of their own; read in the next one, under a new snapshot.

On PostgreSQL they are transaction advisory locks: campaigns before buckets, each in ascending order. A claim holds
them shared, a refusal exclusively. On SQLite BEGIN IMMEDIATE has already put every writer in line.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import Connection, text

from connector.domain.errors import HeedError

BUCKETS = 256

_CAMPAIGNS = zlib.crc32(b"heed campaign") - (1 << 31)
_BUCKETS = zlib.crc32(b"heed bucket") - (1 << 31)
_PEOPLE = zlib.crc32(b"heed person") - (1 << 31)

_LOCK = """
    SELECT current_setting('transaction_isolation'), {function}(:class, lock)
    FROM (SELECT unnest(CAST(:locks AS int[])) AS lock ORDER BY 1) AS ordered
"""
_SHARED = text(_LOCK.format(function="pg_advisory_xact_lock_shared"))
_EXCLUSIVE = text(_LOCK.format(function="pg_advisory_xact_lock"))


class WrongIsolation(HeedError):
    """The fence holds at READ COMMITTED only: under a snapshot older than the lock a claim would miss an opt-out."""


def share_campaigns(connection: Connection, campaigns: Iterable[int]) -> None:
    _lock(connection, _SHARED, _CAMPAIGNS, campaigns)


def share_buckets(connection: Connection, buckets: Iterable[int]) -> None:
    _lock(connection, _SHARED, _BUCKETS, buckets)


def close_campaign(connection: Connection, campaign: int) -> None:
    _lock(connection, _EXCLUSIVE, _CAMPAIGNS, (campaign,))


def close_buckets(connection: Connection, buckets: Iterable[int]) -> None:
    _lock(connection, _EXCLUSIVE, _BUCKETS, buckets)


def close_people(connection: Connection, keys: Iterable[bytes]) -> None:
    """For claims among themselves: while one counts what a person was sent, no other does. Taken after the buckets."""
    _lock(connection, _EXCLUSIVE, _PEOPLE, (int.from_bytes(key[:4]) for key in keys))


def _lock(connection: Connection, statement: object, kind: int, locks: Iterable[int]) -> None:
    if connection.dialect.name == "sqlite":
        if not connection.get_execution_options().get("heed_write"):
            raise WrongIsolation("A claim or a refusal needs a write transaction.")
        return
    # Campaign numbers are 64 bits wide and locks 32: a clash only makes two campaigns wait for each other.
    wanted = sorted({lock & 0x7FFFFFFF for lock in locks})
    rows = connection.execute(statement, {"class": kind, "locks": wanted}).all()  # type: ignore[call-overload]
    if any(row[0] != "read committed" for row in rows):
        raise WrongIsolation
