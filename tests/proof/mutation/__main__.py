"""``python -m tests.proof.mutation``: each small change to the decision and to the fence, and the test that notices it.

It writes var/mutation.json and ends with 1 where of any module less than 90 in 100 mutants are killed.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from tests.proof.mutation.nursery import Grown, Nursery, nursery
from tests.proof.mutation.operators import Mutant, mutants
from tests.proof.mutation.plan import PARTS, Part

REPORT = Path("var") / "mutation.json"
WANTED = 90.0
#: A mutant may loop for ever; on a busy machine a sound one takes several times as long as before.
_PATIENCE, _PATIENCE_S = 5.0, 30.0


def main(arguments: Sequence[str]) -> int:
    """Try every mutant of what is asked for, all of it unless told; 1 where a module is below the mark."""
    asked = _read(arguments)
    parts = [part for part in PARTS if not asked.modules or part.module in asked.modules]
    with tempfile.TemporaryDirectory() as folder, nursery(Path(folder)) as place:
        rows: list[dict[str, Any]] = []
        for part in parts:
            rows.append(_row(place, part, asked.tests or part.tests, asked.grep))
            print(_line(rows[-1]), flush=True)
            _write(asked.report, rows)
    return 0 if all(row["score"] >= WANTED for row in rows) else 1


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    report = {"holds": all(row["score"] >= WANTED for row in rows), "wanted": WANTED, "modules": rows}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")


def _row(place: Nursery, part: Part, tests: Sequence[str], grep: str) -> dict[str, Any]:
    began = time.monotonic()
    path = str(find_spec(part.module).origin)
    place.warm_up(tests)
    before = place.grow(tests, [path])
    if before is None or before.failed:
        raise SystemExit(f"mutation: the tests of {part.module} do not pass as it is: {before and before.failed}")
    tree = ast.parse(Path(path).read_text())
    kills, outcomes = Counter[str](), []
    for mutant in mutants(tree):
        if grep not in mutant.name:
            continue
        if mutant.name in part.equivalent:
            outcomes.append(_outcome(mutant, "equivalent", part.equivalent[mutant.name]))
        else:
            outcomes.append(_tried(place, part.module, tree, mutant, _chosen(before, path, mutant, kills)))
            kills[outcomes[-1]["by"].partition("[")[0]] += 1
        print("mutation: {line}: {name}: {what}, {by}".format(**outcomes[-1]), file=sys.stderr, flush=True)
    counts = Counter(one["what"] for one in outcomes)
    tried = counts["killed"] + counts["survived"]
    return {
        "module": part.module, "mutants": len(outcomes), **{k: counts[k] for k in ("killed", "survived", "equivalent")},
        "score": round(100 * counts["killed"] / tried, 1) if tried else 100.0,
        "seconds": round(time.monotonic() - began, 1), "tests": list(tests),
        "survivors": [one for one in outcomes if one["what"] == "survived"], "all": outcomes,
        "stale": sorted(set(part.equivalent) - {one["name"] for one in outcomes}),
    }  # fmt: skip


def _tried(place: Nursery, module: str, tree: ast.Module, mutant: Mutant, tests: Mapping[str, float]) -> dict[str, Any]:
    if not tests:
        return _outcome(mutant, "survived", "no test comes here")
    limit = _PATIENCE_S + _PATIENCE * sum(tests.values())
    failed = place.try_out(module, tree, mutant, list(tests), limit)
    return _outcome(mutant, *(("killed", failed) if failed else ("survived", f"{len(tests)} tests do not notice")))


def _chosen(before: Grown, path: str, mutant: Mutant, kills: Counter[str]) -> dict[str, float]:
    """The tests that come by: those first that are cheap, have killed often, and stand high in the plan."""
    seen = before.seen[path]
    names = {name for line in mutant.lines for name in seen.get(line, ())}
    if names == {""}:  # done once, at the import: whatever uses the module may notice
        names = {name for line in seen.values() for name in line}
    rank = {name.partition("[")[0]: at for at, name in enumerate(before.passed)}

    def worth(name: str) -> float:
        test = name.partition("[")[0]
        return before.passed[name] * (1 + rank[test] / 10) / (1 + kills[test])

    return {name: before.passed[name] for name in sorted((one for one in names if one in before.passed), key=worth)}


def _outcome(mutant: Mutant, what: str, by: str) -> dict[str, Any]:
    return {"line": mutant.lines.start, "name": mutant.name, "what": what, "by": by}


def _line(row: Mapping[str, Any]) -> str:
    return (
        f"{row['module']}: {row['mutants']} mutants, {row['killed']} killed, {row['survived']} survived, "
        f"{row['equivalent']} equivalent: {row['score']} % in {row['seconds']} s"
    )


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("mutation", description="Change the decision and the fence; a test must notice.")
    parser.add_argument("--modules", nargs="+", choices=[part.module for part in PARTS])
    parser.add_argument("--tests", nargs="+", help="other tests than those of the plan")
    parser.add_argument("--grep", default="", help="only mutants whose name holds this")
    parser.add_argument("--report", type=Path, default=REPORT)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
