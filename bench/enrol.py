"""Taking many into a broadcast, from a group and from a file, and telling what became of them: rows/s and memory.

``python -m bench.enrol group|file URL FOLDER [FILE]`` is one run, in a process of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench import crowd
from bench.rows import Row
from connector import bootstrap, logs
from tests.heed import Heed
from tests.servers import postgres

PEOPLE = int(os.environ.get("HEED_BENCH_ENROL", "100000"))


def rows() -> Iterator[Row]:
    """On PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        place = Path(folder)
        url = server.fresh_database()
        bootstrap.migrate(url)
        heed = Heed(url, place)
        group = crowd.group_of(heed, PEOPLE)
        heed.close()
        yield from _told("group", _run("group", url, place, group))
        yield from _told("file", _run("file", url, place, str(_file(place))))


def _told(which: str, did: dict[str, float]) -> Iterator[Row]:
    yield Row(f"enrol_{which}_rate", round(PEOPLE / did["enrolling"]), "people/s")
    yield Row(f"enrol_{which}_report_rate", round(PEOPLE / did["reporting"]), "rows/s of the report as CSV")
    yield Row(f"enrol_{which}_memory_mb", did["memory"], f"MB at most, {PEOPLE} people", "<= 250")


def _run(which: str, url: str, folder: Path, source: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.enrol", which, url, str(folder), source]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent).stdout
    answer: dict[str, float] = orjson.loads(said.splitlines()[-1])
    return answer


def _file(folder: Path) -> Path:
    path = folder / "people.csv"
    with path.open("w") as file:
        file.write("number,first_name\n")
        file.writelines(f"{crowd.number(place)},Ann\n" for place in range(PEOPLE))
    return path


def _from_group(heed: Heed, group: str) -> str:
    """As the service and a worker do it."""
    name = crowd.broadcast(heed, heed.sender()["id"], group)
    heed.post(f"/v1/campaigns/{name}/start")
    for campaign in heed.house.gathering.unfinished():
        while heed.house.gathering.work(campaign, 1.0):
            pass
    return name


def _from_file(heed: Heed, path: str) -> str:
    name = crowd.broadcast(heed, heed.sender()["id"])
    with Path(path).open("rb") as stream:
        answer = heed.app.test_client().post(
            f"/v1/campaigns/{name}/enrol", input_stream=stream, content_length=Path(path).stat().st_size,
            content_type="text/csv", headers={"Authorization": f"Bearer {heed.key}"},
        )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json["enrolled"] == PEOPLE, answer.json
    return name


def _reported(heed: Heed, name: str) -> int:
    """How many rows the report has; it is read as it comes."""
    report = heed.get(f"/v1/campaigns/{name}/report")
    assert report["total"] == PEOPLE, report
    answer = heed.app.test_client().get(
        f"/v1/campaigns/{name}/report.csv", headers={"Authorization": f"Bearer {heed.key}"}, buffered=False
    )
    return sum(part.count(b"\n") for part in answer.iter_encoded()) - 1


def _peak() -> float:
    """MB of memory that this process had at most."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


def main(which: str, url: str, folder: str, source: str) -> None:
    """One run: how long it took, and how much memory."""
    logs.begin("worker", "error")
    heed = Heed(url, Path(folder))
    began = time.perf_counter()
    name = (_from_group if which == "group" else _from_file)(heed, source)
    enrolled = time.perf_counter()
    assert _reported(heed, name) == PEOPLE
    reported = time.perf_counter()
    heed.close()
    did = {"enrolling": enrolled - began, "reporting": reported - enrolled, "memory": _peak()}
    print(orjson.dumps(did).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
