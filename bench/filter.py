"""The opt-out filtered copy of a group, against a statement by hand and against COPY with an anti-join."""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.rows import Row
from connector import bootstrap
from connector.domain.addresses import AddressKind, address_key, parse
from connector.domain.ids import row_number
from connector.domain.words import Channel, State
from connector.engine.targets import Who
from tests.heed import Heed
from tests.servers import postgres

ENTRIES = int(os.environ.get("HEED_BENCH_FILTER_ENTRIES", "1000000"))
CONTACTS = int(os.environ.get("HEED_BENCH_FILTER_CONTACTS", "200000"))
ROUNDS = 3
_AT_ONCE = 5_000
_LISTS = ("news", "offers")
_FOUND = """
    SELECT key FROM entries
    WHERE org = %s AND list_id = ANY(%s) AND channel IN (0, 1) AND state = 1 AND key = ANY(%s::bytea[])
"""
_MEMBERS = """
    SELECT c.number, c.number_key FROM contacts c JOIN members m ON m.org = c.org AND m.contact = c.id
    WHERE m.org = %s AND m.group_id = %s ORDER BY c.number_key
"""
_ANTI = """
    COPY (SELECT k.number FROM asked k LEFT JOIN entries e
          ON e.org = {org} AND e.key = k.key AND e.list_id IN ({lists}) AND e.channel IN (0, 1) AND e.state = 1
          WHERE e.key IS NULL) TO STDOUT (FORMAT csv)
"""


def rows() -> Iterator[Row]:
    """Three lists: the default list and two of the organisation's own."""
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        url = server.fresh_database()
        bootstrap.migrate(url)
        heed = Heed(url, Path(folder))
        try:
            yield from _measured(heed, Path(folder) / "out.csv")
        finally:
            heed.close()


def _measured(heed: Heed, target: Path) -> Iterator[Row]:
    for name in _LISTS:
        heed.post("/v1/lists", {"name": name, "keywords": [f"STOP {name}"]})
    lists = [row_number("list", one["id"]) or 0 for one in heed.get("/v1/lists")["items"]]
    group = heed.post("/v1/groups", {"name": "Everybody"})["id"]
    who = heed.house.imports.operator("bench")
    assert who is not None
    address = make_url(heed.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        _fill(connection, who.organisation, lists, row_number("group", group) or 0, heed.house.secrets.address)
        by_hand = _Statement(connection, who.organisation, lists, row_number("group", group) or 0, target)
        ours, sorted_any, anti_join, counts = [], [], [], set()
        for _ in range(ROUNDS):  # in turns, so that all meet the same weather
            sorted_any.append(_seconds(by_hand.sorted_any, counts))
            ours.append(_seconds(lambda: _ours(heed, who, group, target), counts))
            anti_join.append(_seconds(by_hand.anti_join, counts))
    assert len(counts) == 1, f"they do not agree: {counts}"
    assert 0 < counts.pop() < CONTACTS
    ratio = round(min(sorted_any) / min(ours), 2)
    yield Row("filter_postgresql_ratio", ratio, "x the rows/s of a sorted = ANY by hand", ">= 0.5")
    yield Row("filter_anti_join_ratio", round(min(anti_join) / min(ours), 2), "x COPY and an anti-join", ">= 1")
    yield Row("filter_rate", round(CONTACTS / min(ours)), f"contacts/s against {ENTRIES} entries")


def _fill(connection: Any, org: int, lists: Sequence[int], group: int, secret: bytes) -> None:
    """Every tenth contact has opted out; the other entries are of people who are in no group."""
    step = max(1, ENTRIES * 10 // CONTACTS)
    known = [_key(place, secret) for place in range(ENTRIES)]
    with connection.cursor() as cursor:
        entries = sorted((key, place) for place, (_, key) in enumerate(known))
        columns = "org, key, list_id, channel, state, since, event"
        with cursor.copy(f"COPY entries ({columns}) FROM STDIN") as copy:
            for key, place in entries:
                copy.write_row((org, key, lists[place % len(lists)], int(Channel.ALL), int(State.OUT), place, 0))
        people = [known[place] for place in range(0, ENTRIES, step)]
        people += [_key(ENTRIES + place, secret) for place in range(CONTACTS - len(people))]
        with cursor.copy("COPY contacts (id, org, number, number_key, attributes, created_at) FROM STDIN") as copy:
            for number, (text, key) in enumerate(people, start=1):
                copy.write_row((number, org, text, key, "{}", 0))
        with cursor.copy("COPY members (org, group_id, contact) FROM STDIN") as copy:
            for number in range(1, len(people) + 1):
                copy.write_row((org, group, number))
    for table in ("entries", "contacts", "members"):
        connection.execute(f"VACUUM ANALYZE {table}")


def _key(place: int, secret: bytes) -> tuple[str, bytes]:
    text = f"+1{2_000_000_000 + 379 * place}"
    return text, address_key(parse(AddressKind.NUMBER, text, "US"), secret)


class _Statement:
    """What one would write who knows the tables."""

    def __init__(self, connection: Any, org: int, lists: Sequence[int], group: int, target: Path) -> None:
        self._connection, self._org, self._lists, self._group = connection, org, list(lists), group
        self._target = target

    def sorted_any(self) -> int:
        """The members in the order of their keys, asked for five thousand at a time."""
        count = 0
        with (
            self._connection.transaction(), self._connection.cursor("members") as members,
            self._target.open("w", newline="") as file,
        ):  # fmt: skip
            members.itersize = _AT_ONCE
            members.execute(_MEMBERS, (self._org, self._group), binary=True)
            out = csv.writer(file)
            while part := members.fetchmany(_AT_ONCE):
                keys = [key for _, key in part]
                asked = (self._org, self._lists, keys)
                gone = {row[0] for row in self._connection.execute(_FOUND, asked, binary=True)}
                allowed = [(number,) for number, key in part if key not in gone]
                out.writerows(allowed)
                count += len(allowed)
        return count

    def anti_join(self) -> int:
        """The members' keys given back to the database, which joins them away."""
        count = 0
        with self._connection.transaction(), self._connection.cursor() as cursor, self._target.open("wb") as file:
            cursor.execute("CREATE TEMP TABLE asked (number text, key bytea) ON COMMIT DROP")
            cursor.execute(_MEMBERS, (self._org, self._group), binary=True)
            with cursor.connection.cursor().copy("COPY asked FROM STDIN") as copy:
                for row in cursor:
                    copy.write_row(row)
            cursor.execute("ANALYZE asked")
            with cursor.copy(_ANTI.format(org=self._org, lists=",".join(map(str, self._lists)))) as copy:
                for part in copy:
                    file.write(part)
                    count += bytes(part).count(b"\n")
        return count


def _ours(heed: Heed, who: Who, group: str, target: Path) -> int:
    asked = {"channel": "sms", "lists": ",".join(_LISTS)}
    with target.open("wb") as file:
        file.writelines(heed.house.desk.sendable.stream(who, group, asked))
    with target.open("rb") as file:
        return sum(1 for _ in file) - 1


def _seconds(of: Callable[[], int], counts: set[int]) -> float:
    began = time.perf_counter()
    counts.add(of())
    return time.perf_counter() - began
