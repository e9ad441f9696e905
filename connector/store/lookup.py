"""The hot look-up: all that is known of a batch of addresses, in one statement, straight through the driver.

SQLAlchemy Core costs three to eight times the driver's CPU on this one statement, which every check asks.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from connector.domain.consent import NOTHING_KNOWN, Fact, Facts, Word
from connector.domain.errors import Unavailable
from connector.store.database import CHUNK, Database

# CROSS JOIN, because SQLite takes it as said: from the few links to the entries, never through all the entries.
_SQL = """
SELECT NULL, 0, config_version, 0, 0, NULL FROM organisations WHERE id = {org}
UNION ALL
SELECT key, list_id, channel, state, since, expires_at FROM entries WHERE org = {org} AND key {asked}
UNION ALL
SELECT key, 0, kind, sender, since, NULL FROM facts WHERE org = {org} AND key {asked}
UNION ALL
SELECT l.key, e.list_id, e.channel, e.state, e.since, e.expires_at
  FROM links l CROSS JOIN entries e WHERE e.org = l.org AND e.key = l.other AND l.org = {org} AND l.key {asked}
UNION ALL
SELECT l.key, 0, f.kind, f.sender, f.since, NULL
  FROM links l CROSS JOIN facts f WHERE f.org = l.org AND f.key = l.other AND l.org = {org} AND l.key {asked}
"""
_POSTGRES = _SQL.format(org="%(org)s", asked="= ANY(%(keys)b::bytea[])")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, by address key, and the version of the directory it was read under."""

    version: int
    facts: dict[bytes, Facts]

    def of(self, key: bytes) -> Facts:
        return self.facts.get(key, NOTHING_KNOWN)


class Lookup:
    """Reads facts in autocommit on a connection of its own per thread, or on a transaction's connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._local = threading.local()
        self._opened: set[Any] = set()
        database.at_the_end.append(self.close)

    def known(self, organisation: int, keys: Sequence[bytes]) -> Known:
        """Facts as of now. A connection found broken is opened once more; then Unavailable."""
        try:
            return self._read(self._own_connection(), organisation, keys)
        except _driver_errors(self._database) as first:
            self._forget()
            try:
                return self._read(self._own_connection(), organisation, keys)
            except _driver_errors(self._database):
                raise Unavailable("The database can't be reached; nothing was allowed.") from first

    def known_within(self, connection: Connection, organisation: int, keys: Sequence[bytes]) -> Known:
        """Facts as a transaction sees them: a new statement, so after a lock it has a new snapshot."""
        try:
            return self._read(connection.connection.driver_connection, organisation, keys)
        except _driver_errors(self._database) as error:
            raise Unavailable("The database can't be reached; nothing was allowed.") from error

    def _read(self, driver: Any, organisation: int, keys: Sequence[bytes]) -> Known:
        ordered = sorted(set(keys))  # neighbours share index pages: 2.5 times faster than unsorted
        rows: list[Any] = []
        for start in range(0, max(len(ordered), 1), CHUNK):
            rows += self._statement(driver, organisation, ordered[start : start + CHUNK])
        return _gather(rows)

    def _statement(self, driver: Any, organisation: int, keys: list[bytes]) -> list[Any]:
        if not self._database.is_sqlite:
            return list(driver.execute(_POSTGRES, {"org": organisation, "keys": keys}, binary=True).fetchall())
        return list(driver.execute(_sqlite(len(keys)), (organisation, *keys)).fetchall())

    def _own_connection(self) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _open(self._database)
            self._opened.add(connection)
        return connection

    def _forget(self) -> None:
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            self._opened.discard(connection)
            connection.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._opened:
            self._opened.pop().close()


@lru_cache(maxsize=16)
def _sqlite(count: int) -> str:
    """The statement for so many keys: numbered variables name each once, though four branches ask for it."""
    asked = "IN (" + ",".join(f"?{number}" for number in range(2, count + 2)) + ")"
    return _SQL.format(org="?1", asked=asked)


def _gather(rows: list[Any]) -> Known:
    version = 0
    found: dict[bytes, tuple[list[Word], list[Fact]]] = {}
    for key, list_id, channel, state, since, expires_at in rows:
        if key is None:
            version = channel
            continue
        words, facts = found.setdefault(key, ([], []))
        if list_id:
            words.append(Word(list_id, channel, state, since, expires_at))
        else:
            facts.append(Fact(channel, since, state))
    return Known(version, {key: Facts(tuple(words), tuple(facts)) for key, (words, facts) in found.items()})


def _open(database: Database) -> Any:
    if database.is_sqlite:
        connection = sqlite3.connect(database.sqlite_path, isolation_level=None, timeout=10, check_same_thread=False)
        connection.execute("PRAGMA query_only=ON")
        return connection
    import psycopg

    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    opened = psycopg.connect(url, autocommit=True, connect_timeout=5, prepare_threshold=1)
    # For an array PostgreSQL would plan anew each time, which costs it four times the look-up itself.
    opened.execute("SET plan_cache_mode = force_generic_plan")
    return opened


def _driver_errors(database: Database) -> tuple[type[Exception], ...]:
    if database.is_sqlite:
        return (sqlite3.OperationalError, sqlite3.DatabaseError)
    import psycopg

    return (psycopg.OperationalError, psycopg.InterfaceError)
