"""Asking: what ``check_consent`` costs the server beside a bare Flask route, and what asking in batches saves."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import requests

from bench import book, servers
from bench.load import Load, http, load
from bench.rows import Row
from connector import bootstrap
from connector.domain.ids import row_number
from tests.servers import postgres

ROUNDS = 5
#: Requests of a round: about half a second of CPU, fifty times the resolution of the kernel's clock.
SINGLE, BARE, BATCHES = 3_000, 5_000, 12
BATCH = 1_000
CONNECTIONS, MANY_CONNECTIONS = servers.THREADS, 4 * servers.THREADS
_AUTHORISED = f"Authorization: Bearer {servers.KEY}\r\n"
_LISTS = ("default", "news", "offers")


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, load(servers.CORES[1:] or servers.CORES) as asking:
        place = Path(folder)
        yield from _measured("sqlite", f"sqlite:///{place / 'heed.db'}", place, asking, "<= 3")
        with postgres() as server:
            yield from _measured("postgres", server.fresh_database(), place, asking, "<= 4")


def _measured(engine: str, url: str, folder: Path, asking: Load, goal: str) -> Iterator[Row]:
    here = servers.settings(folder, url)
    bootstrap.migrate(url)
    with servers.heed(here) as heed, servers.other(here) as bare:
        _prepare(url, here.secret, heed)
        yield from _single(engine, heed, bare, asking, goal, servers.postmaster(url))
        yield from _crowded(engine, heed, bare, asking)
        yield from _batches(engine, heed, asking)


def _single(
    engine: str, heed: servers.Server, bare: servers.Server, asking: Load, goal: str, database: int
) -> Iterator[Row]:
    chance = random.Random(1)
    ratios, costs, backend = [], [], []
    for turn in range(ROUNDS + 1):
        base = _bare_cost(bare, asking, CONNECTIONS)
        before = servers.cpu_of(database)
        cost = _check_cost(heed, asking, CONNECTIONS, chance)
        if turn:  # the first turn warms up
            backend.append((servers.cpu_of(database) - before) / SINGLE)
            ratios.append(cost / base)
            costs.append(cost)
    yield Row(f"check_single_{engine}_cpu_ratio", _median(ratios), "x bare Flask", goal)
    yield Row(f"check_single_{engine}_cpu", _median(costs, 1e6), "µs of server CPU")
    if database:
        yield Row(f"check_single_{engine}_backend_cpu", _median(backend, 1e6), "µs of database CPU, not in the ratio")


def _crowded(engine: str, heed: servers.Server, bare: servers.Server, asking: Load) -> Iterator[Row]:
    """The same with more connections than threads: the server's own share shrinks, so the ratio grows."""
    chance, ratios = random.Random(3), []
    for _ in range(ROUNDS // 2):
        base = _bare_cost(bare, asking, MANY_CONNECTIONS)
        ratios.append(_check_cost(heed, asking, MANY_CONNECTIONS, chance) / base)
    yield Row(f"check_single_{engine}_crowded_cpu_ratio", _median(ratios), f"x bare Flask, {MANY_CONNECTIONS} callers")


def _batches(engine: str, heed: servers.Server, asking: Load) -> Iterator[Row]:
    chance = random.Random(2)
    speeds, savings, rates = [], [], []
    for turn in range(ROUNDS + 1):
        numbers = _numbers(chance, SINGLE)
        began = heed.cpu
        alone = asking.drive(heed.port, [_check(number=number, lists=_LISTS) for number in numbers], CONNECTIONS)
        between = heed.cpu
        people = [[{"number": number} for number in _numbers(chance, BATCH)] for _ in range(BATCHES)]
        together = asking.drive(heed.port, [_check(recipients=many, lists=_LISTS) for many in people], CONNECTIONS)
        assert (alone.refused, together.refused) == (SINGLE // 2, BATCHES * BATCH // 2)
        if turn:
            rates.append(BATCHES * BATCH / together.seconds)
            speeds.append(rates[-1] / (SINGLE / alone.seconds))
            savings.append((between - began) / SINGLE / ((heed.cpu - between) / (BATCHES * BATCH)))
    yield Row(f"check_batch_{engine}_ratio", _median(speeds), "x the addresses/s of single calls", ">= 10")
    yield Row(f"check_batch_{engine}_cpu_ratio", _median(savings), "x less server CPU an address")
    yield Row(f"check_batch_{engine}_rate", _median(rates), "addresses/s over 3 lists")


def _bare_cost(bare: servers.Server, asking: Load, connections: int) -> float:
    return _cost(bare, asking, [http("GET", "/go")] * BARE, connections)


def _check_cost(heed: servers.Server, asking: Load, connections: int, chance: random.Random) -> float:
    numbers = _numbers(chance, SINGLE, on_default=True)
    return _cost(heed, asking, [_check(number=number) for number in numbers], connections, refused=SINGLE // 2)


def _cost(server: servers.Server, asking: Load, requests_: list[bytes], connections: int, refused: int = 0) -> float:
    """Seconds of server CPU for a request."""
    before = server.cpu
    answered = asking.drive(server.port, requests_, connections)
    assert answered.refused == refused
    return (server.cpu - before) / len(requests_)


def _numbers(chance: random.Random, count: int, *, on_default: bool = False) -> list[str]:
    """Half of them in the book, in random order."""
    step = len(_LISTS) if on_default else 1
    found = [book.known(chance.randrange(0, book.ENTRIES, step)) for _ in range(count // 2)]
    found += [book.unknown(chance) for _ in range(count - len(found))]
    chance.shuffle(found)
    return found


def _check(**values: object) -> bytes:
    return http("POST", "/v1/actions/check_consent", orjson.dumps({**values, "channel": "sms"}), _AUTHORISED)


def _prepare(url: str, secret: str, heed: servers.Server) -> None:
    """Two lists beside the default one, and everybody who opted out of the three."""
    calls, root = requests.Session(), f"http://127.0.0.1:{heed.port}/v1"
    calls.headers["Authorization"] = f"Bearer {servers.KEY}"
    for name in _LISTS[1:]:
        calls.post(
            f"{root}/lists", json={"key": name, "name": name, "keywords": [f"stop {name}"]}, timeout=10
        ).raise_for_status()
    found = {one["key"]: one["id"] for one in calls.get(f"{root}/lists", timeout=10).json()["items"]}
    organisation = calls.get(f"{root}/me", timeout=10).json()["organisation"]["id"]
    book.fill(
        url, secret, row_number("organisation", organisation) or 0,
        [row_number("list", found[name]) or 0 for name in _LISTS],
    )  # fmt: skip


def _median(values: list[float], factor: float = 1.0) -> float:
    return round(statistics.median(values) * factor, 2)
