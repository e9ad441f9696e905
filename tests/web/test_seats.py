"""A call is worked on when its body is here, so many at a time; a long body is read in one of half of the seats."""

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from connector.web import seats
from connector.web.seats import Seats
from tests.engine.scenes import beside, eventually
from tests.heed import Heed

LONG = b"x" * 400_000


class Slow(io.RawIOBase):
    """A body that comes when it is let."""

    def __init__(self, body: bytes) -> None:
        self.body, self.may_come = io.BytesIO(body), threading.Event()

    def read(self, size: int = -1) -> bytes:
        assert self.may_come.wait(10)
        return self.body.read(size)


class Caller:
    """What a web server makes of one call."""

    def __init__(
        self, application: Seats, body: Any = None, length: int | None = None, method: str = "GET", path: str = "/x"
    ) -> None:
        self.status, self.answer = "", b""
        given = {"REQUEST_METHOD": method, "PATH_INFO": path} | ({"wsgi.input": body} if body is not None else {})
        sized = {"CONTENT_LENGTH": str(length)} if length is not None else {"HTTP_TRANSFER_ENCODING": "chunked"}
        self.parts = application({**given, **(sized if body is not None else {})}, self._begin)

    def _begin(self, status: str, _headers: list[tuple[str, str]], _fault: Any = None) -> None:
        self.status = status

    def read(self) -> bytes:
        self.answer = b"".join(self.parts)
        if hasattr(self.parts, "close"):
            self.parts.close()
        return self.answer


def answering(answer: Callable[[dict[str, Any]], bytes]) -> Any:
    """An application that says how long its answer is."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = answer(environ)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return application


def size_of(environ: dict[str, Any]) -> bytes:
    total = 0
    while part := environ["wsgi.input"].read(1000):
        total += len(part)
    return str(total).encode()


@pytest.mark.parametrize(("body", "length"), [(b"short", 5), (b"short", None), (LONG, None), (LONG, len(LONG))])
def test_a_body_is_read_whole_whether_it_is_long_or_says_how_long_it_is(body: bytes, length: int | None) -> None:
    application = Seats(answering(size_of), 1)

    for _ in range(3):
        assert Caller(application, io.BytesIO(body), length).read() == str(len(body)).encode()


def test_bodies_that_do_not_come_take_no_seat() -> None:
    application = Seats(answering(size_of), 2)
    slow = [Slow(b"late") for _ in range(5)]

    with beside(*(lambda one=one: Caller(application, one, 4).read() for one in slow)):
        assert Caller(application, io.BytesIO(b"x"), 1).read() == b"1"
        for one in slow:
            one.may_come.set()


def test_long_bodies_that_do_not_come_leave_half_of_the_seats_and_the_others_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seats, "_PATIENCE_S", 0.1)
    application = Seats(answering(size_of), 4)
    slow = [Slow(LONG) for _ in range(2)]

    with beside(*(lambda one=one: Caller(application, one, len(LONG)).read() for one in slow)):
        eventually(lambda: application._long_bodies.free == 0)
        refused = Caller(application, io.BytesIO(LONG), len(LONG))
        assert Caller(application, io.BytesIO(b"x"), 1).read() == b"1"
        for one in slow:
            one.may_come.set()

    assert (refused.status, b"urn:heed:problem:busy" in refused.read()) == ("503 Service Unavailable", True)
    assert Caller(application, io.BytesIO(LONG), len(LONG)).read() == b"400000"


def test_so_many_are_worked_on_at_a_time() -> None:
    most, inside, lock, leave = 0, 0, threading.Lock(), threading.Event()

    def work(_environ: dict[str, Any]) -> bytes:
        nonlocal most, inside
        with lock:
            inside += 1
            most = max(most, inside)
        assert leave.wait(10)
        with lock:
            inside -= 1
        return b"done"

    application = Seats(answering(work), 3)
    with beside(*(lambda: Caller(application).read() for _ in range(9))):
        eventually(lambda: inside == 3)
        leave.set()

    assert most == 3


def test_a_stream_keeps_its_seat_to_its_end_and_a_fault_leaves_it() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "fault" in environ:
            raise KeyError("unforeseen")
        start_response("200 OK", [])
        return iter([b"a", b"b"])

    one = Seats(application, 1)
    stream = Caller(one)
    assert one._seats.free == 0
    assert stream.read() == b"ab"
    assert one._seats.free == 1
    with pytest.raises(KeyError):
        one({"fault": True}, None)
    assert one._seats.free == 1


def streaming(answer: Iterable[bytes]) -> Any:
    """An application that does not say how long its answer is."""

    def application(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return answer

    return application


def test_readers_who_stand_still_leave_half_of_the_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_READY_S", 0.05)
    application = Seats(streaming([b"a", b"b"]), 4)
    stands = [Caller(application) for _ in range(2)]

    refused = Caller(application)

    assert (refused.status, json.loads(refused.read())["instance"]) == ("503 Service Unavailable", "/x")
    assert application._seats.free == 2
    assert {one.read() for one in stands} == {b"ab"}
    assert Caller(application).read() == b"ab"
    assert application._seats.free == 4


def test_who_has_done_something_is_told_so_though_no_long_answer_can_be_sent() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("204 No Content" if environ["PATH_INFO"] == "/nothing" else "200 OK", [])
        return [] if environ["PATH_INFO"] == "/nothing" else iter([b"done"])

    here = Seats(application, 4)
    for _ in range(2):
        here._long_answers.acquire()

    assert Caller(here, path="/nothing").status == "204 No Content"
    assert Caller(here, method="POST").read() == b"done"
    assert here._seats.free == 4


def test_a_seat_is_left_though_closing_the_answer_fails() -> None:
    def parts() -> Iterator[bytes]:
        try:
            yield b"a"
        finally:
            raise OSError("the database went away")

    application = Seats(streaming(parts()), 1)
    stream = Caller(application)
    assert next(iter(stream.parts)) == b"a"
    with pytest.raises(OSError, match="went away"):
        stream.parts.close()

    assert (application._seats.free, application._long_answers.free) == (1, 1)


def test_bodies_that_do_not_come_leave_threads_to_calls_without_one() -> None:
    application = Seats(answering(lambda _: b"here"), 2, callers=seats._SPARE + 3)
    slow = [Slow(b"late") for _ in range(3)]

    with beside(*(lambda one=one: Caller(application, one, 4).read() for one in slow)):
        eventually(lambda: application._coming.free == 0)
        assert Caller(application, io.BytesIO(b"x"), 1).status == "503 Service Unavailable"
        assert Caller(application).read() == b"here"
        for one in slow:
            one.may_come.set()

    assert Caller(application, io.BytesIO(b"x"), 1).read() == b"here"


def test_a_body_that_was_cut_off_is_refused(heed: Heed) -> None:
    body = b'{"number": "+14155550123"} '
    said: list[str] = []

    def call(length: int) -> bytes:
        environ = EnvironBuilder(
            "/v1/actions/add_to_opt_out", method="POST", input_stream=io.BytesIO(body),
            content_type="application/json", headers={"Authorization": f"Bearer {heed.key}"},
        ).get_environ()  # fmt: skip
        environ["CONTENT_LENGTH"] = str(length)
        return b"".join(Seats(heed.app, 1)(environ, lambda status, _headers, _fault=None: said.append(status)))

    call(len(body) + 1)
    call(len(body))

    assert [one[:3] for one in said] == ["400", "200"]
