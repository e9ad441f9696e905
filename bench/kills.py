"""The demo ten times over, with a kill -9 of a worker or of the service at ten random moments; its check must hold.

python -m bench.kills [--postgres] [--times 10] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.table import Table

from connector.demo.show import Show
from connector.demo.story import Options, play
from tests.servers import Databases, postgres

#: The story takes some twenty seconds, so a kill within these always meets it.
LATEST_S = 16.0


def main() -> int:
    options = parser().parse_args()
    throws, show = random.Random(options.seed), Show(beside=True)
    with postgres() if options.postgres else nullcontext() as server:
        played = []
        for number in range(options.times):
            part = ("worker", "service")[number % 2]
            at = round(throws.uniform(0.0, LATEST_S), 1)
            with database(server) as url:
                played.append({"kill": part, "at": at, **play(Options(url, part, at), show)})
    tell(played)
    sys.stdout.write(json.dumps(played) + "\n") if options.json else None
    return 0 if all(one["ok"] and one["killed"] for one in played) else 1


@contextmanager
def database(server: Databases | None) -> Iterator[str | None]:
    """A new database for each play; SQLite makes its own."""
    if server is None:
        yield None
        return
    url = server.fresh_database()
    try:
        yield url
    finally:
        server.drop_database(url)


def tell(played: list[dict]) -> None:
    table = Table(title="Ten kills")
    names = ("kill", "at", "sent", "suppressed", "unknown", "handed_over", "opted_out", "repeated_calls", "seconds")
    for name in (*names, "check"):
        table.add_column(name, justify="right")
    for one in played:
        verdict = "not killed" if not one["killed"] else "holds" if one["ok"] else f"{len(one['faults'])} faults"
        table.add_row(*(str(one[name]) for name in names), verdict)
    console = Console(width=140)
    console.print(table)
    for number, one in enumerate(played, start=1):
        for fault in one["faults"]:
            console.print(f"{number}: {fault}")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--postgres", action="store_true")
    made.add_argument("--times", type=int, default=10)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--json", action="store_true")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
