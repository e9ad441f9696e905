"""``python -m tests.proof.fuzz``: every call of the OpenAPI document with data that fits and that does not; as JSON.

Schemathesis makes the calls (its examples, its coverage of boundaries, random data, and calls that follow from answers)
and checks statuses, headers, types and schemas of the answers; ``fuzz_judge`` checks what was accepted. It ends with 1
where something broke, or where too little was tried.
"""

import argparse
import multiprocessing
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import schemathesis
import structlog
from flask import request
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from connector import bootstrap
from connector.domain.errors import NotFound
from connector.domain.ids import public_id
from tests.heed import KEY, Heed
from tests.proof.fuzz_judge import Judge, check_of
from tests.servers import fast_place, postgres

REPORT = Path("var") / "fuzz.json"
CASES = 50_000
MINUTES = 28.0
#: So long a round on one seed lasts at most; each goes on with the database that the one before it left.
_ROUND_S = 240
_SHOWN = 40
#: Whether a call is answered 401 without a key is asked of each call in tests/web/test_tenants.py. What fits the schema
#: may still be refused: a schema can't know which numbers exist. What is accepted wrongly, fuzz_judge says exactly.
_OFF = ("ignored_auth", "positive_data_acceptance", "negative_data_rejection")


#: How ids look.
_ID = re.compile(r"[a-z]{3}_[0-9a-z]{12}")
_OF_METHODS = ("unsupported_method", "allow_header_conformance")


@dataclass
class Tally:
    """What was tried, and what broke."""

    cases: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    #: Calls that were answered at all, and with success.
    tried: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    #: (call, check) to the first message and the call to repeat.
    failures: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    #: Addresses that another call's template covers as well, so that they take its methods too.
    shared: frozenset[str] = frozenset()

    def take(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        for id, interaction in recorder.interactions.items():
            if interaction.response is None:
                continue
            label, status = recorder.cases[id].value.operation.label, interaction.response.status_code
            self.cases += 1
            self.phases[event.phase.value] += 1
            self.statuses[str(status)] += 1
            self.tried.add(label)
            if 200 <= status < 300:
                self.succeeded.add(label)
        for id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None and not self._is_mistaken(check.name, id, recorder):
                    failure = check.failure_info.failure
                    key = (recorder.cases[id].value.operation.label, check.name)
                    self.failures.setdefault(key, (f"{failure.title}: {failure.message}"[:2000], _call(check)))

    def _is_mistaken(self, check: str, id: str, recorder: Any) -> bool:
        case = recorder.cases[id].value
        if check == "ensure_resource_availability":
            # It takes any field called as a parameter for its value, and the first answer that is told again, with a
            # repeated Idempotency-Key, for a new one, though what was made then may be gone.
            named = all(_ID.fullmatch(str(one)) for one in case.path_parameters.values())
            made = recorder.interactions.get(recorder.cases[id].parent_id)
            return not named or bool(made and made.response and "idempotency-replayed" in made.response.headers)
        return check in _OF_METHODS and case.operation.path in self.shared

    def row(self, database: str, operations: int, seconds: float) -> dict[str, Any]:
        failures = [
            {"call": call, "check": check, "message": message, "again": again}
            for (call, check), (message, again) in sorted(self.failures.items())
        ]
        return {
            "database": database, "cases": self.cases, "operations": operations, "tried": len(self.tried),
            "succeeded": len(self.succeeded), "phases": dict(self.phases), "statuses": dict(self.statuses),
            "server_errors": sum(count for status, count in self.statuses.items() if status >= "500"),
            "broken": len(failures), "failures": failures[:_SHOWN], "errors": sorted(set(self.errors))[:_SHOWN],
            "seconds": round(seconds, 1),
        }  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Fuzz over each database, at once; 1 where something broke or too little was tried."""
    asked = _read(arguments)
    wanted = asked.cases // len(asked.databases)
    began = time.monotonic()
    with postgres() as server, ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        urls = {"postgresql": server.fresh_database(), "sqlite": None}
        running = [
            pool.submit(run, engine, urls[engine], wanted, asked.minutes * 60, asked.seed) for engine in asked.databases
        ]
        rows = [one.result() for one in running]
    cases = sum(row["cases"] for row in rows)
    report = {
        "holds": all(_holds(row) for row in rows) and cases >= asked.cases, "cases": cases, "wanted": asked.cases,
        "seed": asked.seed, "seconds": round(time.monotonic() - began, 1), "rows": rows,
    }  # fmt: skip
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def run(engine: str, url: str | None, wanted: int, seconds: float, seed: int, each: int = 8) -> dict[str, Any]:
    """Rounds over one database until enough was tried or the time is up. ``each``: random cases of a call a round."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began, tally, operations = time.monotonic(), Tally(), 0
    with _fuzzed(url) as heed:
        document = heed.get("/openapi.json")
        judge, tally.shared = check_of(Judge(document)), frozenset(_shared(list(document["paths"])))
        try:
            while tally.cases < wanted and (left := began + seconds - time.monotonic()) > 1:
                operations = _round(heed, tally, seed, each, int(min(left, _ROUND_S)) or 1)
                seed += 1
        finally:
            schemathesis.checks.CHECKS.unregister(judge.__name__)
    return tally.row(engine, operations, time.monotonic() - began)


def _round(heed: Heed, tally: Tally, seed: int, each: int, seconds: int) -> int:
    """One run of schemathesis's engine; how many calls there are."""
    config = SchemathesisConfig.from_dict({
        "seed": seed, "max-time": seconds, "continue-on-failure": True,
        "headers": {"Authorization": f"Bearer {KEY}"},
        "checks": {name: {"enabled": False} for name in _OFF},
        "generation": {"max-examples": each, "no-shrink": True},
    })  # fmt: skip
    schema = schemathesis.openapi.from_wsgi("/openapi.json", heed.app, config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            tally.take(event)
        elif isinstance(event, events.NonFatalError):
            tally.errors.append(f"{event.label}: {event.value}"[:500])
        elif isinstance(event, events.FatalError):
            tally.errors.append(f"fatal: {event.exception}"[:500])
    return schema.statistic.operations.total


@contextmanager
def _fuzzed(url: str | None) -> Iterator[Heed]:
    """A Heed with nobody to hand anything over, so that no call waits and nothing leaves; SQLite where no URL is."""
    home = Path(tempfile.mkdtemp(prefix="heed-fuzz-", dir=fast_place()))
    url = url or f"sqlite:///{home / 'heed.db'}"
    bootstrap.migrate(url)
    heed = Heed(url, home, wait_s=0.01)
    mine = public_id("key", heed.house.keys.caller(KEY).key)

    @heed.app.before_request
    def keep_the_key() -> None:
        """That which all calls are made with is not revoked by one of them."""
        if request.method == "DELETE" and request.path == f"/v1/keys/{mine}":
            raise NotFound

    try:
        heed.sender()
        yield heed
    finally:
        heed.close()
        shutil.rmtree(home, ignore_errors=True)


def _shared(paths: Sequence[str]) -> Iterator[str]:
    """Paths such as /v1/replies/try, which /v1/replies/{reply} covers too: there both are served."""
    patterns = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in paths}
    for one, pattern in patterns.items():
        for other in paths:
            if one != other and pattern.fullmatch(other):
                yield from (one, other)


def _holds(row: dict[str, Any]) -> bool:
    """Nothing broke, every call was tried, and most of them did something."""
    enough = row["tried"] == row["operations"] and row["succeeded"] * 2 > row["operations"]
    return not row["broken"] and not row["server_errors"] and not row["errors"] and enough


def _call(check: Any) -> str:
    return str(check.failure_info.code_sample)[:2000]


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("fuzz", description="Call everything with data that fits and that does not.")
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--cases", type=int, default=CASES, help="how many in all")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
