"""``heed up``: service, workers and queue server in one terminal, all of which end with it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

from connector import limits
from connector.embedded import QueueServer, QueueServerError, tied_to_parent
from connector.settings import CALLERS, Settings, environment

_READY_S = 60.0
#: A hand-off takes 8 s at most; the rest is for a machine that is busy.
_ENDS_S = 20.0
#: A part that dies is started again, but not more often than this.
_PAUSE_S = 0.5


class NotUp(Exception):
    """A part of Heed did not come up."""


@dataclass
class Part:
    """One process of Heed, started again when it dies."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only us, and we let everybody finish what they have in hand.
        self.process = subprocess.Popen(tied_to_parent(self.command), env=dict(self.variables), start_new_session=True)

    @property
    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end(self, end: float) -> None:
        """Ask it to finish what it has in hand; insist when time is up."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Up:
    """Everything that ``heed up`` starts; use it as a context."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._stop = threading.Event()
        self._stack = ExitStack()
        self._queue: QueueServer | None = None
        self.parts: list[Part] = []

    def __enter__(self) -> Up:
        _refuse_taken(self._settings.host, self._settings.port)
        try:
            settings = self._with_queue(self._settings)
            variables = environment(settings)
            here = str(Path(__file__).parent.parent)
            self.parts = [Part("service", serve_command(settings), variables)]
            worker = [sys.executable, str(Path(here) / "worker.py")]
            self.parts += [Part(f"worker {number}", worker, variables) for number in range(1, settings.workers + 1)]
            for part in self.parts:
                part.start()
            self._wait_until_ready(settings)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch(self) -> None:
        """Start again what dies, until told to stop."""
        while not self._stop.wait(_PAUSE_S):
            for part in self.parts:
                if part.has_died:
                    self._say(f"{part.name} has died and is started again")
                    part.start()
            self._mend_queue()

    def stop(self, *_: object) -> None:
        self._stop.set()

    def close(self) -> None:
        self._stop.set()
        for part in self.parts:
            if part.process is not None and not part.has_died:
                part.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _ENDS_S
        for part in self.parts:
            part.end(end)
        self._stack.close()

    def _with_queue(self, settings: Settings) -> Settings:
        if settings.redis_url:
            return settings
        self._queue = self._stack.enter_context(QueueServer(settings.home / "queue"))
        # For `heed doctor`, which is started beside us.
        (settings.home / "queue" / "address").write_text(self._queue.url)
        return replace(settings, redis_url=self._queue.url)

    def _mend_queue(self) -> None:
        """Without it no worker hears of work; it comes back at the same address."""
        if self._queue is None or self._queue.pid is not None:
            return
        self._say("the queue server has died and is started again")
        try:
            self._queue.start()
        except QueueServerError as error:
            self._say(str(error))

    def _wait_until_ready(self, settings: Settings) -> None:
        url, end = f"http://{settings.host}:{settings.port}/readyz", time.monotonic() + _READY_S
        while time.monotonic() < end and not self._stop.is_set():
            if self.parts[0].has_died:
                break
            try:
                if requests.get(url, timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        if not self._stop.is_set():
            raise NotUp(f"The service does not answer at {url}.")


def _refuse_taken(host: str, port: int) -> None:
    """The web server would share a port with another Heed and say nothing."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotUp(f"Port {port} of {host} can't be had ({error.strerror}); set HEED_PORT to another.") from error


def serve_command(settings: Settings) -> list[str]:
    """The web server's command line."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.web_processes), "--blocking-threads", str(CALLERS), "--backpressure",
        str(limits.connections()), "--backlog", "4096", "--workers-kill-timeout", "11", "--no-ws",
        "--http", "1", "--log-level", "error", "--respawn-failed-workers", "--factory", "connector.app:serve",
    ]  # fmt: skip
