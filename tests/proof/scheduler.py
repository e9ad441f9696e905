"""Threads that run one at a time, from one point of rest to the next, in the order that a schedule says."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

#: Where somebody rests who has looked and must look again: at every look, not once.
AGAIN = "again"
#: A step that neither rests nor waits for a lock after so long is a fault of the harness.
PATIENCE_S = 20.0
#: How long a step may take before the database is asked whether it waits for a lock.
_USUAL_S = 0.002

_here = threading.local()


class Stuck(Exception):
    """Somebody neither came to rest nor waits for a lock."""


def point(name: str) -> None:
    """A place where the actor that runs in this thread may rest; everybody else goes on."""
    if (actor := acting()) is not None:
        actor.point(name)


def acting() -> "Actor | None":
    return getattr(_here, "actor", None)


class Actor:
    """One of those who act at the same time, in a thread of its own, and where it rests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done, self.blocked = True, False
        self._is_left = False
        self.fault: Exception | None = None
        #: What waits for a lock, as the database's probe knows it.
        self.waits_as: Any = None
        self._plan: deque[str] = deque()
        self._still, self._go = threading.Event(), threading.Semaphore(0)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def prepare(self, work: Callable[[], None], plan: Sequence[str]) -> None:
        """Ready to begin; it will rest once at each place of its plan, in this order."""
        self._plan, self.done, self.blocked, self.fault, self.waits_as = deque(plan), False, False, None, None
        self._still.set()
        self._thread.submit(self._run, work)

    def point(self, name: str) -> None:
        if name != AGAIN:
            if not self._plan or self._plan[0] != name:
                return
            self._plan.popleft()
        self._still.set()
        self._go.acquire()
        if self._is_left:
            raise Stuck(self.name)

    def go(self) -> None:
        self._still.clear()
        self._go.release()

    def rests(self, within_s: float = 0.0) -> bool:
        return self._still.wait(within_s)

    def close(self) -> None:
        """End the thread; who still rests, because the harness failed, does nothing more."""
        self._is_left = True
        self._go.release()
        self._thread.shutdown()

    def _run(self, work: Callable[[], None]) -> None:
        self._go.acquire()
        _here.actor = self
        try:
            work()
        except Exception as fault:  # the scene judges it
            self.fault = fault
        _here.actor = None
        self.done = True
        self._still.set()


@dataclass
class Played:
    """One schedule as it went: who was blocked and who was done before each of its steps."""

    schedule: str
    blocked: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    #: The place of the first step that was asked of somebody who waits for a lock.
    infeasible: int | None = None


class Stage:
    """The actors, and the probe that says whether one of them waits for a lock."""

    def __init__(self, actors: Mapping[str, Actor], waits: Callable[[Actor], bool]) -> None:
        self._actors, self._waits = actors, waits

    def play(self, schedule: str) -> Played:
        """Step by step; from a step on that can't be taken, and after the last, everybody goes on in turn."""
        played = Played(schedule)
        for place, name in enumerate(schedule):
            actor = self._actors[name]
            played.blocked.append("".join(one.name for one in self._actors.values() if one.blocked))
            played.done.append("".join(one.name for one in self._actors.values() if one.done))
            if actor.blocked:
                played.infeasible = place
                break
            if not actor.done:
                self._step(actor)
        self._play_out()
        return played

    def _step(self, actor: Actor) -> None:
        actor.go()
        actor.rests(_USUAL_S)
        self._follow(actor)
        self._look_at_the_blocked()

    def _look_at_the_blocked(self) -> None:
        """A step may free whoever waits, and whoever is freed may free the next."""
        freed = True
        while freed:
            waiting = [one for one in self._actors.values() if one.blocked]
            freed = bool([one for one in waiting if self._follow(one)])  # every one of them is looked at

    def _follow(self, actor: Actor) -> bool:
        """Until it rests (True) or waits for a lock."""
        end = time.monotonic() + PATIENCE_S
        while not actor.rests():
            if self._waits(actor):
                actor.blocked = True
                return False
            if time.monotonic() > end:
                raise Stuck(actor.name)
            actor.rests(0.001)
        actor.blocked = False
        return True

    def _play_out(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while going := [one for one in self._actors.values() if not one.done]:
            able = [one for one in going if not one.blocked]
            for one in able:
                if not one.blocked:
                    self._step(one)
            if not able:  # a ring, which the database breaks
                self._look_at_the_blocked()
            if time.monotonic() > end:
                raise Stuck(", ".join(one.name for one in going))
