"""Just enough HTTP/1.1 for a provider that is asked thousands of times a second: requests in, answers out."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

_LARGEST_REQUEST = 4 * 1024 * 1024
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, Any]:
        """The body as JSON or as a form; ValueError for anything else."""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode()))
        fields = json.loads(self.body or b"{}")
        if not isinstance(fields, dict):
            raise ValueError("the body is not an object")
        return fields


def requests(line: socket.socket) -> Iterator[Request]:
    """Each request of a connection; OSError when the caller has gone, ValueError for what is not HTTP."""
    pending = b""
    while True:
        while (end := pending.find(_END_OF_HEAD)) < 0:
            pending += _more(line, len(pending))
        first, *rest = pending[:end].decode("latin-1").split("\r\n")
        pending = pending[end + len(_END_OF_HEAD) :]
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in rest)}
        length = int(headers.get("content-length", 0))
        while len(pending) < length:
            pending += _more(line, len(pending))
        _, path, _ = first.split(" ")
        yield Request(path, headers, pending[:length])
        pending = pending[length:]


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer with a JSON body, for a connection that stays open."""
    content = json.dumps(body).encode()
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Other"
    extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n{extra}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def reset(line: socket.socket) -> None:
    """Cut the connection off with a TCP reset instead of a goodbye."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def _more(line: socket.socket, so_far: int) -> bytes:
    if so_far > _LARGEST_REQUEST:
        raise ValueError("the request is too large")
    chunk = line.recv(65536)
    if not chunk:
        raise ConnectionError("the caller has gone")
    return chunk
