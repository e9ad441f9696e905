"""``python -m tests.proof.race``: opt-outs raced with sends and enrolments, in several processes; as JSON.

What the provider saw is the only witness. It ends with 1 where the promise was broken, or where nothing was proven.
"""

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import structlog
from sqlalchemy import func, select

from connector import bootstrap
from connector.store import tables
from tests.heed import Heed
from tests.proof.racing import Part, Recorder, Seen, race
from tests.servers import Databases, fast_place, postgres

REPORT = Path("var") / "race.json"
#: Opt-outs, and of how many of them it must be proven that they met a hand-off to the same address.
FULL = {"postgresql": (100_000, 4_000), "sqlite": (20_000, 500)}
PROCESSES = 2
#: Sends may end so; everything else is not accounted for.
_ENDS = {"sent", "suppressed"}
_SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """Race on each database; 1 where one of them does not hold."""
    asked = _read(arguments)
    seed = asked.seed if asked.seed is not None else time.time_ns() % 1_000_000
    rows = []
    with postgres() as server:
        for engine in asked.databases:
            opt_outs, overlaps = FULL[engine]
            wanted = asked.opt_outs or opt_outs
            row = run(engine, server, wanted, overlaps * wanted // opt_outs, seed, asked.mutant)
            rows.append(row)
            print(_line(row), file=sys.stderr, flush=True)
    report = {"holds": all(row["holds"] for row in rows), "seed": seed, "rows": rows}
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def run(
    engine: str, server: Databases, opt_outs: int, overlaps: int, seed: int, mutant: str | None = None,
    processes: int = PROCESSES,
) -> dict[str, Any]:  # fmt: skip
    """One race, and its row of the report."""
    began = time.monotonic()
    with _raced(engine, server) as (heed, campaigns), _pool(processes) as pool:
        parts = [
            Part(heed.settings, campaigns, 212 + number, opt_outs // processes, seed + number, mutant)
            for number in range(processes)
        ]
        seen = list(pool.map(race, parts))
        seen.append(_finish(heed))
        found = judge(seen) | _accounts(heed, seen)
    row = {"database": engine, "mutant": mutant, **found, "seconds": round(time.monotonic() - began, 1)}
    broken = row["begun_after"] + row["in_flight"] + row["doubled"] + row["unaccounted"] + len(row["faults"])
    vacuous = row["opt_outs"] < opt_outs - processes or row["overlaps"] < overlaps or not row["suppressed"]
    return row | {"vacuous": vacuous, "holds": not broken and not vacuous}


def judge(seen: Sequence[Seen]) -> dict[str, Any]:
    """G1 and G2, by what the provider saw."""
    to: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in seen:
        for address, _text, _send, begun, ended in one.handed:
            to[address].append((begun, ended))
    words = [word for one in seen for word in one.opted_out]
    after = [word[0] for word in words if any(begun > word[2] for begun, _ in to[word[0]])]
    open_at = [word[0] for word in words if any(begun <= word[2] < ended for begun, ended in to[word[0]])]
    met = {word[0] for word in words if any(begun < word[2] and ended > word[1] for begun, ended in to[word[0]])}
    sends = Counter(send for one in seen for _, _, send, _, _ in one.handed)
    places = Counter((address, text) for one in seen for address, text, _, _, _ in one.handed)
    doubled = [str(one) for counts in (sends, places) for one, count in counts.items() if count > 1]
    return {
        "opt_outs": len({word[0] for word in words}), "hand_offs": sends.total(), "overlaps": len(met),
        "begun_after": len(after), "in_flight": len(open_at), "doubled": len(doubled),
        "repeated_calls": sum(one.repeated for one in seen), "faults": [fault for one in seen for fault in one.faults],
        "examples": [*after[:_SHOWN], *open_at[:_SHOWN], *doubled[:_SHOWN]],
    }  # fmt: skip


def _accounts(heed: Heed, seen: Sequence[Seen]) -> dict[str, Any]:
    """Every send has ended, those that are `sent` were handed over and no others, and who stayed was passed nothing."""
    handed = {send for one in seen for _, _, send, _, _ in one.handed}
    of = Counter(address for one in seen for address, _, _, _, _ in one.handed)
    sends = tables.sends
    with heed.house.database.read() as connection:
        counts = dict(connection.execute(select(sends.c.status, func.count()).group_by(sends.c.status)).all())
    unended = sum(count for status, count in counts.items() if status not in _ENDS)
    unlike = abs(counts.get("sent", 0) - len(handed))
    passed_over = sum(of[one] != 2 for part in seen for one in part.stayed)
    return {
        "sends": sum(counts.values()), "suppressed": counts.get("suppressed", 0),
        "unaccounted": unended + unlike + passed_over,
    }  # fmt: skip


def _finish(heed: Heed) -> Seen:
    """Hand over what is left when the callers have gone home."""
    seen = Seen()
    with patch.dict(heed.house.providers, {Recorder.name: Recorder(seen, random.Random(0))}):
        heed.work()
    return seen


@contextmanager
def _raced(engine: str, server: Databases) -> Iterator[tuple[Heed, tuple[str, str]]]:
    """A Heed over an empty database, with two broadcasts that run."""
    home = Path(tempfile.mkdtemp(prefix="heed-race-", dir=fast_place()))
    url = f"sqlite:///{home / 'heed.db'}" if engine == "sqlite" else server.fresh_database()
    bootstrap.migrate(url)
    heed = Heed(url, home)
    try:
        sender = heed.sender()["id"]
        yield heed, (_campaign(heed, sender, "one"), _campaign(heed, sender, "two"))
    finally:
        heed.close()
        if engine != "sqlite":
            server.drop_database(url)
        shutil.rmtree(home, ignore_errors=True)


def _campaign(heed: Heed, sender: str, text: str) -> str:
    values = {"kind": "broadcast", "name": text, "sender": sender, "steps": [{"delay": "PT0S", "text": text}]}
    name = str(heed.post("/v1/campaigns", values)["id"])
    heed.post(f"/v1/campaigns/{name}/start")
    return name


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))


def _line(row: dict[str, Any]) -> str:
    names = ("opt_outs", "hand_offs", "overlaps", "begun_after", "in_flight", "doubled", "unaccounted", "seconds")
    verdict = "holds" if row["holds"] else "vacuous" if row["vacuous"] else "DOES NOT HOLD"
    return f"race: {row['database']}: " + ", ".join(f"{name} {row[name]}" for name in names) + f": {verdict}"


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("race", description="Race opt-outs with sends and enrolments.")
    parser.add_argument("--databases", nargs="+", choices=tuple(FULL), default=tuple(FULL))
    parser.add_argument("--opt-outs", type=int, help="how many on each database, instead of all")
    parser.add_argument("--seed", type=int, help="of the delays")
    parser.add_argument("--mutant", choices=("no wait", "no lock"), help="with a part of the protocol taken out")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
