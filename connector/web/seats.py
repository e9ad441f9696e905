"""How many calls are worked on at a time, and that none of them is one whose body has not come.

The web server gives each call a thread, and has many: a connection that says nothing and a body that comes a byte at a
time cost one of those and no more. A call takes one of the seats, where the database is asked, when its body is here.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wsgi import ClosingIterator

from connector.web.incoming import Whole

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
        if _is_short(environ):
            return self._seated(environ, start_response, ())
        if not self._benches.acquire(timeout=_PATIENCE_S):
            return _refuse(start_response)
        return self._seated(environ, start_response, (self._benches.release,))

    def _seated(
        self, environ: dict[str, Any], start_response: Any, after: tuple[Callable[[], Any], ...]
    ) -> Iterable[bytes]:
        """The call in its seat, which it leaves, as it does what comes ``after``, when its answer is made or sent."""
        length, after = -1, (*after, self._seats.release)

        def begin(status: str, headers: list[tuple[str, str]], fault: Any = None) -> Any:
            nonlocal length
            length = next((int(value) for name, value in headers if name.lower() == "content-length"), -1)
            return start_response(status, headers, fault)

        self._seats.acquire()
        try:
            answer = self._application(environ, begin)
            if not 0 <= length <= _SHORT:
                sent, after = ClosingIterator(answer, after), ()
                return sent
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        finally:
            for one in after:
                one()


def _is_short(environ: dict[str, Any]) -> bool:
    """Whether the body is not long, or there is none: then it is read."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return True
    if length > _AHEAD:
        return False
    begun = environ["wsgi.input"].read(_AHEAD + 1)
    if len(begun) > _AHEAD:
        environ["wsgi.input"] = _Resumed(begun, environ["wsgi.input"])
        return False
    # Shorter than it was said to be, it was cut off, which is noticed where it is read.
    environ["wsgi.input"] = Whole(begun) if len(begun) == length or not length else io.BytesIO(begun)
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
