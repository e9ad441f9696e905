"""Workers killed in the middle of an import: every row counts once, and memory does not grow with the file (L07)."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from connector.domain.ids import row_number
from connector.store.tables import entries, events
from tests.heed import KEY, Heed

_WORK = """
import re, resource, sys
from pathlib import Path
from connector.bootstrap import build
from connector.settings import load
here = build(load(), role="worker")
while here.bringing.work(int(sys.argv[1]), 0.05): pass
known = Path("/proc/self/status")  # elsewhere the peak includes that of who started us
print(re.search(r"VmHWM:\\s+(\\d+)", known.read_text())[1] if known.exists()
      else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def numbers(count: int) -> list[str]:
    return [f"+1415{2_000_000 + place}" for place in range(count)]


def begin(heed: Heed, rows: list[str]) -> str:
    answer = heed.app.test_client().post(
        "/v1/lists/default/import?async=1", data="\n".join(["number,reason", *rows]), content_type="text/csv",
        headers={"Authorization": f"Bearer {heed.key}"},
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    return str(answer.json["id"])


def worker(heed: Heed, name: str) -> "subprocess.Popen[str]":
    """A process of its own that works on the import until it is over."""
    ours = {
        "HEED_HOME": str(heed.home), "HEED_DATABASE_URL": heed.url, "HEED_SECRET": "s" * 32, "HEED_BOOTSTRAP_KEY": KEY,
        "HEED_DEFAULT_REGION": "US", "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HEED_")}
    return subprocess.Popen(
        [sys.executable, "-c", _WORK, str(row_number("import", name))], env={**kept, **ours}, cwd=heed.home,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_l07_a_worker_killed_in_an_import_loses_and_doubles_nothing(heed: Heed) -> None:
    people = numbers(30_000)
    rows = [f"{one}," for one in people]
    for place in range(0, 30_000, 100):
        rows[place] = "12,bad"
    name = begin(heed, rows)
    chance, killed, seen = random.Random(3), 0, -1
    for _ in range(12):
        process = worker(heed, name)
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            now: Any = heed.get(f"/v1/imports/{name}")
            if now["rows"] > seen and now["rows"] > 0:
                time.sleep(chance.random() * 0.15)
                seen = heed.get(f"/v1/imports/{name}")["rows"]
                break
            time.sleep(0.005)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert process.stdout is not None
        process.stdout.close()
        if heed.get(f"/v1/imports/{name}")["status"] == "done":
            break
    assert killed >= 3
    heed.work()

    ended = heed.get(f"/v1/imports/{name}")
    assert (ended["status"], ended["rows"]) == ("done", 30_000)
    assert (ended["imported"], ended["rejected"], ended["already"]) == (29_700, 300, 0)
    with heed.house.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(entries)).scalar_one() == 29_700
        assert connection.execute(select(func.count()).select_from(events)).scalar_one() == 29_700
    report = heed.call("GET", f"/v1/imports/{name}/rejected.csv").text.splitlines()
    assert [int(line.partition(",")[0]) for line in report[1:]] == [place + 2 for place in range(0, 30_000, 100)]
    assert heed.house.history.verify_all() == {"lines": 29_700, "breaches": []}


def test_l07_memory_does_not_grow_with_the_file(heed: Heed) -> None:
    most = []
    for count in (4_000, 60_000):
        process = worker(heed, begin(heed, [f"{one},{'why ' * 20}" for one in numbers(count)]))
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        most.append(int(said) / (1 << 20 if sys.platform == "darwin" else 1 << 10))
    assert most[1] < 200
    assert most[1] - most[0] < 30
