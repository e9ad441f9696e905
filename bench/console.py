"""The page of a list's people in the console, on a list of ten million: first page, last page, and a search."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.rows import Row
from connector import bootstrap
from connector.domain.ids import public_id, row_number
from tests.heed import Heed

ENTRIES = int(os.environ.get("HEED_BENCH_CONSOLE_ENTRIES", "10000000"))
_AT_ONCE, _ROUNDS, _ROWS = 500_000, 15, 50
#: Keys that nobody made from an address: the page asks for addresses by their keys and never the other way round.
_FILL = (
    "WITH RECURSIVE n(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2) INSERT INTO addresses"
    " (org, key, key_id, kind, canonical, created_at)"
    " SELECT ?3, CAST(printf('%016d', n) AS BLOB), 1, 'number', '+1' || (2000000000 + n), 0 FROM n",
    "WITH RECURSIVE n(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2) INSERT INTO events"
    " (id, org, bucket, seq, key, list_id, channel, state, source, occurred_at, recorded_at, salt, digest, seal)"
    " SELECT n, ?3, n % 256, n, CAST(printf('%016d', n) AS BLOB), ?4, 0, 'out', 'import', n, n, x'', x'', x'' FROM n",
    "WITH RECURSIVE n(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2) INSERT INTO entries"
    " (org, key, list_id, channel, state, since, expires_at, event)"
    " SELECT ?3, CAST(printf('%016d', n) AS BLOB), ?4, 0, 1, n, NULL, n FROM n",
)
_PAGE = (
    "SELECT e.event, e.key, e.channel, e.state, e.since, e.expires_at, a.kind, a.canonical, h.source, h.bucket"
    " FROM entries e JOIN addresses a ON a.org = e.org AND a.key = e.key"
    " LEFT JOIN events h ON h.org = e.org AND h.id = e.event"
    " WHERE e.org = ? AND e.list_id = ? AND e.state = 1 AND e.event <= ? ORDER BY e.event DESC LIMIT 50"
)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heed.db"
        bootstrap.migrate(f"sqlite:///{path}")
        heed = Heed(f"sqlite:///{path}", Path(folder))
        try:
            yield from _measured(heed, path)
        finally:
            heed.close()


def _measured(heed: Heed, path: Path) -> Iterator[Row]:
    who = heed.house.imports.operator("bench")
    number = row_number("list", heed.get("/v1/lists/default")["id"])
    assert who is not None
    with sqlite3.connect(path, isolation_level=None) as connection:
        _fill(connection, who.organisation, number or 0)
        browser = heed.app.test_client()
        opened = heed.house.desk.staff.sessions.sign_in_with_key(heed.key, "")
        browser.set_cookie("heed-session", opened)

        def page(query: str) -> None:
            answer = browser.get(f"/lists/default{query}")
            assert answer.text.count('name="entries"') == (1 if "q=" in query else _ROWS), answer.text[:500]

        def bare(before: int) -> None:
            assert len(connection.execute(_PAGE, (who.organisation, number, before)).fetchall()) == _ROWS

        last = f"?cursor={public_id('event', _ROWS + 1)}.{(b'%016d' % (_ROWS + 1)).hex()}0"
        asked = (("first", "", ENTRIES), ("last", last, _ROWS), ("search", "?q=%2B12000000007", 0))
        for name, query, before in asked:
            ours = _median(lambda query=query: page(query))
            yield Row(f"console_{name}_page_ms", round(ours * 1000, 1), f"ms of CPU, a list of {ENTRIES:,}", "<= 300")
            if before:
                alone = _median(lambda before=before: bare(before))
                yield Row(f"console_{name}_query_ms", round(alone * 1000, 2), "ms of CPU, the statement alone")
    empty = _median(lambda: browser.get("/lists/default?q=zzz"))
    yield Row("console_empty_page_ms", round(empty * 1000, 1), "ms of CPU, the page with nobody on it")


def _fill(connection: sqlite3.Connection, org: int, number: int) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    for begin in range(1, ENTRIES + 1, _AT_ONCE):
        for statement in _FILL:
            values = (begin, min(begin + _AT_ONCE - 1, ENTRIES), org, number)
            connection.execute(statement, values if "?4" in statement else values[:3])
    connection.execute("ANALYZE")


def _median(call: Callable[[], object]) -> float:
    """Of several calls, seconds of this process: on a shared machine the clock tells of others."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return sorted(taken)[_ROUNDS // 2]
