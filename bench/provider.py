"""A provider that costs next to nothing: one thread, which takes every message and says so 50 ms later.

``python -m bench.provider SECONDS`` prints its port. GET tells how many messages it was handed.
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.embedded import tied_to_parent

TAKES_S = 0.05


@dataclass(frozen=True, slots=True)
class Provider:
    """A running one."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def handed(self) -> int:
        """How many messages have come in."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as line:
            line.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return int(line.recv(4096).rpartition(b"\r\n\r\n")[2])


@contextmanager
def provider() -> Iterator[Provider]:
    """One for as long as the block lasts."""
    command = tied_to_parent([sys.executable, "-m", "bench.provider", str(TAKES_S)])
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent) as process:
        try:
            assert process.stdout is not None
            yield Provider(int(process.stdout.readline()))
        finally:
            process.terminate()


class _Serving:
    """Lines, what has come in on each, and the answers that wait for their time."""

    def __init__(self, takes_s: float) -> None:
        self._takes_s, self._handed = takes_s, 0
        self._selector = selectors.DefaultSelector()
        self._pending: dict[socket.socket, bytes] = {}
        self._answers: deque[tuple[float, socket.socket]] = deque()

    def run(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)
        while True:
            wait = max(0.0, self._answers[0][0] - time.monotonic()) if self._answers else None
            for key, _ in self._selector.select(wait):
                if key.fileobj is listener:
                    line, _ = listener.accept()
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._pending[line] = b""
                    self._selector.register(line, selectors.EVENT_READ)
                else:
                    self._read(key.fileobj)
            now = time.monotonic()
            while self._answers and self._answers[0][0] <= now:
                self._say(self._answers.popleft()[1], b'{"id":"taken"}')

    def _read(self, line: socket.socket) -> None:
        try:
            more = line.recv(65536)
        except OSError:
            more = b""
        if not more:
            self._selector.unregister(line)
            del self._pending[line]
            line.close()
            return
        came = self._pending[line] + more
        end = came.find(b"\r\n\r\n") + 4
        if end < 4 or len(came) < end + _length(came[:end]):
            self._pending[line] = came
            return
        self._pending[line] = b""
        if came.startswith(b"GET"):
            self._say(line, str(self._handed).encode())
        else:
            self._handed += 1
            self._answers.append((time.monotonic() + self._takes_s, line))

    def _say(self, line: socket.socket, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        if line in self._pending:
            try:
                line.send(head + body)
            except OSError:
                return  # the caller has gone


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0


def main() -> None:
    """Serve until killed."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        _Serving(float(sys.argv[1])).run(listener)


if __name__ == "__main__":
    main()
