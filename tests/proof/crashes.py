"""``python -m tests.proof.crashes``: kill -9 at every point of every scene, on both databases, many times; as JSON.

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
from pathlib import Path
from typing import Any

import orjson
import structlog

from tests.proof.crash_lives import Seen, Task, play
from tests.proof.crash_mutants import MUTANTS
from tests.proof.crash_scenes import SCENES
from tests.servers import postgres

DATABASES = ("postgresql", "sqlite")
REPORT = Path("var") / "crashes.json"
REPEATS = 20
#: At so many points of different names somebody died in each repeat, on each database.
POINTS = 40
COUNTED = ("lives", "deaths", "hand_offs", "opt_outs", "waited", "answered", "unknown")
_SHOWN = 12


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
    rows = [row for database in DATABASES for scene in SCENES if (row := _row(database, scene, real))["lives"]]
    violations = [fault for one in real for fault in one.violations]
    caught = {f"{one.mutant}, {one.database}": one.violations[:1] for one in seen if one.mutant}
    points = {database: _points(database, real) for database in sorted({one.database for one in real})}
    often = {database: sum(met >= repeats for met in names.values()) for database, names in points.items()}
    vacuous = [f"{row['database']}, {row['scene']}: proved nothing" for row in rows if not row["hand_offs"]]
    vacuous += [f"{database}: only {many} points" for database, many in often.items() if many < POINTS]
    vacuous += [f"nothing was {name}" for name in ("waited", "answered", "unknown") if not any(r[name] for r in rows)]
    faults = [*vacuous, *(f"{mutant}: was not caught" for mutant, told in caught.items() if not told)]
    return {
        "holds": not violations and not faults, "vacuous": bool(vacuous), "violations": len(violations),
        "examples": violations[:_SHOWN], "faults": faults,
        "figures": {
            "points_met_in_each_repeat": often, "points": {one: len(names) for one, names in points.items()},
            **{name: sum(row[name] for row in rows) for name in COUNTED},
        },
        "mutants": caught, "rows": rows, "deaths_at": points,
    }  # fmt: skip


def _points(database: str, real: Sequence[Seen]) -> dict[str, int]:
    """How often somebody died at each, in whichever scene."""
    met = sum((points for one in real if one.database == database for points in one.points.values()), Counter())
    return dict(sorted(met.items()))


def _row(database: str, scene: str, real: Sequence[Seen]) -> dict[str, Any]:
    mine = [one for one in real if one.database == database]
    points = {point for one in mine for point in one.points.get(scene, ())}
    return {
        "database": database, "scene": scene, "points": len(points),
        **{name: sum(getattr(one, name)[scene] for one in mine) for name in COUNTED},
        "seconds": round(sum(one.seconds[scene] for one in mine), 1),
    }  # fmt: skip


def _tasks(server: str, asked: argparse.Namespace, seed: int) -> list[Task]:
    """The mutants, and every repeat on each database."""
    scenes = tuple(asked.scenes)
    mutants = {name: mutant.scene for name, mutant in MUTANTS.items() if mutant.scene in scenes}
    return [
        *(Task(server, one, 0, seed, (scene,), name) for one in asked.databases for name, scene in mutants.items()),
        *(Task(server, one, repeat, seed, scenes) for repeat in range(asked.repeats) for one in asked.databases),
    ]


def _all(tasks: Sequence[Task], jobs: int) -> Iterator[Seen]:
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), quietly) as pool:
        for future in as_completed([pool.submit(play, task) for task in tasks]):
            seen = future.result()
            print(_line(seen), file=sys.stderr, flush=True)
            yield seen


def quietly() -> None:
    """What is given up in these scenes is meant."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


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
