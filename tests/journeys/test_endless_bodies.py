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
#: The first one is an address of a sender, which has still to be made.
PATHS = [(b"/in/", JSON), (b"/v1/actions/check_consent", JSON), (b"/login", FORM), (b"/v1/lists", JSON)]


@contextmanager
def begun(up: Up, path: bytes, kind: bytes, length: bytes = b"Transfer-Encoding: chunked") -> Iterator[socket.socket]:
    """A call whose body is still to come, in chunks unless it says how long it is."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n"
    if path == b"/in/":
        inbound = up.client.get(f"/v1/senders/{up.sender('http://127.0.0.1:9/')}")["inbound_url"]
        path += inbound.rpartition("/")[2].encode()
    with socket.create_connection(("127.0.0.1", int(up.url.rpartition(":")[2])), 30) as line:
        line.sendall(head % (path, up.key.encode(), kind) + length + b"\r\n\r\n")
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


@pytest.mark.parametrize(("path", "kind", "status"), [(b"/in/nobody", JSON, b"404"), (b"/login", FORM, b"413")])
def test_r17_strangers_are_answered_before_their_long_bodies_come(
    up_alone: Up, path: bytes, kind: bytes, status: bytes
) -> None:
    with begun(up_alone, path, kind, b"Content-Length: 300000") as line:
        line.sendall(b"abc")
        line.settimeout(5)
        said = line.recv(65536)

    assert said.startswith(b"HTTP/1.1 %s " % status), said[:200]


CUT_OFF = [
    (b"/v1/actions/add_to_opt_out", JSON, b'{"number": "+14155550123"}'),
    (b"/v1/lists/default/import", b"text/csv", b"number\n+14155550123\n"),
    (b"/v1/lists/default/import", b"text/csv", b"number\n" + b"+14155550123\n" * 40_000),
]


@pytest.mark.parametrize(("path", "kind", "body"), CUT_OFF, ids=["read ahead", "a file", "a long file"])
def test_a_body_that_was_cut_off_is_refused_and_changes_nothing(
    up_alone: Up, path: bytes, kind: bytes, body: bytes
) -> None:
    """One in chunks can't be told from a whole one: the server says nothing of it."""
    with begun(up_alone, path, kind, b"Content-Length: %d" % (len(body) + 1)) as line:
        line.sendall(body)
        line.shutdown(socket.SHUT_WR)
        said = line.recv(65536)

    assert said.startswith(b"HTTP/1.1 400 "), said[:200]
    assert up_alone.client.get("/v1/lists/default/entries")["items"] == []


def test_no_other_http_is_spoken_in_which_a_body_says_nothing_of_itself(up_alone: Up) -> None:
    """In HTTP/2 a body has neither a length nor a word that it comes, and one that was cut off was read for ever."""
    with socket.create_connection(("127.0.0.1", int(up_alone.url.rpartition(":")[2])), 30) as line:
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        said = line.recv(65536)

    assert said == b"" or said.startswith(b"HTTP/1.1 4"), said[:100]
