"""``python -m bench [names…]``: measure, show a table, and write var/bench.json."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from bench import check, claims, enrol, exports, filter, flow, growth, imports, inbound, latency, sends, statements
from bench.rows import Row
from connector import logs

PARTS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "statements": statements.rows,
    "check": check.rows,
    "imports": imports.rows,
    "exports": exports.rows,
    "filter": filter.rows,
    "sends": sends.rows,
    "claim": claims.rows,
    "latency": latency.rows,
    "enrol": enrol.rows,
    "inbound": inbound.rows,
    "flow": flow.rows,
    "growth": growth.rows,
}


def main(arguments: Sequence[str]) -> int:
    """Run the parts named, or all; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("names", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--minutes", type=float, help="of the part sends: how long each kind of sender sends")
    options = parser.parse_args(arguments)
    names = options.names
    if options.minutes:
        os.environ["HEED_BENCH_MINUTES"] = str(options.minutes)
    if unknown := set(names) - set(PARTS):
        print(f"bench: no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    logs.begin("bench", "error")
    rows = []
    for name in names or PARTS:
        began = time.monotonic()
        for row in PARTS[name]():
            print(f"bench: {row.name} = {row.value:g} {row.unit}", file=sys.stderr, flush=True)
            rows.append(row)
        print(f"bench: {name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    _write(Path("var") / "bench.json", rows)
    Console().print(_table(rows))
    return 0 if all(row.holds for row in rows) else 1


def _table(rows: Sequence[Row]) -> Table:
    table = Table("measured", "value", "unit", "goal", "holds")
    for row in rows:
        verdict = "" if row.goal is None else "[green]yes" if row.holds else "[red]no"
        table.add_row(row.name, f"{row.value:g}", row.unit, row.goal or "", verdict)
    return table


def _write(path: Path, rows: Sequence[Row]) -> None:
    date = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    report = {"machine": _machine(), "date": date, "rows": [row.public for row in rows]}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    names = Path("/proc/cpuinfo")
    for line in names.read_text().splitlines() if names.exists() else ():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
