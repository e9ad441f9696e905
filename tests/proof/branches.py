"""``python -m tests.proof.branches``: how much of the decision, the corridor and the store the tests walk.

It runs the suite, or what it is told to, with branches counted; ``--add`` keeps what was counted before. It writes
var/coverage.json, lists what is below the mark with what is missing, and ends with 1 where a package is below it, in
branches or in lines.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

REPORT = Path("var") / "coverage.json"
PACKAGES = ("connector/domain", "connector/engine", "connector/store")
WANTED = 95.0
_DATA = Path("var") / "coverage"
_COVERAGE = [sys.executable, "-m", "coverage"]


def main(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments and judge; 1 below the mark, pytest's own status where tests fail."""
    _DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = f"--data-file={_DATA / 'data'}"
    if "--add" not in arguments:
        subprocess.run([*_COVERAGE, "erase", data], check=True)
    wanted = [one for one in arguments if one != "--add"]
    run = [*_COVERAGE, "run", data, "--branch", f"--source={','.join(PACKAGES)}"]
    tests = subprocess.run([*run, "-m", "pytest", *wanted], check=False).returncode
    subprocess.run([*_COVERAGE, "combine", "--append", "--quiet", data, str(_DATA)], check=True)
    subprocess.run([*_COVERAGE, "json", data, "--quiet", "-o", str(REPORT)], check=True)
    return judge(orjson.loads(REPORT.read_bytes())["files"]) or tests


def judge(files: Mapping[str, Any]) -> int:
    """Print the modules and packages below the mark; 1 where a package is."""
    for path, found in sorted(files.items()):
        if found["summary"]["num_statements"] and min(_shares([found])) < WANTED:
            branches = [f"{line}->{to}" if to > 0 else f"{line}->exit" for line, to in found["missing_branches"]]
            lines, missing = _shares([found])[1], " ".join([*map(str, found["missing_lines"]), *branches])
            print(f"{path}: {_shares([found])[0]:.1f} % of branches, {lines:.1f} % of lines; missing {missing}")
    below = 0
    for package in PACKAGES:
        branches, lines = _shares([found for path, found in files.items() if path.startswith(package + "/")])
        below |= min(branches, lines) < WANTED
        print(f"{package}: {branches:.1f} % of branches, {lines:.1f} % of lines")
    return int(below)


def _shares(found: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Per cent of branches and of lines."""

    def share(covered: str, all_of: str) -> float:
        whole = sum(one["summary"][all_of] for one in found)
        return 100 * sum(one["summary"][covered] for one in found) / whole if whole else 100.0

    return share("covered_branches", "num_branches"), share("covered_lines", "num_statements")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
