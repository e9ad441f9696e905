"""A list of very many, written straight into the tables: history, addresses and newest words, keys in no order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.crowd import plain

_AT_ONCE = 500_000
_NEW = {
    "sqlite": (
        "CREATE TEMP TABLE part AS WITH RECURSIVE n(n) AS"
        " (SELECT {begin} UNION ALL SELECT n + 1 FROM n WHERE n < {end}) SELECT n, randomblob(16) AS key FROM n"
    ),
    "postgresql": (
        "CREATE TEMP TABLE part AS SELECT n, substr(sha256(n::text::bytea), 1, 16) AS key"
        " FROM generate_series({begin}, {end}) AS n"
    ),
}
#: Nobody's number is another's: each fill begins at a thousand million of its own, and has less than twenty million.
_NUMBER = "(n / 1000000000 * 20000000 + n % 1000000000) % 100000000"
_TEXT = {
    "sqlite": ("x''", f"'+4477' || printf('%08d', {_NUMBER})"),
    "postgresql": ("''::bytea", f"'+4477' || lpad(({_NUMBER})::text, 8, '0')"),
}
#: Rows in the order of the primary key, so that each tree is written from left to right.
_INTO = (
    "INSERT INTO addresses (org, key, key_id, kind, canonical, created_at)"
    " SELECT {org}, key, 1, 'number', {text}, 0 FROM part ORDER BY key",
    "INSERT INTO events (id, org, bucket, seq, key, list_id, channel, state, source, occurred_at, recorded_at, salt,"
    " digest, seal) SELECT n, {org}, n % 256, n, key, {list}, 0, 'out', 'import', n, n, {none}, {none}, {none}"
    " FROM part ORDER BY n",
    "INSERT INTO entries (org, key, list_id, channel, state, since, expires_at, event)"
    " SELECT {org}, key, {list}, 0, 1, n, NULL, n FROM part ORDER BY key",
    "DROP TABLE part",
)
_TABLES = ("addresses", "events", "entries")


def fill(url: str, org: int, number: int, begin: int, end: int) -> None:
    """People ``begin`` to ``end`` of a list, each out of it; then the database looks at its tables."""
    with _connected(url) as connection:
        for first in range(begin, end + 1, _AT_ONCE):
            _write(connection, url, org, number, first, min(first + _AT_ONCE - 1, end))
        if url.startswith("sqlite"):
            connection.execute("ANALYZE")
        else:
            connection.execute("SELECT setval(pg_get_serial_sequence('events', 'id'), (SELECT max(id) FROM events))")
            for table in _TABLES:
                connection.execute(f"VACUUM ANALYZE {table}")
            connection.execute("CHECKPOINT")


def _write(connection: Any, url: str, org: int, number: int, begin: int, end: int) -> None:
    engine = "sqlite" if url.startswith("sqlite") else "postgresql"
    none, text = _TEXT[engine]
    connection.execute("BEGIN")
    connection.execute(_NEW[engine].format(begin=begin, end=end))
    for statement in _INTO:
        connection.execute(statement.format(org=org, list=number, none=none, text=text))
    connection.execute("COMMIT")


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
    else:
        connection = psycopg.connect(plain(url), autocommit=True)
        connection.execute("SET synchronous_commit = off")
    try:
        yield connection
    finally:
        connection.close()
