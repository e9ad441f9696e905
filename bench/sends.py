"""Sending: Heed's workers against a bare pool of requests, against themselves without a fence, and against a queue job
for each message. All of them post to a provider that takes 50 ms, slice by slice in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import redis
import rq

from bench import crowd, servers
from bench.provider import Provider, provider
from bench.rows import Row
from bench.senders import QUEUE, one_message
from connector import bootstrap
from connector.embedded import QueueServer, tied_to_parent
from connector.engine.claim import BATCH
from connector.settings import Settings, environment
from tests.heed import KEY, Heed
from tests.servers import postgres

#: Each kind of sender runs for so long in all, unless ``--minutes`` says else.
SECONDS, TURNS = 20.0, 2
WORKERS = int(os.environ.get("HEED_BENCH_WORKERS", "4"))
#: Two cores hand over no more in a second, so the broadcast outlasts the measurement.
_MOST_PER_S = 1_500
#: What comes before this is starting up.
_WARM = 100
#: So long they go on after a slice, until what they are at is done.
_ENDING_S = 5.0
_STARTS_S, _ENDS_S = 120.0, 60.0
_ROOT = Path(__file__).parent.parent
WORKER = _ROOT / "worker.py"


@dataclass(frozen=True, slots=True)
class Slice:
    """What some processes did together for a while."""

    sent: int
    seconds: float
    #: Of the senders and of the database.
    cpu: float

    @property
    def rate(self) -> float:
        return self.sent / self.seconds


def rows() -> Iterator[Row]:
    """On PostgreSQL, with a queue server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres() as server,
        provider() as target,
        QueueServer(Path(folder) / "queue") as queue,
    ):
        url = server.fresh_database()
        bootstrap.migrate(url)
        plain = servers.settings(Path(folder), url)
        heed = Heed(url, Path(folder))
        try:
            yield from _measured(heed, replace(plain, redis_url=queue.url, allow_private_targets=True), target)
        finally:
            heed.close()


def _measured(heed: Heed, here: Settings, target: Provider) -> Iterator[Row]:
    handed, of = 0, dict[str, list[Slice]]()
    slice_s = (60 * float(os.environ.get("HEED_BENCH_MINUTES", "0")) or SECONDS) / TURNS
    name = broadcast(heed, target, people=int(2 * TURNS * (slice_s + _ENDING_S) * _MOST_PER_S))
    commands = {
        "fenced": [str(WORKER)],
        "bare": ["-m", "bench.senders", "bare", target.url, str(BATCH)],
        "unfenced": ["-m", "bench.senders", "unfenced"],
    }
    database = servers.postmaster(heed.url)
    for turn in range(TURNS):
        # Turned around each time, so that nobody always comes after the same one.
        for kind in commands if turn % 2 else reversed(commands):
            before = target.handed
            with senders(commands[kind], environment(here)) as pids:
                of.setdefault(kind, []).append(watch(target, pids, slice_s, database))
                say(kind, of[kind][-1])
            handed += target.handed - before if kind != "bare" else 0
    report = heed.get(f"/v1/campaigns/{name}/report")
    assert handed < 0.9 * report["total"], "the broadcast was too short to be measured: few are left in each claim"
    assert (report["sent"], report["unknown"], report["failed"]) == (handed, 0, 0), report
    fenced, bare, unfenced = of["fenced"], of["bare"], of["unfenced"]
    sent, seconds = sum(one.sent for one in fenced), sum(one.seconds for one in fenced)
    yield Row("sends_per_s", round(sent / seconds), f"messages/s, {WORKERS} workers, provider 50 ms", ">= 500")
    yield Row("sends_ratio", ratio(fenced, bare), "x a bare pool of requests", ">= 0.5")
    yield Row("sends_fence_ratio", ratio(fenced, unfenced), "x without the fence's locks", ">= 0.95")
    yield Row("sends_fence_cpu_ratio", round(cpu_each(unfenced) / cpu_each(fenced), 2), "x by CPU a message")
    yield Row("sends_cpu", round(1e6 * cpu_each(fenced)), "µs of CPU a message, workers and database")
    yield Row("sends_bare_cpu", round(1e6 * cpu_each(bare)), "µs of CPU a message")
    jobs = _jobs(heed, here, target, slice_s)
    yield Row("sends_rq_ratio", round(sent / seconds / jobs.rate, 1), "x a job and a check each", ">= 10")


def broadcast(heed: Heed, target: Provider, people: int) -> str:
    name = crowd.broadcast(heed, heed.sender(target.url)["id"], crowd.group_of(heed, people))
    heed.post(f"/v1/campaigns/{name}/start")
    crowd.gather(heed)
    return name


@contextmanager
def senders(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[list[int]]:
    """Some processes that send, as long as the block lasts; they finish what they have in hand."""
    started = [
        subprocess.Popen(tied_to_parent([sys.executable, *command]), env=dict(variables), cwd=_ROOT)
        for _ in range(WORKERS)
    ]
    try:
        yield [one.pid for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(_ENDS_S)


def watch(target: Provider, pids: Sequence[int], seconds: float, database: int, warm: int = _WARM) -> Slice:
    """What they hand over in so many seconds, once they are all at it."""
    wanted, end = target.handed + warm * len(pids), time.monotonic() + _STARTS_S
    while target.handed < wanted:
        assert time.monotonic() < end, "nobody sends"
        time.sleep(0.02)
    cpu, handed, began = _cpu(pids, database), target.handed, time.monotonic()
    time.sleep(seconds)
    ended = time.monotonic()
    return Slice(target.handed - handed, ended - began, _cpu(pids, database) - cpu)


def say(kind: str, one: Slice) -> None:
    """Each slice, and how busy the machine was with others."""
    cpu, load = 1e6 * one.cpu / max(one.sent, 1), os.getloadavg()[0]
    print(f"sends: {kind}: {one.rate:.0f}/s, {cpu:.0f} µs of CPU each, load {load:.1f}", file=sys.stderr, flush=True)


def _cpu(pids: Sequence[int], database: int) -> float:
    return sum(servers.cpu_of(pid) for pid in (*pids, database))


def ratio(some: Sequence[Slice], others: Sequence[Slice]) -> float:
    """Turn by turn, so that both met the same weather."""
    return round(statistics.median(a.rate / b.rate for a, b in zip(some, others, strict=True)), 2)


def cpu_each(some: Sequence[Slice]) -> float:
    return sum(one.cpu for one in some) / sum(one.sent for one in some)


def _jobs(heed: Heed, here: Settings, target: Provider, seconds: float) -> Slice:
    """What most people write: a job for each contact, which asks Heed and posts."""
    with servers.heed(here) as service:
        queue = rq.Queue(QUEUE, connection=redis.Redis.from_url(here.redis_url or ""))
        asked = f"http://127.0.0.1:{service.port}/v1/actions/check_consent"
        queue.enqueue_many(
            rq.Queue.prepare_data(one_message, (asked, KEY, target.url, crowd.number(place)), result_ttl=0)
            for place in range(int(WORKERS * seconds * 40))
        )
        command = ["-m", "bench.senders", "queue", here.redis_url or ""]
        with senders(command, environment(here)) as pids:
            found = watch(target, pids, seconds, servers.postmaster(heed.url), warm=5)
            say("a job each", found)
        assert len(queue), "there were too few jobs to be measured"
        queue.empty()
    return found
