"""Where the real code may be halted: around its locks, its commits, its looks and its hand-offs. Nothing is changed."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import psycopg

from connector.domain.messages import Accepted
from connector.engine import waiting
from connector.engine.house import House
from connector.engine.settling import Settling
from connector.store import database, fence, sends
from connector.store.database import Database
from tests.proof.scheduler import AGAIN, Actor, acting, point

#: Between these lie the steps of each actor: look and lock, decide and mark, commit, hand over, settle and go on;
CLAIM = ("locked", "before the commit", "before the hand-off", "in hand")
#: lock, write the word, take back, commit, look until all is quiet;
OPT_OUT = ("locked", "word written", "before the commit", "before the look")
#: write, commit;
ENROL = ("before the commit",)
#: give up what is overdue.
REAP: tuple[str, ...] = ()


class Recorder:
    """The provider: all it sees, in order, on a clock that counts. It answers when it is told to."""

    name = "console"

    def __init__(self) -> None:
        self._lock, self._ticks = threading.Lock(), 0
        self.begin_anew()

    def begin_anew(self) -> None:
        self.begun: dict[str, list[int]] = {}
        self.ended: dict[str, list[int]] = {}

    def tick(self) -> int:
        with self._lock:
            self._ticks += 1
            return self._ticks

    def expect(self) -> None:
        self.arrived, self.answer = threading.Semaphore(0), threading.Event()

    def deliver(self, message: Any, _permit: Any, _settings: Any) -> Accepted:
        self.begun.setdefault(message.to, []).append(self.tick())
        arrived, answer = self.arrived, self.answer
        arrived.release()
        answer.wait()
        self.ended.setdefault(message.to, []).append(self.tick())
        return Accepted(None)


class Hands:
    """The worker's hands: all messages of a claim are handed over at the same time, and answered at the same time."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._pool = recorder, ThreadPoolExecutor(16, thread_name_prefix="hand")

    def map(self, hand_over: Callable[[Any], Any], works: Sequence[Any]) -> list[Any]:
        point("before the hand-off")
        self._recorder.expect()
        arrived, answer = self._recorder.arrived, self._recorder.answer

        def hand(work: Any) -> Any:
            try:
                return hand_over(work)
            finally:
                arrived.release()  # one that never came to the provider is not waited for

        futures = [self._pool.submit(hand, work) for work in works]
        for _ in works:
            arrived.acquire()
        point("in hand")
        answer.set()
        return [future.result() for future in futures]


@contextmanager
def halting(house: House, recorder: Recorder) -> Iterator[Callable[[Actor], bool]]:
    """The house with its points; gives the probe that says whether an actor waits for a lock."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(Database, "write", _write(Database.write)))
        stack.enter_context(patch.object(fence, "share_buckets", _then("locked", fence.share_buckets)))
        stack.enter_context(patch.object(fence, "close_buckets", _then("locked", fence.close_buckets)))
        stack.enter_context(patch.object(sends, "pending_of", _first("word written", sends.pending_of)))
        stack.enter_context(patch.object(Settling, "wait", _first("before the look", Settling.wait)))
        stack.enter_context(patch.object(waiting, "time", SimpleNamespace(monotonic=time.monotonic, sleep=_sleep)))
        stack.enter_context(patch.object(house.sender, "_hands", Hands(recorder)))
        stack.enter_context(patch.dict(house.providers, {recorder.name: recorder}))
        if house.database.is_sqlite:
            line = Line(database.turnstile)
            stack.enter_context(patch.object(database, "turnstile", line.stand))
            yield line.waits
        else:
            url = house.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            monitor = stack.enter_context(psycopg.connect(url, autocommit=True))

            def waits(actor: Actor) -> bool:
                pid = actor.waits_as
                return pid is not None and monitor.execute(_WAITS, [pid]).fetchone() is not None

            yield waits


_WAITS = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted AND locktype IN ('advisory', 'transactionid', 'tuple')"


class Line:
    """SQLite's turnstile, and who stands in front of it."""

    def __init__(self, plain: Callable[..., Any]) -> None:
        self._plain, self._inside = plain, None

    @contextmanager
    def stand(self, path: Any) -> Iterator[None]:
        me = acting() or object()
        if isinstance(me, Actor):
            me.waits_as = self
        with self._plain(path):
            self._inside = me
            if isinstance(me, Actor):
                me.waits_as = None
            try:
                yield
            finally:
                self._inside = None

    def waits(self, actor: Actor) -> bool:
        """Whether somebody else is inside; who has just left lets the next one in at once."""
        return actor.waits_as is self and self._inside not in (None, actor)


def _write(plain: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def write(self: Database) -> Iterator[Any]:
        with plain(self) as connection:
            actor = None if self.is_sqlite else acting()
            if actor is not None:
                actor.waits_as = connection.connection.driver_connection.info.backend_pid
            try:
                yield connection
                point("before the commit")
            finally:
                if actor is not None:
                    actor.waits_as = None

    return write


def _first(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    def halt_and_do(*values: Any, **named: Any) -> Any:
        point(name)
        return plain(*values, **named)

    return halt_and_do


def _then(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    def do_and_halt(*values: Any, **named: Any) -> Any:
        answer = plain(*values, **named)
        point(name)
        return answer

    return do_and_halt


def _sleep(seconds: float) -> None:
    """Whoever looks again later rests until it is his turn."""
    if acting() is None:
        time.sleep(seconds)
    point(AGAIN)
