"""What breaks: processes killed and stopped, the database restarted and cut off, the queue emptied and killed."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import redis
from sqlalchemy import make_url

from connector.demo.launch import Running
from tests.journeys.up import Up
from tests.proof.chaos_load import Load, Tail
from tests.servers import PostgresServer

#: A worker that stands still for longer than a provider may take ends with messages of which nobody can say.
LONG_STOP_S = 4.0
_PROVIDER_FAULTS = ("reset-after", "close-after", "500-after", "garbage", "garbage-json", "503", "429", "delay", "drip")


@dataclass(frozen=True)
class Fault:
    """One thing that broke, when (ns), and whether messages were on their way and due."""

    kind: str
    at: int
    in_hand: int
    due: int


@dataclass
class Chaos:
    """Breaks things at random moments, each kind so often in the time given."""

    up: Up
    server: PostgresServer
    provider: Running
    tail: Tail
    load: Load
    seed: int
    happened: list[Fault] = field(default_factory=list)
    long_stops: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        #: While everything is being started again nobody looks for a part to kill.
        self._whole = threading.Lock()

    def counts(self) -> Counter[str]:
        return Counter(fault.kind for fault in self.happened)

    def reign(self, plan: dict[str, int], seconds: float, most_s: float) -> None:
        """Play the plan, on a slow machine for longer. This thread, which outlives all, starts processes again."""
        kinds: dict[str, Callable[[], bool]] = {
            "worker killed": self._kill_worker, "worker stopped": self._stop_worker,
            "service killed": lambda: self._kill("service"), "queue killed": lambda: self._kill("queue"),
            "queue emptied": self._empty_queue, "connections cut": self._cut, "provider faulty": self._worsen_provider,
        }  # fmt: skip
        began = time.monotonic()
        threads = [
            threading.Thread(target=self._kept, args=(kind, kinds[kind], count, seconds / count, began + most_s))
            for kind, count in plan.items()
            if kind in kinds
        ]
        for thread in threads:
            thread.start()
        self._main(plan, began + seconds)
        for thread in threads:
            thread.join()

    def _main(self, plan: dict[str, int], end: float) -> None:
        deck = ["database restarted"] * plan["database restarted"] + ["everything killed"] * plan["everything killed"]
        self._dice.shuffle(deck)
        pause = (end - time.monotonic()) / (len(deck) + 1)
        for place, kind in enumerate(deck, start=1):
            time.sleep(max(0.0, end - pause * (len(deck) + 1 - place) - time.monotonic()))
            self._note(kind)
            if kind == "database restarted":
                self.server.restart()
            else:
                with self._whole:
                    self.up.kill_everything()
                    self.up.start()

    def _kept(self, kind: str, act: Callable[[], bool], count: int, pause_s: float, end: float) -> None:
        """So often, at uneven moments; what could not be done (nothing runs to kill) is tried again until the end."""
        dice = random.Random(f"{self.seed} {kind}")
        try:
            for _ in range(count):
                time.sleep(dice.uniform(0.2, 1.7) * pause_s)
                with self._whole:
                    pass
                while not act():
                    if time.monotonic() > end:
                        return
                    time.sleep(0.1)
        except Exception as fault:  # a chaos that has stopped proves nothing: the verdict says so
            self.faults.append(f"{kind}: {type(fault).__name__}: {fault}"[:300])

    def _note(self, kind: str) -> None:
        self.happened.append(self._now(kind))

    def _now(self, kind: str) -> Fault:
        return Fault(kind, time.monotonic_ns(), len(self.tail.in_hand()), self.load.due)

    def _kill_worker(self) -> bool:
        """One of the two oldest, which have come up, and in the middle of hand-offs: else a kill shows little."""
        workers = self.up.pids("worker")
        return bool(workers and self.tail.in_hand()) and self._signal(
            self._dice.choice(workers[:2]), "worker killed", signal.SIGKILL
        )

    def _kill(self, part: str) -> bool:
        found = self.up.pids(part)
        return bool(found) and self._signal(found[0], f"{part} killed", signal.SIGKILL)

    def _signal(self, pid: int, kind: str, number: int) -> bool:
        fault = self._now(kind)
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return False
        self.happened.append(fault)
        return True

    def _stop_worker(self) -> bool:
        """Mostly for a moment; now and then for longer than its hand-offs may take."""
        workers = self.up.pids("worker")
        if not workers or not self._signal(pid := self._dice.choice(workers[:2]), "worker stopped", signal.SIGSTOP):
            return False
        for_s = self._dice.uniform(11.0, 13.0) if self._dice.random() < 0.1 else self._dice.uniform(0.1, 3.0)
        self.long_stops += for_s >= LONG_STOP_S
        time.sleep(for_s)
        with contextlib.suppress(ProcessLookupError):  # it was killed meanwhile
            os.killpg(pid, signal.SIGCONT)
        return True

    def _empty_queue(self) -> bool:
        try:
            queue = self.up.queue()
            self._note("queue emptied")
            queue.flushall()
        except (redis.RedisError, StopIteration):
            return False
        return True

    def _cut(self) -> bool:
        """Every connection, or a few of them, are closed by the database in the middle of whatever it does."""
        most = 1_000 if self._dice.random() < 0.5 else 3
        try:
            with self.server.connect() as admin:
                self._note("connections cut")
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
                    "WHERE datname = %s AND pid <> pg_backend_pid() ORDER BY random() LIMIT %s) AS one",
                    [make_url(self.up.database or "").database, most],
                )
        except psycopg.Error:
            return False
        return True

    def _worsen_provider(self) -> bool:
        word = self._dice.choice(_PROVIDER_FAULTS)
        rule = {"do": word, "ms": 400 if word == "delay" else 20} if not word.isdigit() else {"do": word}
        if word.isdigit() and word != "429":
            rule = {"do": "answer", "status": int(word), "body": {}}
        self.provider.behave({"*": rule | {"times": self._dice.randint(1, 20)}})
        self._note("provider faulty")
        return True
