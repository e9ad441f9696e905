"""The page of a long list's people in the console: the first page, the last one, and a search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench.rows import Row
from connector.domain.ids import public_id
from tests.heed import Heed

_ROUNDS, _ROWS = 15, 50
_OLDEST = "SELECT event, key FROM entries WHERE org = {} AND list_id = {} ORDER BY event LIMIT 1 OFFSET 50"
_LAST = "SELECT canonical FROM addresses WHERE org = {} ORDER BY key LIMIT 1"
_PAGE = (
    "SELECT e.event, e.key, e.channel, e.state, e.since, e.expires_at, a.kind, a.canonical, h.source, h.bucket"
    " FROM entries e JOIN addresses a ON a.org = e.org AND a.key = e.key"
    " LEFT JOIN events h ON h.org = e.org AND h.id = e.event"
    " WHERE e.org = {} AND e.list_id = {} AND e.state = 1 AND e.event <= {} ORDER BY e.event DESC LIMIT 50"
)


def pages(heed: Heed, org: int, number: int, entries: int) -> Iterator[Row]:
    """What the pages of the default list cost, where it has so many entries."""
    with heed.house.database.read() as connection:
        event, key = connection.exec_driver_sql(_OLDEST.format(org, number)).one()
        found = str(connection.exec_driver_sql(_LAST.format(org)).scalar_one())
        browser = heed.app.test_client()
        browser.set_cookie("heed-session", heed.house.desk.staff.sessions.sign_in_with_key(heed.key, ""))

        def page(query: str, rows: int) -> None:
            answer = browser.get(f"/lists/default{query}")
            assert answer.text.count('name="entries"') == rows, answer.text[:500]

        def bare(before: int) -> None:
            assert len(connection.exec_driver_sql(_PAGE.format(org, number, before)).fetchall()) == _ROWS

        last = f"?cursor={public_id('event', event)}.{bytes(key).hex()}0"
        searched = f"?q={found.replace('+', '%2B')}"
        for name, query, rows, before in (
            ("first", "", _ROWS, 1 << 62),
            ("last", last, _ROWS, event),
            ("search", searched, 1, 0),
        ):
            ours = _median(lambda query=query, rows=rows: page(query, rows))
            yield Row(f"console_{name}_page_ms", round(ours * 1000, 1), f"ms of CPU, a list of {entries:,}", "<= 300")
            if before:
                alone = _median(lambda before=before: bare(before))
                yield Row(f"console_{name}_query_ms", round(alone * 1000, 2), "ms of CPU, the statement alone")
    empty = _median(lambda: browser.get("/lists/default?q=zzz"))
    yield Row("console_empty_page_ms", round(empty * 1000, 1), "ms of CPU, the page with nobody on it")


def _median(call: Callable[[], object]) -> float:
    """Of several calls, seconds of this process: on a shared machine the clock tells of others."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return sorted(taken)[_ROUNDS // 2]
