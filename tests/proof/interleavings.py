"""``python -m tests.proof.interleavings``: every interleaving, on both databases, and the mutants; as JSON.

It ends with 1 where the protocol was broken, where a mutant was not caught, or where nothing was proven.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import orjson
import structlog
from sqlalchemy import make_url

from tests.proof.mutants import MUTANTS
from tests.proof.scenes import STEPS
from tests.proof.schedules import Every
from tests.proof.stage import house_on, run
from tests.servers import Databases, postgres

DATABASES = ("postgresql", "sqlite")
REPORT = Path("var") / "interleavings.json"
#: With a mutant, the enrolment is one step: that is enough to catch each.
_IN_ONE = ("e",)


def main(arguments: Sequence[str]) -> int:
    """Play what is asked for, all of it unless told; 1 where a row does not hold."""
    asked = _read(arguments)
    began = time.monotonic()
    with postgres(deadlock_timeout="20ms") as server:
        if asked.play:
            rows = [_row(server.url(), asked.databases[0], asked.scene, asked.mutant, asked.play)]
        else:
            rows = _all(server.url(), asked.databases, asked.jobs)
    report = {"holds": all(row["holds"] for row in rows), "seconds": round(time.monotonic() - began, 1), "rows": rows}
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    if not asked.play:
        REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def holds(row: dict[str, Any]) -> bool:
    """The protocol is never broken, and each mutant is; and neither because nothing happened."""
    if row["vacuous"]:
        return False
    return bool(row["violations"]) if row["mutant"] else not row["violations"] and not row["faults"]


def _all(server: str, databases: Sequence[str], jobs: int) -> list[dict[str, Any]]:
    """The rows of the report, so many at the same time, each in a process and on a database of its own."""
    wanted: list[tuple[str, str, str | None]] = [(one, scene, None) for one in databases for scene in STEPS]
    wanted += [
        (one, MUTANTS[name].scene, name) for one in databases for name in MUTANTS if one in MUTANTS[name].databases
    ]
    rows = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(_row, server, *one): one for one in wanted}
        for future in as_completed(futures):
            rows[futures[future]] = row = future.result()
            print(_line(row), file=sys.stderr, flush=True)
    return [rows[one] for one in wanted]


def _row(server: str, database: str, scene: str, mutant: str | None, play: str | None = None) -> dict[str, Any]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    steps = {name: 1 if mutant and name in _IN_ONE else times for name, times in STEPS[scene].items()}
    with house_on(database, Databases(make_url(server))) as heed:
        row = run(heed, scene, steps, [play] if play else Every(steps), mutant)
    return row | {"holds": holds(row)}


def _line(row: dict[str, Any]) -> str:
    return (
        f"interleavings: {row['database']}, {row['scene']}, {row['mutant'] or 'the real one'}: "
        f"{row['schedules']} schedules, {row['played']} played, {row['infeasible']} infeasible, {row['same']} same, "
        f"{row['violations']} violations, {row['seconds']} s: {'holds' if row['holds'] else 'DOES NOT HOLD'}"
    )


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("interleavings", description="Play every interleaving, and the mutants.")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--jobs", type=int, default=2, help="how many runs at the same time")
    parser.add_argument("--play", help="one schedule again, such as ccoooeeoocccc")
    parser.add_argument("--scene", choices=tuple(STEPS), default="enrolment", help="of the schedule to play")
    parser.add_argument("--mutant", choices=tuple(MUTANTS), help="against which to play it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
