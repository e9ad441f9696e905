"""The hot look-up: all that is known of a batch of addresses, in one statement, straight through the driver.

SQLAlchemy Core costs three to eight times the driver's CPU on this one statement, which every check asks.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from connector.domain.consent import NOTHING_KNOWN, Fact, Facts, Word
from connector.domain.errors import Unavailable
from connector.store.database import CHUNK, Database
from connector.store.silence import LET_GO, NOTICES_SILENCE

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
#: Asked only where somebody counts: marketing messages that may have arrived since then, by account.
_WRITTEN = """
UNION ALL
SELECT s.key, -1, c.account, 0, COALESCE(s.settled_at, s.handoff_deadline), NULL
  FROM sends s JOIN campaigns c ON c.org = s.org AND c.id = s.campaign
 WHERE {counts} AND s.key {asked}
UNION ALL
SELECT l.key, -1, c.account, 0, COALESCE(s.settled_at, s.handoff_deadline), NULL
  FROM links l CROSS JOIN sends s JOIN campaigns c ON c.org = s.org AND c.id = s.campaign
 WHERE s.org = l.org AND s.key = l.other AND {counts} AND l.key {asked}
"""
_COUNTS = """s.org = {org} AND s.status IN ('sent', 'unknown', 'sending') AND c.purpose = 'marketing'
   AND COALESCE(s.settled_at, s.handoff_deadline) > {since}"""


def _sql(org: str, asked: str, since: str | None = None) -> str:
    counts = _COUNTS.format(org=org, since=since)
    return (_SQL + (_WRITTEN if since else "")).format(org=org, asked=asked, counts=counts)


_IN_ARRAY = "= ANY(%(keys)b::bytea[])"
_POSTGRES = _sql("%(org)s", _IN_ARRAY)
_POSTGRES_WRITTEN = _sql("%(org)s", _IN_ARRAY, "%(since)s")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, by address key, and the version of the directory it was read under."""

    version: int
    facts: dict[bytes, Facts]

    def of(self, key: bytes) -> Facts:
        return self.facts.get(key, NOTHING_KNOWN)

    def note(self, key: bytes, account: int, at: int) -> None:
        """A marketing message goes to this address now: the next one in the same batch counts it."""
        facts = self.of(key)
        self.facts[key] = facts._replace(written=(*facts.written, (account, at)))


class Lookup:
    """Reads facts in autocommit on connections of its own, one for each question at a time, or on a transaction's.

    A cursor is kept as long as its connection: to make one costs a third of what a check of one address costs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        #: Cursors that nobody uses now, each of a connection of its own; the one that was used last is used next.
        self._free: deque[Any] = deque()
        database.at_the_end.append(self.close)

    def known(self, organisation: int, keys: Sequence[bytes], since: int | None = None) -> Known:
        """Facts as of now, with what was sent ``since``. A broken connection is opened once more; then Unavailable."""
        try:
            return self._asked_on(self._taken(), organisation, keys, since)
        except _driver_errors(self._database) as first:
            self.close()  # what broke one has broken the others
            try:
                return self._asked_on(_open(self._database), organisation, keys, since)
            except _driver_errors(self._database):
                raise Unavailable("The database can't be reached; nothing was allowed.") from first

    def known_within(
        self, connection: Connection, organisation: int, keys: Sequence[bytes], since: int | None = None
    ) -> Known:
        """Facts as a transaction sees them: a new statement, so after a lock it has a new snapshot."""
        try:
            cursor = _cursor(self._database, connection.connection.driver_connection)
            return self._read(cursor, organisation, keys, since)
        except _driver_errors(self._database) as error:
            raise Unavailable("The database can't be reached; nothing was allowed.") from error

    def _read(self, cursor: Any, organisation: int, keys: Sequence[bytes], since: int | None) -> Known:
        ordered = sorted(set(keys))  # neighbours share index pages: 2.5 times faster than unsorted
        rows: list[Any] = []
        for start in range(0, max(len(ordered), 1), CHUNK):
            rows += self._statement(cursor, organisation, ordered[start : start + CHUNK], since)
        return _gather(rows)

    def _statement(self, cursor: Any, organisation: int, keys: list[bytes], since: int | None) -> list[Any]:
        if self._database.is_sqlite:
            told = () if since is None else (since,)
            return list(cursor.execute(_sqlite(len(keys), bool(told)), (organisation, *keys, *told)).fetchall())
        asked = {"org": organisation, "keys": keys, "since": since}
        statement = _POSTGRES if since is None else _POSTGRES_WRITTEN
        return list(cursor.execute(statement, asked).fetchall())

    def _taken(self) -> Any:
        try:
            return self._free.pop()
        except IndexError:
            return _open(self._database)

    def _asked_on(self, cursor: Any, organisation: int, keys: Sequence[bytes], since: int | None) -> Known:
        try:
            known = self._read(cursor, organisation, keys, since)
        except BaseException:
            cursor.connection.close()
            raise
        self._free.append(cursor)
        return known

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with suppress(IndexError):
            while True:
                self._free.pop().connection.close()


@lru_cache(maxsize=32)
def _sqlite(count: int, written: bool) -> str:
    """The statement for so many keys: numbered variables name each once, though four branches ask for it."""
    asked = "IN (" + ",".join(f"?{number}" for number in range(2, count + 2)) + ")"
    return _sql("?1", asked, f"?{count + 2}" if written else None)


def _gather(rows: list[Any]) -> Known:
    version = 0
    found: dict[bytes, tuple[list[Word], list[Fact], list[tuple[int, int]]]] = {}
    for key, list_id, channel, state, since, expires_at in rows:
        if key is None:
            version = channel
            continue
        words, facts, written = found.setdefault(key, ([], [], []))
        if list_id < 0:
            written.append((channel, since))
        elif list_id:
            words.append(Word(list_id, channel, state, since, expires_at))
        else:
            facts.append(Fact(channel, since, state))
    return Known(
        version,
        {
            key: Facts(tuple(words), tuple(facts), written=tuple(written))
            for key, (words, facts, written) in found.items()
        },
    )


def _cursor(database: Database, connection: Any) -> Any:
    return connection.cursor() if database.is_sqlite else connection.cursor(binary=True)


def _open(database: Database) -> Any:
    """A cursor of a new connection."""
    if database.is_sqlite:
        connection = sqlite3.connect(database.sqlite_path, isolation_level=None, timeout=10, check_same_thread=False)
        connection.execute("PRAGMA query_only=ON")
        return _cursor(database, connection)
    import psycopg

    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    opened = psycopg.connect(url, autocommit=True, connect_timeout=5, prepare_threshold=1, **NOTICES_SILENCE)
    opened.execute(LET_GO)
    # For an array PostgreSQL would plan anew each time, which costs it four times the look-up itself.
    opened.execute("SET plan_cache_mode = force_generic_plan")
    return _cursor(database, opened)


def _driver_errors(database: Database) -> tuple[type[Exception], ...]:
    if database.is_sqlite:
        return (sqlite3.OperationalError, sqlite3.DatabaseError)
    import psycopg

    return (psycopg.OperationalError, psycopg.InterfaceError)
