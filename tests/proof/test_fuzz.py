"""A short fuzzing on both databases, and of a service with a fault that must be found; `make fuzz` is the long one."""

import pytest

from connector.engine.options import Options
from tests.proof.fuzz import run
from tests.proof.fuzz_judge import Judge
from tests.servers import Databases

SECONDS = 12


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_call_breaks_and_nothing_wrong_is_accepted(engine: str, postgres_server: Databases) -> None:
    url = postgres_server.fresh_database() if engine == "postgresql" else None

    row = run(engine, url, wanted=2_000, seconds=SECONDS, seed=20_261_128, each=1)

    assert (row["failures"], row["errors"], row["server_errors"]) == ([], [], 0)
    assert row["cases"] > 50
    assert row["statuses"].get("200", 0) > 10
    assert sum(row["statuses"].get(status, 0) for status in ("404", "422")) > 10


def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Options, "of", broken)

    row = run("sqlite", None, wanted=2_000, seconds=SECONDS, seed=1, each=1)

    assert {failure["call"] for failure in row["failures"]} == {"GET /v1/options/{source}"}
    assert row["server_errors"] > 0


LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}
DOCUMENT = {
    "components": {"parameters": {"limit": LIMIT}},
    "paths": {"/x": {"post": {
        "parameters": [{"$ref": "#/components/parameters/limit"}],
        "requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        }}}},
    }}},
}  # fmt: skip

# what was accepted (query, body), whether it was rightly so
ACCEPTED = [
    ("", b'{"a": "x"}', True),
    ("?limit=9", b'{"a": "x", "b": null}', True),  # null of an optional field is absent
    ("?limit=", b'{"a": "x", "b": ""}', True),
    ("?limit=10", b'{"a": "x"}', False),
    ("?limit=nine", b'{"a": "x"}', False),
    ("", b'{"a": ""}', True),
    ("", b'{"a": null}', False),
    ("", b'{"a": "x", "b": "1"}', False),
    ("", b"{", False),
]


@pytest.mark.parametrize(("query", "body", "rightly"), ACCEPTED)
def test_the_judge_knows_what_fits(query: str, body: bytes, rightly: bool) -> None:
    wrong = Judge(DOCUMENT).accepted_wrongly("POST", "/x", f"http://heed.test/x{query}", body)

    assert (wrong is None) == rightly, wrong
