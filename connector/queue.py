"""The queue: RQ over Redis, set up so that losing all of it loses nothing.

A hint says "look into lane 5". It is a job with one small number for an argument, under a name from a fixed list, in
JSON: whoever can write to Redis can make workers look, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.worker import WorkerStatus

QUEUE = "heed"
DRAIN = "connector.jobs.drain"
_LONG = {job: f"connector.jobs.{job}" for job in ("bring", "gather")}
_ALLOWED = frozenset({DRAIN, *_LONG.values()})
#: A hint that was lost is given again after so many seconds.
_FORGOTTEN_S = 5

log = structlog.get_logger()


class HintJob(Job):
    """A job that runs only what Heed allows, whatever Redis says."""

    @property
    def func(self) -> Any:
        if self.func_name not in _ALLOWED:
            raise PermissionError(f"{self.func_name} is not a job of Heed")
        return super().func


class Worker(SimpleWorker):
    """Runs jobs in its own process: the one that holds the liveness lock is the one that hands over."""

    job_class = HintJob
    #: While Redis is away RQ doubles its pause up to a minute: work must go on soon after it is back.
    max_connection_wait_time = 2.0
    stopping: Callable[[], None]

    def request_stop(self, signum: Any, frame: Any) -> None:
        """End when what is in hand is settled, however often that is asked: RQ's own would drop it at a second signal,
        and would speak to a queue that may be away."""
        if self._stop_requested:
            return
        self._stop_requested = True
        self.stopping()
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0) -> int:
        return 15


class NoHints:
    """Where there is no Redis: the ticker finds what is due."""

    def give(self, lanes: Iterable[int]) -> None:
        list(lanes)

    def taken(self, lane: int) -> None: ...

    def go_on(self, job: str, numbers: Iterable[int]) -> None:
        list(numbers)

    def begun(self, job: str, number: int) -> None: ...

    def ping(self) -> None: ...


class Hints:
    """Gives hints to workers; a Redis that is away is a warning, since the ticker will say it again."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self._queue = Queue(QUEUE, connection=self._redis, job_class=HintJob, serializer="json")

    def give(self, lanes: Iterable[int]) -> None:
        """Hint at lanes, once each until a worker begins to look."""
        self._give(DRAIN, lanes)

    def taken(self, lane: int) -> None:
        """A worker begins to look: from now on a new hint is news."""
        self._taken(DRAIN, lane)

    def go_on(self, job: str, numbers: Iterable[int]) -> None:
        """Hint at long jobs in the same way."""
        self._give(_LONG[job], numbers)

    def begun(self, job: str, number: int) -> None:
        self._taken(_LONG[job], number)

    def _give(self, job: str, numbers: Iterable[int]) -> None:
        try:
            for number in numbers:
                if self._redis.set(_name(job, number), 1, nx=True, ex=_FORGOTTEN_S):
                    self._queue.enqueue_call(
                        job, args=(number,), timeout=-1, result_ttl=0, failure_ttl=60, ttl=60, description="hint"
                    )
        except redis.RedisError as error:
            log.warning("hint_not_given", error=type(error).__name__)

    def _taken(self, job: str, number: int) -> None:
        try:
            self._redis.delete(_name(job, number))
        except redis.RedisError as error:
            log.warning("hint_not_taken", error=type(error).__name__)

    def ping(self) -> bool:
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False


@dataclass(frozen=True, slots=True)
class Seen:
    """How a queue server is set up."""

    answers: bool
    policy: str = ""
    keeps: bool = True


def seen(url: str | None, address: Path) -> Seen | None:
    """The queue that is named, or else the one whose address `heed up` has left; None where there is none."""
    url = url or (address.read_text().strip() if address.exists() else None)
    return look(url) if url else None


def look(url: str) -> Seen:
    """Ask a queue server how it is set up; what it may not tell is taken to be in order."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        told = client.info("memory") | client.info("persistence")
        saves = client.config_get("save").get("save", "") if not told.get("aof_enabled") else "kept"
    except redis.ResponseError:
        return Seen(answers=True)
    except redis.RedisError:
        return Seen(answers=False)
    finally:
        client.close()
    return Seen(True, str(told.get("maxmemory_policy", "")), bool(saves))


def worker_on(url: str, stopping: Callable[[], None]) -> Worker:
    """A worker on the one queue: with two, RQ's pop is not safe against a kill. ``stopping`` is called when it is told
    to end."""
    connection = redis.Redis.from_url(url, socket_connect_timeout=5)
    queue = Queue(QUEUE, connection=connection, job_class=HintJob, serializer="json")
    made = Worker([queue], connection=connection, serializer="json", worker_ttl=30, maintenance_interval=60)
    made.stopping = stopping
    return made


def _name(job: str, number: int) -> str:
    return f"heed:hint:{job.rpartition('.')[2]}:{number}"
