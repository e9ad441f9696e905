"""What processes that have ended counted stays in the sum, whatever happens to those who add up."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

_COUNTS = """
from connector.engine import meters
meters.calls.labels("GET", "/v1/lists", "200").inc(7)
"""
#: Adds up, and is killed before the n-th thing that it does to a file of the folder.
_ADDS_UP = """
import os, signal, sys
from connector.engine import meters
folder, left = os.environ["PROMETHEUS_MULTIPROC_DIR"], int(sys.argv[1])
def look(event, arguments):
    global left
    if event in ("open", "os.remove", "os.rename", "shutil.copyfile") and str(arguments[0]).startswith(folder):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(look)
sys.stdout.write(meters.exposition([]).decode())
"""


def _run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def _calls(exposition: str) -> float:
    return float(re.findall(r"(?m)^heed_calls_total\{.*\} (\S+)$", exposition)[0])


def test_r13_a_sum_is_the_same_whenever_the_one_who_adds_up_is_killed(tmp_path: Path) -> None:
    counted = tmp_path / "counted"
    counted.mkdir()
    for _ in range(2):
        assert _run(counted, _COUNTS).returncode == 0
    assert _calls(_run(counted, _ADDS_UP, "0").stdout) == 14  # one sum from before, to which more come
    for _ in range(2):
        assert _run(counted, _COUNTS).returncode == 0

    kills, ended = 0, False
    while not ended:
        folder = tmp_path / f"killed_{kills}"
        shutil.copytree(counted, folder)
        result = _run(folder, _ADDS_UP, str(kills + 1))
        ended = result.returncode == 0
        assert ended or result.returncode == -signal.SIGKILL, result.stderr
        assert _calls(_run(folder, _ADDS_UP, "0").stdout) == 28, f"killed before step {kills + 1}"
        assert not list(folder.glob("*.sum"))
        kills += not ended
    assert kills > 8
