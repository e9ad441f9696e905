"""How long an opt-out takes over HTTP while workers send a campaign, where nothing to that person is on its way."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import requests

from bench import crowd, servers
from bench.provider import Provider, provider
from bench.rows import Row
from connector import bootstrap
from connector.supervisor import Up
from tests.heed import KEY, Heed
from tests.servers import postgres

#: How many the campaign is for; HEED_BENCH_PEOPLE=1000000 takes some minutes more.
PEOPLE = int(os.environ.get("HEED_BENCH_PEOPLE", "50000"))
OPT_OUTS = int(os.environ.get("HEED_BENCH_OPT_OUTS", "1000"))
CALLERS, PER_S = 2, 25
#: So many messages have gone out when the first opt-out comes.
_WARM = 500
_STARTS_S = 120.0


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, provider() as target:
        yield from _measured("sqlite", f"sqlite:///{Path(folder) / 'heed.db'}", Path(folder), target, 1, "<= 500")
        with postgres() as server:
            yield from _measured("postgresql", server.fresh_database(), Path(folder), target, 2, "<= 250")


def _measured(engine: str, url: str, folder: Path, target: Provider, workers: int, goal: str) -> Iterator[Row]:
    bootstrap.migrate(url)
    _start(url, folder, target)
    here = replace(
        servers.settings(folder / engine, url), allow_private_targets=True, workers=workers, threads=16, wait_s=10.0
    )
    chance = random.Random(1)
    people = [crowd.number(place) for place in chance.sample(range(PEOPLE), OPT_OUTS)]
    with Up(here, print) as up, ThreadPoolExecutor(CALLERS) as callers:
        assert all(part.process for part in up.parts)
        _wait_until(target, target.handed + _WARM)
        handed, began = target.handed, time.monotonic()
        parts = callers.map(lambda part: _opt_out(here.port, part, began), (people[n::CALLERS] for n in range(CALLERS)))
        took = sorted(one for part in parts for one in part)
        rate = (target.handed - handed) / (time.monotonic() - began)
    assert rate > 0, "nothing was sent meanwhile"
    unit = f"ms at most of 99 % of {OPT_OUTS} opt-outs, campaign of {PEOPLE}"
    yield Row(f"optout_latency_{engine}_p99", round(1e3 * statistics.quantiles(took, n=100)[98]), unit, goal)
    yield Row(f"optout_latency_{engine}_p50", round(1e3 * statistics.median(took)), "ms")
    yield Row(f"optout_latency_{engine}_sends", round(rate), "messages/s meanwhile")


def _start(url: str, folder: Path, target: Provider) -> None:
    """A campaign that runs, with everybody in it and nothing sent."""
    heed = Heed(url, folder)
    try:
        name = crowd.broadcast(heed, heed.sender(target.url)["id"], crowd.group_of(heed, PEOPLE))
        heed.post(f"/v1/campaigns/{name}/start")
        crowd.gather(heed)
    finally:
        heed.close()


def _wait_until(target: Provider, handed: int) -> None:
    end = time.monotonic() + _STARTS_S
    while target.handed < handed:
        assert time.monotonic() < end, "nothing is sent"
        time.sleep(0.05)


def _opt_out(port: int, people: list[str], began: float) -> list[float]:
    """How long each took; they come at an even pace, as people do, and not as soon as the last was answered."""
    took = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {KEY}"
        for place, one in enumerate(people):
            time.sleep(max(0.0, began + place * CALLERS / PER_S - time.monotonic()))
            asked = time.perf_counter()
            answer = session.post(
                f"http://127.0.0.1:{port}/v1/actions/add_to_opt_out", json={"number": one}, timeout=30
            )
            took.append(time.perf_counter() - asked)
            assert answer.status_code == 200, answer.text
            assert answer.json()["results"][0]["status"] == "added", answer.text
    return took
