"""R17: bodies whose end never comes, against the real web server: answered 413, and kept out of its memory."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.web.incoming import LARGEST
from tests.journeys.up import Up

FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
PIECE = b"10000\r\n" + b" " * 65536 + b"\r\n"
PATHS = [(b"/in/nobody", JSON), (b"/v1/actions/check_consent", JSON), (b"/login", FORM), (b"/v1/lists", JSON)]


@contextmanager
def begun(up: Up, path: bytes, kind: bytes) -> Iterator[socket.socket]:
    """A call whose body comes in chunks."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n"
    with socket.create_connection(("127.0.0.1", int(up.url.rpartition(":")[2])), 30) as line:
        line.sendall(head % (path, up.key.encode(), kind) + b"Transfer-Encoding: chunked\r\n\r\n")
        yield line


def resident(up: Up) -> int:
    """What the web server's processes hold in memory, bytes."""
    pids = [*up.pids("service"), *up._below(up.pids("service")[0])]
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids) * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize(("path", "kind"), PATHS)
def test_r17_a_body_is_413_at_the_first_byte_too_many(up_alone: Up, path: bytes, kind: bytes) -> None:
    with begun(up_alone, path, kind) as line:
        line.sendall(PIECE * (LARGEST // 65536) + b"1\r\n \r\n")  # and its end is still to come
        said = line.recv(65536)

    assert said.startswith(b"HTTP/1.1 413 "), said[:200]
    assert b"application/problem+json" in said


@pytest.mark.parametrize(("path", "kind"), PATHS)
def test_r17_of_a_body_that_never_ends_little_is_kept(up_alone: Up, path: bytes, kind: bytes) -> None:
    before = resident(up_alone)

    with begun(up_alone, path, kind) as line, pytest.raises(ConnectionError):  # it hangs up
        line.sendall(PIECE * 1024)

    assert resident(up_alone) - before < 32 * 1024 * 1024
