"""One database of its own: every scene, played by one process after another, each of which dies a point later."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import make_url

from tests.proof.crash_scenes import SCENES
from tests.proof.crash_survivor import Survivor, lot, surviving
from tests.proof.crash_verdict import conclude
from tests.proof.stage import house_on
from tests.servers import Databases

#: A service that is asked while a message is on its way answers after so long that it is not settled yet.
_WAIT_S = 0.05


@dataclass(frozen=True)
class Task:
    """What one process plays on one database of its own."""

    server: str
    database: str
    repeat: int
    seed: int
    scenes: tuple[str, ...] = tuple(SCENES)
    mutant: str | None = None
    #: Of so many points one is met.
    every: int = 1

    @property
    def is_thorough(self) -> bool:
        """Each statement is a point in one repeat out of ten: what comes of it is known from the commits around it."""
        return self.repeat % 10 == 0


@dataclass
class Seen:
    """What came of it, by scene."""

    database: str
    mutant: str | None
    lives: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    points: dict[str, Counter[str]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    hand_offs: Counter[str] = field(default_factory=Counter)
    opt_outs: Counter[str] = field(default_factory=Counter)
    #: Opt-outs that had to wait for the dead one's hands, and calls that were answered before the death.
    waited: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)


def play(task: Task) -> Seen:
    """Every scene and every point of it; a mutant until it is caught."""
    seen = Seen(task.database, task.mutant)
    server = Databases(make_url(task.server))
    with house_on(task.database, server, _WAIT_S) as heed, surviving(heed, heed.home, task.mutant) as here:
        for scene in task.scenes:
            began = time.monotonic()
            for at in _points(task):
                if _life(here, task, scene, at, seen) or (task.mutant and seen.violations):
                    break
            seen.seconds[scene] += time.monotonic() - began
        history = heed.house.history.verify_all()
        seen.violations += [f"history: {one}" for one in history["breaches"]]
    return seen


def _points(task: Task) -> Iterator[int]:
    """The first point, the next one, and so on; in the short form every so many."""
    at = 1 + lot(task.seed, task.repeat).randrange(task.every)
    while True:
        yield at
        at += task.every


def _life(here: Survivor, task: Task, name: str, at: int, seen: Seen) -> bool:
    """One life and what comes after it; whether it came to its own end."""
    scene = SCENES[name](here, lot(task.seed, name, task.repeat))
    death = here.bury(name, scene.plan, at, task.is_thorough)
    try:
        faults = conclude(scene, death)
    except AssertionError as fault:  # a call is refused, or what has to happen never does
        faults = [str(fault)]
    where = f"{task.database}, {name}, repeat {task.repeat}, at {at}, {death.point or 'the end'}"
    seen.violations += [f"{where}: {fault}" for fault in faults]
    if faults and not task.mutant:
        print(f"crashes: {where}: {'; '.join(faults)}", file=sys.stderr, flush=True)
    seen.lives[name] += 1
    seen.deaths[name] += death.was_killed
    seen.hand_offs[name] += len(here.provider.handoffs())
    seen.opt_outs[name] += len(scene.words)
    seen.waited[name] += scene.waited
    seen.answered[name] += bool(death.point and death.answers)
    seen.unknown[name] += len(scene.lost)
    if death.point:
        seen.points.setdefault(name, Counter())[death.point] += 1
    return death.point is None
