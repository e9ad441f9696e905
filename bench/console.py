"""The page of a long list's people in the console: the first page, the last one, and a search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bench.rows import Row
from connector.domain.ids import public_id
from tests.heed import Heed

_ROUNDS, _ROWS = 15, 50
_OLDEST = "SELECT event, key FROM entries WHERE org = {} AND list_id = {} ORDER BY event LIMIT 1 OFFSET 50"
_LAST = "SELECT key, canonical FROM addresses WHERE org = {} ORDER BY key LIMIT 1"
_PAGE = (
    "SELECT e.event, e.key, e.channel, e.state, e.since, e.expires_at, a.kind, a.canonical, h.source, h.bucket"
    " FROM entries e JOIN addresses a ON a.org = e.org AND a.key = e.key"
    " LEFT JOIN events h ON h.org = e.org AND h.id = e.event"
    " WHERE e.org = {} AND e.list_id = {} AND e.state = 1 AND {} ORDER BY e.event DESC LIMIT 50"
)
_ABOUT_ENTRIES = ("FROM entries", "JOIN entries")


def pages(heed: Heed, org: int, number: int, entries: int) -> Iterator[Row]:
    """What the pages of the default list cost, where it has so many entries.

    The statements of a page are those that it sent and that read entries; they run again straight through the
    connection, beside one statement by hand that reads the same rows.
    """
    with heed.house.database.read() as connection:
        number_of, key = connection.exec_driver_sql(_OLDEST.format(org, number)).one()
        first_key, found = connection.exec_driver_sql(_LAST.format(org)).one()
        browser = heed.app.test_client()
        browser.set_cookie("heed-session", heed.house.desk.staff.sessions.sign_in_with_key(heed.key, ""))

        def run(statements: list[tuple[str, Any]]) -> int:
            return sum(len(connection.exec_driver_sql(*one).fetchall()) for one in statements)

        last = f"?cursor={public_id('event', number_of)}.{bytes(key).hex()}0"
        for name, query, rows, where in (
            ("first", "", _ROWS, "1 = 1"),
            ("last", last, _ROWS, f"e.event <= {number_of}"),
            ("search", f"?q={found.replace('+', '%2B')}", 1, f"e.key = x'{bytes(first_key).hex()}'"),
        ):

            def page(query: str = query, rows: int = rows) -> None:
                answer = browser.get(f"/lists/default{query}")
                assert answer.text.count('name="entries"') == rows, answer.text[:500]

            with _seen(heed) as sent:
                page()
            assert sent, name
            by_hand = [(_PAGE.format(org, number, where), None)]
            assert run(by_hand) == rows
            costs = _median(page), _median(lambda sent=sent: run(sent)), _median(lambda hand=by_hand: run(hand))
            of = f"a list of {entries:,}"
            yield Row(f"console_{name}_page_ms", round(costs[0] * 1000, 1), f"ms of CPU, {of}", "<= 300")
            yield Row(f"console_{name}_query", round(costs[1] / costs[2], 2), f"x one statement by hand, {of}", "<= 3")
    empty = _median(lambda: browser.get("/lists/default?q=zzz"))
    yield Row("console_empty_page_ms", round(empty * 1000, 1), "ms of CPU, the page with nobody on it")


@contextmanager
def _seen(heed: Heed) -> Iterator[list[tuple[str, Any]]]:
    """The statements about entries that a block sends, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if any(part in statement for part in _ABOUT_ENTRIES):
            sent.append((statement, values))

    event.listen(heed.house.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(heed.house.database.engine, "before_cursor_execute", note)


def _median(call: Callable[[], object]) -> float:
    """Of several calls, seconds of this process: on a shared machine the clock tells of others."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return sorted(taken)[_ROUNDS // 2]
