"""``heed up`` as a person starts it, in a folder of its own, with the means to kill any part of it."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import redis
import requests

from connector.demo.client import Client
from connector.demo.processes import _all, kill_child
from connector.embedded import tied_to_parent

_UP = "from connector.cli import main; main()"
_READY_S = 120.0
_PARTS = {"worker": "worker.py", "service": "granian", "queue": "unixsocket"}
_QUEUE = re.compile(r"(?:valkey|redis)-server.*unixsocket[: ](\S+)")


class Up:
    """Service, workers and queue server; everything below it is its own to kill."""

    def __init__(
        self, folder: Path, database: str | None, workers: int = 2, ready_s: float = _READY_S, **extra: str
    ) -> None:
        self._folder, self._extra = folder, extra
        self.database = database
        self._workers = workers
        self._ready_s = ready_s
        self.key = extra.get("HEED_BOOTSTRAP_KEY") or f"heed_test_{secrets.token_hex(16)}"
        with socket.create_server(("127.0.0.1", 0)) as line:
            self._port = line.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.client = Client(self.url, self.key)

    def start(self) -> None:
        """Start, and return when it answers."""
        with (self._folder / "up.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_parent([sys.executable, "-c", _UP, "up"]), env=self.variables(), cwd=self._folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait_until_ready()

    def variables(self) -> dict[str, str]:
        """What every process of it is started with."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")}
        ours = {
            "HEED_HOME": str(self._folder / "home"), "HEED_PORT": str(self._port), "HEED_WORKERS": str(self._workers),
            "HEED_DEFAULT_REGION": "US", "HEED_ALLOW_PRIVATE_TARGETS": "1", "HEED_BOOTSTRAP_KEY": self.key,
            **({"HEED_DATABASE_URL": self.database} if self.database else {}),
        }  # fmt: skip
        return {**kept, **ours, **self._extra}

    @property
    def folder(self) -> Path:
        return self._folder

    def stop(self) -> int:
        """As a process manager does; the exit code. It insists as late as one does by default (90 s)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(90)

    def end(self) -> None:
        """As Ctrl-C does."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)

    def kill(self, part: str, turn: int = 0) -> int:
        """Kill -9 one part: a worker, the service, or the queue server."""
        pid = kill_child(self._pid, _PARTS[part], turn)
        assert pid is not None, f"there is no {part} to kill"
        return pid

    def pids(self, part: str) -> list[int]:
        """The processes of a part that run now, the oldest first; each leads a group of its own."""
        return sorted(pid for pid, above, command in _all() if above == self._pid and _PARTS[part] in command)

    def kill_everything(self) -> None:
        """Kill -9 all of it, the parent first, so that nobody has time to tidy up."""
        below = self._below(self._pid)
        for pid in (self._pid, *below):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        assert self._process is not None
        self._process.wait(10)

    def queue(self) -> redis.Redis:
        """A connection to the queue server that runs now."""
        found = (_QUEUE.search(command) for _, above, command in _all() if above == self._pid)
        path = next(one.group(1) for one in found if one)
        return redis.Redis(unix_socket_path=path, socket_timeout=2)

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _below(self, pid: int) -> list[int]:
        children = [one for one, above, _ in _all() if above == pid]
        return [*children, *(deeper for child in children for deeper in self._below(child))]

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + self._ready_s
        while time.monotonic() < end and self._process and self._process.poll() is None:
            try:
                if requests.get(f"{self.url}/readyz", timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError((self._folder / "up.log").read_text(errors="replace")[-800:])

    def sender(self, url: str) -> str:
        body = {"provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": {"url": url}}
        return str(self.client.post("/v1/senders", body)["id"])

    def sender_of(self, provider: str, url: str, mail_port: int) -> str:
        """A sender by a provider that plays itself at a recorder: HTTP at ``url``, mail at a port of this machine."""
        if provider == "http_api":
            return self.sender(url)
        channel, number = ("email", "news@shop.example") if provider == "smtp" else ("sms", "+15005550006")
        settings = {
            "smtp": {"host": "127.0.0.1", "port": mail_port, "security": "none"},
            "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": "0" * 32, "base_url": url.rstrip("/")},
        }[provider]
        body = {"provider": provider, "channel": channel, "number": number, "settings": settings}
        return str(self.client.post("/v1/senders", body)["id"])

    def broadcast(self, sender: str, people: list[str]) -> str:
        """One that runs; its name."""
        values = {"kind": "broadcast", "name": "A crash", "sender": sender, "steps": [{"text": "hi"}]}
        name = str(self.client.post("/v1/campaigns", values)["id"])
        self.client.post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in people]})
        self.client.post(f"/v1/campaigns/{name}/start")
        return name

    def report(self, name: str) -> Any:
        return self.client.get(f"/v1/campaigns/{name}/report")
