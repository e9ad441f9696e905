"""The claim alone: take in hand, decide once more, settle, with a provider that says yes at once; no network.

``python -m bench.claims URL FOLDER`` is one worker of it, in a process of its own.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from bench import crowd, servers
from bench.rows import Row
from connector import bootstrap, logs
from connector.domain.messages import Accepted
from connector.engine.lanes import LANES, buckets_of
from tests.heed import Heed
from tests.servers import postgres

PEOPLE = int(os.environ.get("HEED_BENCH_CLAIMS", "40000"))


def rows() -> Iterator[Row]:
    """On PostgreSQL with a worker for each core, on SQLite, which has one writer, with one."""
    with tempfile.TemporaryDirectory() as folder:
        with postgres() as server:
            yield from _measured("postgresql", server.fresh_database(), Path(folder), len(servers.CORES), ">= 5000")
        yield from _measured("sqlite", f"sqlite:///{Path(folder) / 'heed.db'}", Path(folder), 1, None)


def _measured(engine: str, url: str, folder: Path, workers: int, goal: str | None) -> Iterator[Row]:
    bootstrap.migrate(url)
    heed = Heed(url, folder)
    try:
        name = crowd.broadcast(heed, heed.sender()["id"], crowd.group_of(heed, PEOPLE))
        heed.post(f"/v1/campaigns/{name}/start")
        crowd.gather(heed)
        database = servers.postmaster(url)
        before = servers.cpu_of(database)
        did = _together([sys.executable, "-m", "bench.claims", url, str(folder)], workers)
        cpu = sum(one["cpu"] for one in did) + servers.cpu_of(database) - before
        assert heed.get(f"/v1/campaigns/{name}/report")["sent"] == PEOPLE == sum(one["handed"] for one in did)
    finally:
        heed.close()
    seconds = max(one["ended"] for one in did) - min(one["began"] for one in did)
    yield Row(f"claim_{engine}_rate", round(PEOPLE / seconds), f"claimed and settled/s, {workers} workers", goal)
    yield Row(f"claim_{engine}_cpu", round(1e6 * cpu / PEOPLE), "µs of CPU a message, workers and database")


def _together(command: list[str], workers: int) -> list[dict[str, float]]:
    """What each worker did; they begin when all are ready."""
    started = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
        )
        for _ in range(workers)
    ]
    for one in started:
        assert one.stdout
        assert one.stdout.readline() == b"ready\n"
    for one in started:
        assert one.stdin
        one.stdin.write(b"go\n")
        one.stdin.flush()
    return [orjson.loads(one.communicate()[0]) for one in started]


class _Yes:
    """A provider that takes everything at once."""

    def __init__(self) -> None:
        self.handed = itertools.count()

    def deliver(self, *_: Any) -> Accepted:
        next(self.handed)
        return Accepted("taken")


def main(url: str, folder: str) -> None:
    """Drain lane after lane until nothing is due anywhere, with the lines that a worker writes."""
    logs.begin("worker", "info")
    heed, yes = Heed(url, Path(folder)), _Yes()
    heed.house.providers["console"] = yes
    heed.house.incarnations.token()
    lanes = random.sample(range(LANES), LANES)
    print("ready", flush=True)
    sys.stdin.readline()
    began, cpu = time.monotonic(), time.process_time()
    for lane in lanes:
        while heed.house.sender.drain(buckets_of(lane), heed.house.incarnations.token, 5.0):
            pass
    did = {"began": began, "ended": time.monotonic(), "cpu": time.process_time() - cpu, "handed": next(yes.handed)}
    heed.close()
    print(orjson.dumps(did).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
