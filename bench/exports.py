"""A list of a million written down as CSV, against the database's own way to give out the same rows."""

from __future__ import annotations

import csv
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bench.imports import fill, people
from bench.rows import Row
from connector import bootstrap
from connector.engine.targets import Who
from tests.heed import Heed
from tests.servers import postgres

ROWS = int(os.environ.get("HEED_BENCH_EXPORT", "300000"))
ROUNDS = 3
#: What an export is made of, as it lies there: no times written out, no cell guarded.
_SAME = """
    SELECT a.kind, a.canonical, e.channel, e.state, e.since, e.expires_at, v.reason, v.evidence
    FROM entries e JOIN addresses a ON a.org = e.org AND a.key = e.key
    LEFT JOIN events v ON v.id = e.event AND v.org = e.org
    WHERE e.org = {org} AND e.list_id = {list}
"""


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        yield from _measured("sqlite", f"sqlite:///{place / 'heed.db'}", place, _selected)
        with postgres() as server:
            yield from _measured("postgresql", server.fresh_database(), place, _copied)


def _measured(engine: str, url: str, folder: Path, same: Callable[[str, str, Path], None]) -> Iterator[Row]:
    bootstrap.migrate(url)
    heed = Heed(url, folder)
    try:
        org, list_id = fill(heed, people(folder, ROWS))
        query, target = _SAME.format(org=org, list=list_id), folder / "out.csv"
        who = heed.house.imports.operator("bench")
        assert who is not None
        ours, theirs, bare = [], [], []
        for _ in range(ROUNDS):  # in turns, so that all meet the same weather
            theirs.append(_seconds(lambda: same(url, query, target)))
            ours.append(_seconds(lambda: _exported(heed, who, target)))
            bare.append(_seconds(lambda: same(url, "SELECT * FROM entries", target)))
    finally:
        heed.close()
    goal = ">= 0.4" if engine == "postgresql" else None
    name = "COPY TO" if engine == "postgresql" else "sqlite3 and csv.writer"
    yield Row(f"export_{engine}_ratio", round(min(theirs) / min(ours), 2), f"x the rows/s of {name}", goal)
    yield Row(
        f"export_{engine}_entries_ratio", round(min(bare) / min(ours), 2),
        f"x the rows/s of {name} of entries alone: no address, no reason",
    )  # fmt: skip
    yield Row(f"export_{engine}_rate", round(ROWS / min(ours)), "rows/s")


def _seconds(of: Callable[[], None]) -> float:
    began = time.perf_counter()
    of()
    return time.perf_counter() - began


def _exported(heed: Heed, who: Who, target: Path) -> None:
    with target.open("wb") as file:
        file.writelines(heed.house.exports.stream(who, "default", {}))
    with target.open("rb") as file:
        assert sum(1 for _ in file) == ROWS + 1


def _copied(url: str, query: str, target: Path) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(address) as connection, target.open("wb") as file,
        connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy,
    ):  # fmt: skip
        file.writelines(copy)


def _selected(url: str, query: str, target: Path) -> None:
    connection = sqlite3.connect(make_url(url).database or "")
    with target.open("w", newline="") as file:
        csv.writer(file).writerows(connection.execute(query))
    connection.close()
