"""``python -m tests.proof.scanners``: link scanners look at every public link, 10,000 times; nothing may change.

A whole Heed runs, every link is opened with GET, HEAD and OPTIONS in the name of some fifty scanners, also with what a
POST would carry in its query; a dump of the whole database before and after must be the same. It ends with 1 where it
is not, or where fewer looks than asked for were answered.
"""

import argparse
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import create_engine, select

from connector.demo.launch import running
from connector.store.tables import metadata
from tests.engine.scenes import eventually
from tests.journeys.up import Up
from tests.links import every
from tests.oracles import BESIDE
from tests.servers import postgres

AGENTS = (Path(__file__).parent.parent / "data" / "scanners.txt").read_text().splitlines()
METHODS = ("GET", "HEAD", "OPTIONS")
#: What a link may have behind it: nothing, or all that a POST would act upon.
QUERIES = (
    "", "?List-Unsubscribe=One-Click", "?scope=everything", "?stop=all", "?number=%2B14155550123&stamp=x",
    "?id=1&from=%2B14155550123&text=STOP", "?utm_source=mail",
)  # fmt: skip
LOOKS = 10_000
#: method, path with query, agent -> status
Look = Callable[[str, str, str], int]


def looks(paths: Sequence[str], methods: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Every (method, path with query), over and over, each time in the name of the next scanner."""
    agents = itertools.cycle(AGENTS)
    for path, method, query in itertools.cycle(itertools.product(paths, methods, QUERIES)):
        yield method, path + query, next(agents)


def scan(look: Look, paths: Sequence[str], count: int, methods: Sequence[str]) -> Counter[tuple[str, str, int]]:
    """How often each (kind of link, method, status) was seen."""
    seen: Counter[tuple[str, str, int]] = Counter()
    for method, path, agent in itertools.islice(looks(paths, methods), count):
        seen[path.split("/")[1], method, look(method, path, agent)] += 1
    return seen


def dump(url: str) -> dict[str, list[str]]:
    """Every row of every table, but of those that tell which processes live."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in BESIDE
        }
    engine.dispose()
    return found


@contextmanager
def over_http(port: int) -> Iterator[Look]:
    """Looks over one real connection, as long as the other side keeps it."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)

    def look(method: str, path: str, agent: str) -> int:
        line.request(method, path, headers={"User-Agent": agent, "X-Purpose": "preview"})
        answer = line.getresponse()
        answer.read()
        return answer.status

    yield look
    line.close()


def prove(database: str, count: int, methods: Sequence[str] = METHODS) -> dict[str, object]:
    """One database: scan, and compare."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "handoffs.jsonl") as provider:
        up = Up(Path(folder), database, workers=1)
        up.start()
        try:
            paths = [urlsplit(link).path for link in every(up.client, provider)]
            before = eventually(lambda: _at_rest(database))
            with over_http(urlsplit(up.url).port or 0) as look:
                seen = scan(look, paths, count, methods)
            after = dump(database)
        finally:
            up.end()
    changed = [name for name, rows in before.items() if rows != after[name]]
    failed = {" ".join(map(str, what)): number for what, number in seen.items() if what[2] >= 500 or what[2] == 429}
    return {
        "looks": seen.total(), "links": len(paths), "agents": len(AGENTS), "rows": sum(map(len, before.values())),
        "tables_changed": changed, "failed": failed,
        "answers": {" ".join(map(str, what)): number for what, number in sorted(seen.items())},
        "holds": not changed and not failed and seen.total() == count,
    }  # fmt: skip


def _at_rest(database: str) -> dict[str, list[str]] | None:
    """The dump, once two in a row are the same: what was sent has been settled."""
    first = dump(database)
    return first if dump(database) == first and not any("'sending'" in row for row in first["sends"]) else None


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.scanners", description=__doc__)
    parser.add_argument("--looks", type=int, default=LOOKS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    options = parser.parse_args(arguments)
    holds = True
    for engine in ("sqlite", "postgresql"):
        if options.database in (None, engine):
            row = _on(engine, options.looks)
            holds &= bool(row["holds"])
            print(engine, *(f"{name}: {value}" for name, value in row.items()), sep="\n  ")
    return 0 if holds else 1


def _on(engine: str, count: int) -> dict[str, object]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            return prove(f"sqlite:///{folder}/heed.db", count)
    with postgres() as server:
        return prove(server.fresh_database(), count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
