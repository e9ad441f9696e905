"""How many calls are worked on at a time, and that none of them is one whose body has not come.

The web server gives each call a thread, and has many: a connection that says nothing and a body that comes a byte at a
time cost one of those and no more. A call takes one of the seats, where the database is asked, when its body is here.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from contextlib import ExitStack, closing, nullcontext
from typing import Any

from werkzeug.wsgi import ClosingIterator

#: Bytes that are read before a call takes its seat; a body that is longer is read in it.
_AHEAD = 256 * 1024
#: So long a long body waits for a place, seconds.
_PATIENCE_S = 10.0
#: An answer of up to so many bytes leaves its seat before it is sent.
_SHORT = 1024 * 1024
_BUSY = b'{"type":"urn:heed:problem:busy","title":"Too many long bodies are on their way.","status":503}'


class Seats:
    """A WSGI application around another one."""

    def __init__(self, application: Any, seats: int) -> None:
        self._application = application
        self._seats = threading.BoundedSemaphore(seats)
        #: Where long bodies are read, at most half of the seats.
        self._benches = threading.BoundedSemaphore(max(1, seats // 2))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with ExitStack() as held:
            if not self._take_body(environ, held):
                return _refuse(start_response)
            held.enter_context(self._seats)
            length = -1

            def begin(status: str, headers: list[tuple[str, str]], fault: Any = None) -> Any:
                nonlocal length
                length = next((int(value) for name, value in headers if name.lower() == "content-length"), -1)
                return start_response(status, headers, fault)

            answer = self._application(environ, begin)
            if 0 <= length <= _SHORT:
                with _closing(answer):
                    return [b"".join(answer)]
            return ClosingIterator(answer, held.pop_all().close)

    def _take_body(self, environ: dict[str, Any], held: ExitStack) -> bool:
        """Read a body that is not long, or take a place where a long one may be read; False where there is none."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not length and "HTTP_TRANSFER_ENCODING" not in environ:
            return True
        if length <= _AHEAD:
            begun = environ["wsgi.input"].read(_AHEAD + 1)
            if len(begun) <= _AHEAD:
                environ["wsgi.input"] = io.BytesIO(begun)
                return True
            environ["wsgi.input"] = _Resumed(begun, environ["wsgi.input"])
        if not self._benches.acquire(timeout=_PATIENCE_S):
            return False
        held.callback(self._benches.release)
        return True


class _Resumed(io.RawIOBase):
    """A stream whose beginning has been read."""

    def __init__(self, begun: bytes, rest: Any) -> None:
        self._begun, self._rest = io.BytesIO(begun), rest

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        part = self._begun.read(len(target)) or self._rest.read(len(target))
        target[: len(part)] = part
        return len(part)


def _refuse(start_response: Any) -> list[bytes]:
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(_BUSY))), ("Retry-After", "5")]
    start_response("503 Service Unavailable", headers)
    return [_BUSY]


def _closing(answer: Any) -> Any:
    return closing(answer) if hasattr(answer, "close") else nullcontext()
