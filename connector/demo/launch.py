"""Start a recording provider beside the demo, a test or a bench, and end it with them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from connector.demo.handoffs import HandOff, read_log


@dataclass(frozen=True, slots=True)
class Running:
    """A recorder that listens."""

    port: int
    log: Path
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def handoffs(self) -> list[HandOff]:
        return read_log(self.log)

    def behave(self, rules: Mapping[str, Any]) -> None:
        """Merge {recipient or "*": behaviour, or None to take it away} in; ValueError for a bad one."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("POST", "/behave", json.dumps(rules))
        answer = line.getresponse()
        detail = answer.read()
        line.close()
        if answer.status != 200:
            raise ValueError(detail.decode())


@contextmanager
def running(log: Path, options: Sequence[str] = ()) -> Iterator[Running]:
    """A recorder on a free loopback port, killed at the end; RuntimeError where it does not come up."""
    command = [sys.executable, "-m", "connector.demo.recorder", "--log", str(log), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            first = process.stdout.readline() if process.stdout else ""
            if not first:
                raise RuntimeError("the recorder did not start")
            yield Running(json.loads(first)["port"], log, process)
        finally:
            process.kill()
