"""The load: a fixed number of requests over connections that stay open, from a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

#: A round that takes longer than this has failed, seconds.
LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round: how long it took, and how many answers said that a person may not be written to."""

    seconds: float
    refused: int


class Load:
    """The process that asks; it lives through many rounds."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def drive(self, port: int, requests: Sequence[bytes], connections: int) -> Round:
        """Send every request once; every answer must be 200."""
        return self._pool.submit(_drive, port, requests, connections).result(2 * LONGEST)


@contextmanager
def load(cores: Sequence[int]) -> Iterator[Load]:
    """A load that runs on these cores."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=os.sched_setaffinity, initargs=(0, cores)) as pool:
        yield Load(pool)


def http(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _drive(port: int, requests: Sequence[bytes], connections: int) -> Round:
    lines = [socket.create_connection(("127.0.0.1", port), LONGEST) for _ in range(connections)]
    for line in lines:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    deadline = time.monotonic() + LONGEST
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as threads:
        parts = [requests[place::connections] for place in range(connections)]
        refused = sum(threads.map(lambda line, part: _ask(line, part, deadline), lines, parts))
    seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return Round(seconds, refused)


def _ask(line: socket.socket, requests: Sequence[bytes], deadline: float) -> int:
    refused = 0
    for request in requests:
        line.sendall(request)
        answer = _answer(line)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:500]
        assert time.monotonic() < deadline, "the server is too slow to be measured"
        refused += answer.count(b'"allowed":false')
    return refused


def _answer(line: socket.socket) -> bytes:
    answer = line.recv(65536)
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _more(line)
    mark = answer.lower().index(b"content-length:") + len(b"content-length:")
    length = end + 4 + int(answer[mark : answer.index(b"\r\n", mark)])
    parts, had = [answer], len(answer)
    while had < length:
        parts.append(_more(line))
        had += len(parts[-1])
    return b"".join(parts)


def _more(line: socket.socket) -> bytes:
    more = line.recv(1 << 20)
    assert more, "the server closed the connection"
    return more
