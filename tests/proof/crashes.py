"""``python -m tests.proof.crashes``: kill -9 at every point of every scene, on both databases, again and again; as JSON.

A process of its own plays a small piece of work and is killed at its first statement, commit or byte that leaves, the
next one at its second, and so on, until one comes to its end. Each time somebody else goes on, and the provider's
record judges. It ends with 1 where the promise was broken, or where nothing was proven.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import structlog
from sqlalchemy import make_url

from tests.proof.crash_mutants import MUTANTS
from tests.proof.crash_scenes import SCENES
from tests.proof.crash_survivor import Survivor, lot, surviving
from tests.proof.crash_verdict import conclude
from tests.proof.stage import house_on
from tests.servers import Databases, postgres

DATABASES = ("postgresql", "sqlite")
REPORT = Path("var") / "crashes.json"
REPEATS = 20
#: What must have happened at least: points of different names, and deaths.
POINTS, DEATHS = 40, 1_600
#: A service that is asked while a message is on its way answers after so long that it is not settled yet.
_WAIT_S = 0.05
_SHOWN = 12


@dataclass(frozen=True)
class Task:
    """What one process plays on one database of its own."""

    server: str
    database: str
    repeats: tuple[int, ...]
    seed: int
    scenes: tuple[str, ...] = tuple(SCENES)
    mutant: str | None = None
    every: int = 1


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
    unknown: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)


def play(task: Task) -> Seen:
    """Every scene and every point of it, as often as asked; a mutant until it is caught."""
    seen = Seen(task.database, task.mutant)
    server = Databases(make_url(task.server))
    with house_on(task.database, server, _WAIT_S) as heed, surviving(heed, heed.home, task.mutant) as here:
        for repeat in task.repeats:
            for scene in task.scenes:
                began = time.monotonic()
                for at in _points(task, repeat):
                    if _life(here, task, scene, repeat, at, seen) or (task.mutant and seen.violations):
                        break
                seen.seconds[scene] += time.monotonic() - began
                if not task.mutant:
                    print(_told(seen, scene, repeat), file=sys.stderr, flush=True)
        history = heed.house.history.verify_all()
        seen.violations += [f"history: {one}" for one in history["breaches"]]
    return seen


def _points(task: Task, repeat: int) -> Iterator[int]:
    """The first point, the next one, and so on; in the short form every so many."""
    at = 1 + lot(task.seed, repeat).randrange(task.every)
    while True:
        yield at
        at += task.every


def _life(here: Survivor, task: Task, name: str, repeat: int, at: int, seen: Seen) -> bool:
    """One life and what comes after it; whether it came to its own end."""
    scene = SCENES[name](here, lot(task.seed, name, repeat))
    death = here.bury(name, scene.plan, at)
    where = f"{task.database}, {name}, repeat {repeat}, at {at}, {death.point or 'the end'}"
    seen.violations += [f"{where}: {fault}" for fault in conclude(scene, death)]
    seen.lives[name] += 1
    seen.deaths[name] += death.was_killed
    seen.hand_offs[name] += len(here.provider.handoffs())
    seen.opt_outs[name] += len(scene.words)
    seen.unknown[name] += len(scene.lost)
    if death.point:
        seen.points.setdefault(name, Counter())[death.point] += 1
    return death.point is None


def main(arguments: Sequence[str]) -> int:
    """Play it all, and the mutants; 1 where it does not hold."""
    asked = _read(arguments)
    seed = asked.seed if asked.seed is not None else time.time_ns() % 1_000_000
    began = time.monotonic()
    with postgres() as server:
        tasks = _tasks(server.url(), asked, seed)
        seen = list(_all(tasks, asked.jobs))
    report = judge(seen, asked.repeats) | {"seed": seed}
    report["figures"]["seconds"] = round(time.monotonic() - began, 1)
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def judge(seen: Sequence[Seen], repeats: int) -> dict[str, Any]:
    """The whole report: what is real holds, and each mutant is caught."""
    real = [one for one in seen if one.mutant is None]
    rows = [_row(database, scene, real) for database in DATABASES for scene in SCENES]
    rows = [row for row in rows if row["lives"]]
    violations = [fault for one in real for fault in one.violations]
    caught = {f"{one.mutant}, {one.database}": one.violations[:1] for one in seen if one.mutant}
    names = {point for one in real for points in one.points.values() for point in points}
    deaths = sum(row["deaths"] for row in rows)
    vacuous = [f"{row['database']}, {row['scene']}: proved nothing" for row in rows if not row["hand_offs"]]
    vacuous += [f"{len(names)} points, of {POINTS}"] * (len(names) < POINTS)
    vacuous += [f"{deaths} deaths, of {DEATHS}"] * (deaths < DEATHS * repeats // REPEATS)
    faults = [*vacuous, *(f"{mutant}: was not caught" for mutant, told in caught.items() if not told)]
    return {
        "holds": not violations and not faults, "vacuous": bool(vacuous), "violations": len(violations),
        "examples": violations[:_SHOWN], "faults": faults,
        "figures": {
            "points": len(names), "deaths": deaths,
            **{name: sum(row[name] for row in rows) for name in ("lives", "hand_offs", "opt_outs", "unknown")},
        },
        "mutants": caught, "rows": rows, "names": sorted(names),
    }  # fmt: skip


def _row(database: str, scene: str, real: Sequence[Seen]) -> dict[str, Any]:
    mine = [one for one in real if one.database == database]
    points = {point for one in mine for point in one.points.get(scene, ())}
    return {
        "database": database, "scene": scene, "points": len(points),
        **{
            name: sum(getattr(one, name)[scene] for one in mine)
            for name in ("lives", "deaths", "hand_offs", "opt_outs", "unknown")
        },
        "seconds": round(sum(one.seconds[scene] for one in mine), 1),
    }  # fmt: skip


def _tasks(server: str, asked: argparse.Namespace, seed: int) -> list[Task]:
    """The repeats of each database in parts, and the mutants."""
    scenes = tuple(asked.scenes)
    parts = [tuple(range(first, asked.repeats, asked.jobs)) for first in range(asked.jobs)]
    tasks = [Task(server, one, part, seed, scenes) for one in asked.databases for part in parts if part]
    return tasks + [
        Task(server, one, (0,), seed, (mutant.scene,), name)
        for one in asked.databases for name, mutant in MUTANTS.items() if mutant.scene in scenes
    ]  # fmt: skip


def _all(tasks: Sequence[Task], jobs: int) -> Iterator[Seen]:
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), quietly) as pool:
        for future in as_completed([pool.submit(play, task) for task in tasks]):
            seen = future.result()
            print(_line(seen), file=sys.stderr, flush=True)
            yield seen


def quietly() -> None:
    """What is given up in these scenes is meant."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def _told(seen: Seen, scene: str, repeat: int) -> str:
    return (
        f"crashes: {seen.database}, {scene}, repeat {repeat}: {seen.deaths[scene]} deaths, "
        f"{seen.hand_offs[scene]} hand-offs, {len(seen.violations)} violations, {seen.seconds[scene]:.0f} s"
    )


def _line(seen: Seen) -> str:
    what = f"{seen.mutant}: {'caught' if seen.violations else 'NOT CAUGHT'}" if seen.mutant else (
        f"{seen.deaths.total()} deaths of {seen.lives.total()} lives, {seen.hand_offs.total()} hand-offs, "
        f"{len(seen.violations)} violations in {seen.seconds.total():.0f} s"
    )  # fmt: skip
    return f"crashes: {seen.database}: {what}"


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("crashes", description="Kill a process at every point of every scene.")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--scenes", nargs="+", choices=tuple(SCENES), default=tuple(SCENES))
    parser.add_argument("--repeats", type=int, default=REPEATS, help="how often each point is met")
    parser.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    parser.add_argument("--seed", type=int, help="of who is in it, and who opts out when")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
