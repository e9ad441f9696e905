"""How cost grows with the size of a list: ten thousand, a million, ten million; drawn into var/growth-*.svg."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from bench import console, crowd, plot, servers, wide
from bench.imports import bring_in
from bench.rows import Row
from connector import bootstrap
from connector.domain.ids import row_number
from tests.heed import Heed
from tests.servers import postgres

SIZES = tuple(int(one) for one in os.environ.get("HEED_BENCH_GROWTH", "10000,1000000,10000000").split(","))
#: A thousandfold list may cost so many times as much: trees grow by a level or two.
GOAL = "<= 2"
_CALLS, _ROUNDS, _ROWS, _PEOPLE = 200, 5, 2_000, 5_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that is measured: how many of what a round does."""

    does: Callable[[], None]
    count: int
    unit: str


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured("sqlite", f"sqlite:///{Path(folder) / 'heed.db'}", Path(folder))
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        yield from _measured("postgresql", server.fresh_database(), Path(folder))


def _measured(engine: str, url: str, folder: Path) -> Iterator[Row]:
    bootstrap.migrate(url)
    heed = Heed(url, folder)
    costs: dict[str, list[float]] = {}
    database = servers.postmaster(url)
    try:
        asked = _Asked(heed)
        for place, size in enumerate(SIZES, start=1):
            before = place * 1_000_000_000  # above every id that has been given out
            wide.fill(url, asked.org, asked.number, before + 1, before + size - asked.entries())
            for name, kind in asked.kinds().items():
                cost = _cost(kind, database)
                costs.setdefault(name, []).append(cost)
                yield Row(f"growth_{name}_{engine}_{size}", round(1e6 * cost, 1), f"µs of CPU a {kind.unit}")
        for name, each in costs.items():
            ratio = round(each[-1] / each[0], 2)
            yield Row(f"growth_{name}_{engine}", ratio, f"x, a list of {SIZES[-1]:,} against {SIZES[0]:,}", GOAL)
        if engine == "sqlite":
            yield from console.pages(heed, asked.org, asked.number, SIZES[-1])
    finally:
        heed.close()
    place = Path("var") / f"growth-{engine}.svg"
    place.parent.mkdir(mode=0o700, exist_ok=True)
    place.write_text(plot.growth(f"Cost on {engine} by the size of the list", SIZES, costs))


class _Asked:
    """What is asked of a Heed again and again while its default list grows."""

    def __init__(self, heed: Heed) -> None:
        self._heed, self._chance = heed, random.Random(7)
        self.org = row_number("organisation", heed.get("/v1/me")["organisation"]["id"]) or 0
        self.number = row_number("list", heed.get("/v1/lists/default")["id"]) or 0
        self._who = heed.house.imports.operator("bench")
        self._group = crowd.group_of(heed, _PEOPLE)
        self._fresh = iter(range(10_000_000))
        self._known: list[str] = []
        self._opt_out()

    def entries(self) -> int:
        """How many are on the list."""
        with self._heed.house.database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one())

    def kinds(self) -> Mapping[str, Kind]:
        return {
            "check": Kind(self._check, _CALLS, "check"),
            "check_batch": Kind(self._check_batch, _ROWS, "address in a batch"),
            "opt_out": Kind(self._opt_out, _CALLS, "opt-out"),
            "import": Kind(self._import, _ROWS, "row imported"),
            "filter": Kind(self._filter, _PEOPLE, "contact filtered"),
            "page": Kind(self._page, 1, "page of entries"),
        }

    def _check(self) -> None:
        for one in self._numbers(_CALLS):
            self._heed.act("check_consent", number=one, channel="sms")

    def _check_batch(self) -> None:
        people = [{"number": one} for one in self._numbers(_ROWS)]
        for begin in range(0, _ROWS, 1_000):
            self._heed.act("check_consent", recipients=people[begin : begin + 1_000], channel="sms")

    def _opt_out(self) -> None:
        for _ in range(_CALLS):
            self._known.append(self._new())
            self._heed.act("add_to_opt_out", number=self._known[-1])

    def _import(self) -> None:
        body = ("number\n" + "\n".join(self._new() for _ in range(_ROWS))).encode()
        assert bring_in(self._heed, BytesIO(body), len(body)) == _ROWS

    def _filter(self) -> None:
        stream = self._heed.house.desk.sendable.stream(self._who, self._group, {"channel": "sms"})
        assert sum(bytes(part).count(b"\n") for part in stream) == _PEOPLE + 1

    def _page(self) -> None:
        assert len(self._heed.get("/v1/lists/default/entries?limit=50")["items"]) == 50

    def _numbers(self, count: int) -> list[str]:
        """Half of them on the list."""
        return [self._chance.choice(self._known) if place % 2 else self._new() for place in range(count)]

    def _new(self) -> str:
        """A number that nobody has had; the keys of such numbers lie in no order."""
        return f"+1{3_000_000_000 + 7_919 * next(self._fresh) % 6_000_000_000}"


def _cost(kind: Kind, database: int) -> float:
    """Seconds of CPU for one, of this process and of the database's: the best of some rounds, after one to warm up."""
    taken = []
    for _ in range(_ROUNDS + 1):
        before = time.process_time() + servers.cpu_of(database)
        kind.does()
        taken.append((time.process_time() + servers.cpu_of(database) - before) / kind.count)
    return min(taken[1:])
