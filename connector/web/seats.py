"""How many calls are worked on at a time, and that none of them waits for somebody who is slow or says nothing.

The web server gives each call a thread, and has many: a connection that says nothing and a body that comes a byte at a
time cost one of those and no more. A call takes one of the seats, where the database is asked, when its body is here.
What is too long to be held, bodies and answers, passes through a seat, and through at most half of them at a time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

import orjson
import structlog

from connector.engine import meters
from connector.web.incoming import Whole

log = structlog.get_logger()

#: Bytes that are read before a call takes its seat; a body that is longer is read in it.
_AHEAD = 256 * 1024
#: So long a long body waits for a place, and a long answer, seconds.
_PATIENCE_S, _READY_S = 10.0, 1.0
#: An answer of up to so many bytes leaves its seat before it is sent.
_SHORT = 1024 * 1024
#: So many threads are left to calls without a body when all others wait for bodies that do not come.
_SPARE = 128

Done = Callable[[], Any]


class Seats:
    """A WSGI application around another one."""

    def __init__(self, application: Any, seats: int, callers: int = 1_024) -> None:
        self._application = application
        self._seats = _Places(seats)
        self._coming = _Places(max(1, callers - _SPARE))
        self._long_bodies, self._long_answers = _Places(max(1, seats // 2)), _Places(max(1, seats // 2))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not _has_body(environ):
            return self._seated(environ, start_response)
        if not self._coming.acquire(0):
            return _refuse(environ, start_response)
        try:
            here = _read_ahead(environ)
            if not here and not self._long_bodies.acquire(_PATIENCE_S):
                return _refuse(environ, start_response)
        finally:
            self._coming.release()
        return self._seated(environ, start_response, *(() if here else (self._long_bodies.release,)))

    def _seated(self, environ: dict[str, Any], start_response: Any, *back: Done) -> Iterable[bytes]:
        """The call in its seat, which it leaves, with whatever else it gives ``back``, when its answer is made.

        Where the answer is long, that is when it was sent. Only what reads is refused for want of a place to send: a
        call that has done something is told so.
        """
        begun = _Begun()
        self._seats.acquire()
        with _Held(self._seats.release, *back) as held:
            answer = self._application(environ, begun)
            if begun.is_short(environ):
                with _Sent(answer):
                    whole = b"".join(answer)
                start_response(*begun.said)
                return [whole]
            if environ["REQUEST_METHOD"] == "GET":
                if not self._long_answers.acquire(_READY_S):
                    _Sent(answer).close()
                    return _refuse(environ, start_response)
                held.add(self._long_answers.release)
            start_response(*begun.said)
            return _Sent(answer, *held.handed_over())


class _Places:
    """So many at a time. A queue, which is C's own, takes a tenth of the time of a semaphore of ``threading``."""

    def __init__(self, count: int) -> None:
        self._free = SimpleQueue[None]()
        for _ in range(count):
            self._free.put(None)

    @property
    def free(self) -> int:
        return self._free.qsize()

    def acquire(self, patience_s: float | None = None) -> bool:
        """Take one; False where none is free in time. Without a time it waits for as long as it takes."""
        try:
            self._free.get(patience_s != 0, patience_s)
        except Empty:
            return False
        return True

    def release(self) -> None:
        self._free.put(None)


class _Held:
    """What is given back at the end, here or by whom it was handed over to."""

    def __init__(self, *back: Done) -> None:
        self._back = back

    def add(self, one: Done) -> None:
        self._back = (one, *self._back)

    def handed_over(self) -> tuple[Done, ...]:
        back, self._back = self._back, ()
        return back

    def __enter__(self) -> _Held:
        return self

    def __exit__(self, *_: Any) -> None:
        for one in self.handed_over():
            one()


class _Begun:
    """An answer's status and headers, kept until it is known whether it is given."""

    said: tuple[Any, ...] = ()

    def __call__(self, *said: Any) -> None:
        self.said = said

    def is_short(self, environ: dict[str, Any]) -> bool:
        status, headers = self.said[:2]
        if status[:3] in ("204", "304") or environ["REQUEST_METHOD"] == "HEAD":  # these have no body, nor its length
            return True
        return any(name.lower() == "content-length" and int(value) <= _SHORT for name, value in headers)


class _Sent:
    """An answer that is closed when it was sent; then, whatever became of it, the rest is given back."""

    def __init__(self, answer: Iterable[bytes], *back: Done) -> None:
        self._answer, self._parts, self._held = answer, iter(answer), _Held(*back)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def __enter__(self) -> None: ...

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        with self._held:
            if hasattr(self._answer, "close"):
                self._answer.close()


def _has_body(environ: dict[str, Any]) -> bool:
    return bool(int(environ.get("CONTENT_LENGTH") or 0)) or "HTTP_TRANSFER_ENCODING" in environ


def _read_ahead(environ: dict[str, Any]) -> bool:
    """Read a body that is not long, and put it in the stream's place; False where it is long."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
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


def _refuse(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    meters.calls.labels("other", "none", "503").inc()
    log.warning("busy", method=environ["REQUEST_METHOD"], status=503)
    path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    body = orjson.dumps({
        "type": "urn:heed:problem:busy", "title": "Too many long bodies and answers are on their way.", "status": 503,
        "detail": "Try again in some seconds.", "instance": path, "errors": [],
    })  # fmt: skip
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body))), ("Retry-After", "5")]
    start_response("503 Service Unavailable", headers)
    return [body]
