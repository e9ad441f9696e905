"""How many SQL statements a call takes for a thousand recipients; the goal is what it takes for one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.rows import Row
from connector import bootstrap
from tests import statements
from tests.heed import Heed
from tests.servers import postgres

MANY = 1_000
_COUNTS: dict[str, Callable[[Heed, int], int]] = {
    "check": statements.of_check,
    "claim": lambda heed, count: statements.of_claim(heed, "sequence", count),
    "refusing_claim": statements.of_refusal,
    "import": lambda heed, count: statements.of_import(heed, "sequence", count),
}


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        yield from _counted("sqlite", f"sqlite:///{place / 'heed.db'}", place)
        with postgres() as server:
            yield from _counted("postgres", server.fresh_database(), place)


def _counted(engine: str, url: str, folder: Path) -> Iterator[Row]:
    bootstrap.migrate(url)
    heed = Heed(url, folder)
    try:
        for name, count in _COUNTS.items():
            one = count(heed, 1)
            yield Row(
                f"statements_{name}_{engine}", count(heed, MANY), f"statements for {MANY} recipients", f"<= {one}"
            )
    finally:
        heed.close()
