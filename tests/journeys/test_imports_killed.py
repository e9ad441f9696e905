"""An import under a real ``heed up`` whose workers are killed while they are at it: it goes on and ends exactly."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.engine.scenes import eventually
from tests.journeys.up import Up

ROWS, BAD_EVERY, KILLS = 80_000, 1_000, 2


def numbers() -> list[str]:
    return [f"+1415{2_000_000 + place}" for place in range(ROWS)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_l07_an_import_whose_workers_are_killed_resumes_and_ends_with_exact_counts(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
    up = Up(tmp_path, server.fresh_database() if server else None)
    people = numbers()
    bad = set(range(0, ROWS, BAD_EVERY))
    rows = ["12" if place in bad else person for place, person in enumerate(people)]
    try:
        up.start()
        made = up.client.upload("/v1/lists/default/import?async=1", "\n".join(["number", *rows]))["id"]

        def now() -> Any:
            return up.client.get(f"/v1/imports/{made}")

        seen: list[int] = []
        for _ in range(KILLS):
            before = seen[-1] if seen else 0
            eventually(lambda before=before: now()["rows"] > before, 30)
            up.kill("worker", 0)
            up.kill("worker", 1)  # whichever has the job, and whichever would take it over
            found = now()
            assert found["status"] == "running", "the kill must meet the import"
            seen.append(found["rows"])
        ended = eventually(lambda: (found := now())["status"] != "running" and found, 60)

        assert seen == sorted(seen)
        assert 0 < seen[0] < ROWS
        assert (ended["status"], ended["rows"], ended["settled"]) == ("done", ROWS, True)
        assert (ended["imported"], ended["rejected"], ended["already"]) == (ROWS - len(bad), len(bad), 0)
        report = csv.DictReader(io.StringIO(up.client.text(f"/v1/imports/{made}/rejected.csv")))
        assert [int(row["line"]) for row in report] == [place + 2 for place in sorted(bad)]
        listed = csv.DictReader(io.StringIO(up.client.text("/v1/lists/default/export")))
        wanted = sorted(person for place, person in enumerate(people) if place not in bad)
        assert sorted(row["number"] for row in listed) == wanted
        history = up.client.get(f"/v1/history?number=%2B{people[-1][1:]}")["items"]
        assert len(history) == 1
    finally:
        up.end()
        if server:
            server.drop_database(up.database)
