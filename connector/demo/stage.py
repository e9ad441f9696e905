"""The stage: Heed as ``heed up`` starts it, the recording provider beside it, and a folder that is gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from connector.demo.client import Client
from connector.demo.launch import Running, running
from connector.demo.processes import kill_child
from connector.embedded import tied_to_parent

WORKERS = 2
#: How long the provider takes for a message: long enough that a kill meets messages on their way.
PROVIDER_MS = 60
_READY_S, _ENDS_S = 60.0, 20.0
_UP = "from connector.cli import main; main()"
_WORDS = {"worker": "worker.py", "service": "granian"}


class NotReady(Exception):
    """Heed did not come up."""


@dataclass
class Stage:
    """Everything that runs."""

    client: Client
    provider: Running
    up: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> str:
        """The end of what Heed said."""
        return _last_words(self.log)

    def kill(self, part: str, turn: int) -> int | None:
        """Kill -9 a worker or the service; its process id."""
        return kill_child(self.up.pid, _WORDS[part], turn)


@contextmanager
def stage(database: str | None) -> Iterator[Stage]:
    """Two workers, a service, a queue server and a provider, all real and all ended at the end."""
    folder = Path(tempfile.mkdtemp(prefix="heed-demo-"))
    try:
        with running(folder / "handoffs.jsonl", ["--delay-ms", str(PROVIDER_MS)]) as provider:
            key, port = f"heed_demo_{secrets.token_hex(16)}", _free_port()
            up = _start(folder, port, key, database)
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_until_ready(url, key, up, folder)
                yield Stage(Client(url, key, lambda: up.poll() is not None), provider, up, folder / "up.log")
            finally:
                _end(up)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int, key: str, database: str | None) -> subprocess.Popen[bytes]:
    """``heed up`` with settings of its own: none of the caller's, no .env file, nothing outside the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")}
    ours = {
        "HEED_HOME": str(folder / "home"), "HEED_PORT": str(port), "HEED_WORKERS": str(WORKERS),
        "HEED_DEFAULT_REGION": "US", "HEED_ALLOW_PRIVATE_TARGETS": "1", "HEED_BOOTSTRAP_KEY": key,
        "TMPDIR": str(folder), **({"HEED_DATABASE_URL": database} if database else {}),
    }  # fmt: skip
    with (folder / "up.log").open("wb") as log:
        return subprocess.Popen(
            tied_to_parent([sys.executable, "-c", _UP, "up"]), env={**kept, **ours}, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _wait_until_ready(url: str, key: str, up: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end and up.poll() is None:
        try:
            answer = requests.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {key}"}, timeout=1)
            if answer.ok:
                return
            if answer.status_code == 401:
                raise NotReady("The database is not empty: the demo needs one of its own.")
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise NotReady(f"Heed did not come up. {_last_words(folder / 'up.log')}")


def _last_words(log: Path) -> str:
    return f"It said: {log.read_text(errors='replace').strip()[-600:] or 'nothing'}"


def _end(up: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C would; what does not end then ends with its parent."""
    try:
        if up.poll() is None:
            up.send_signal(signal.SIGINT)
            up.wait(_ENDS_S)
    finally:
        if up.poll() is None:
            up.kill()
            up.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])
