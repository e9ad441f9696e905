"""How much of a call is read: no body of any kind is longer than it may be, and files of any length pass through."""

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.web.incoming import LARGEST
from tests.heed import Heed
from tests.oracles import problem, row_counts
from tests.web.console import Console, signed_in

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'


class Endless:
    """A body in chunks whose end is never told; it counts what is read of it."""

    def __init__(self, begin: bytes, more: bytes, most: int = 16 * LARGEST) -> None:
        self._begin, self._more, self._most = begin, more, most
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        if self.read_bytes >= self._most:
            return b""
        many = self._most if size < 0 else size
        data = self._begin or (self._more * (many // len(self._more) + 1))[:many]
        self._begin = b""
        self.read_bytes += len(data)
        return data


def in_chunks(
    heed: Heed, path: str, kind: str, body: Any, client: FlaskClient | None = None, **environ: Any
) -> TestResponse:
    """A call as a web server hands it over that ends the body itself, so that its length is not known before."""
    own = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_TYPE": kind, "CONTENT_LENGTH": "", **environ}
    headers = {} if client else {"Authorization": f"Bearer {heed.key}"}
    return (client or heed.app.test_client()).post(path, headers=headers, environ_overrides=own)


ENDLESS = {
    "a provider's call": ("/in/", "application/json", b"", b" "),
    "an action": ("/v1/actions/check_consent", "application/json", b"", b" "),
    "a resource": ("/v1/lists", "application/json", b'{"name": "', b"x"),
    "agents": ("/mcp", "application/json", b"", b" "),
    "a form": ("/login", FORM, b"name=", b"x"),
    "a form of parts": ("/login", MULTIPART, PART, b"x"),
    "a form of fields": ("/login", MULTIPART, b"", b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'),
}


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ENDLESS)
def test_r17_a_body_that_never_ends_is_413_and_read_no_further_than_the_limit(heed: Heed, name: str) -> None:
    path, kind, begin, more = ENDLESS[name]
    path = path if path != "/in/" else urlsplit(heed.sender()["inbound_url"]).path
    body = Endless(begin, more)

    problem(in_chunks(heed, path, kind, body), 413, "too_large")

    assert body.read_bytes <= LARGEST + 128 * 1024


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r17_a_body_in_chunks_may_be_exactly_as_long_as_the_limit(heed: Heed) -> None:
    whole = b'{"number": "+14155550123"}'

    assert in_chunks(heed, "/v1/actions/check_consent", "application/json", Endless(b"", b" ", 0)).status_code == 400
    fits = io.BytesIO(whole.ljust(LARGEST))
    assert in_chunks(heed, "/v1/actions/check_consent", "application/json", fits).status_code == 200
    over = io.BytesIO(whole.ljust(LARGEST + 1))
    problem(in_chunks(heed, "/v1/actions/check_consent", "application/json", over), 413, "too_large")


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r17_a_form_that_says_how_large_it_is_is_413_without_being_read(heed: Heed) -> None:
    body = Endless(b"name=", b"x")

    problem(in_chunks(heed, "/login", FORM, body, CONTENT_LENGTH=str(10**12)), 413, "too_large")
    assert body.read_bytes == 0


def people(count: int) -> bytes:
    return b"number\n" + b"".join(b"+1415%07d\n" % (5550000 + n) for n in range(count))


def broadcast(heed: Heed) -> str:
    sender = heed.sender()["id"]
    made = heed.post("/v1/campaigns", {"kind": "broadcast", "name": "x", "sender": sender, "steps": [{"text": "hi"}]})
    return str(made["id"])


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r17_files_that_are_larger_than_any_body_are_taken(heed: Heed) -> None:
    large = b"number,note\n" + b"+14155550123,%s\n" % (b"x" * 1_000) * 3_000
    assert len(large) > LARGEST
    upload = PART.replace(b'name="f"', b'name="file"') + large + b"\r\n--b--\r\n"

    for kind, body in (("text/csv", large), (MULTIPART, upload)):
        taken = in_chunks(heed, f"/v1/campaigns/{broadcast(heed)}/enrol", kind, io.BytesIO(body))
        assert (taken.status_code, taken.json.get("rows")) == (200, 3_000), taken.text
        seen = in_chunks(heed, "/v1/lists/default/import?preview=1", kind, io.BytesIO(body))
        assert seen.status_code == 200, seen.text
        began = in_chunks(heed, "/v1/lists/default/import?async=1", kind, io.BytesIO(body))
        assert began.status_code == 202, began.text


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r17_so_are_those_of_the_console_for_whoever_may_bring_them(heed: Heed) -> None:
    large = people(1) + b"\n" * (LARGEST + 1)
    wheres = ("/lists/default/import/preview", "/lists/default/import", f"/campaigns/{broadcast(heed)}/people")

    def bring(console: Console, where: str) -> int:
        token = b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n' % console.token().encode()
        file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n%s\r\n--b--' % large
        return in_chunks(heed, where, MULTIPART, io.BytesIO(token + file), console.client).status_code

    operator, viewer = signed_in(heed, "operator"), signed_in(heed, "viewer")
    assert [bring(operator, where) for where in wheres] == [200, 303, 303]
    assert [bring(viewer, where) for where in wheres] == [413, 413, 413]
    assert bring(operator, "/lists") == 413


ROWS_WITHOUT_END = {
    "a line": (b"number\n", b"1"),
    "the first line": (b"", b"1"),
    "columns": (b"number,a\n", b"1,"),
    "a quote": (b'number\n"', b"1\n"),
    "a record of many lines": (b'number,a\n"', b'1\n","'),
}


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ROWS_WITHOUT_END)
def test_r17_a_row_without_end_is_not_read_to_its_end(heed: Heed, name: str) -> None:
    where, body = f"/v1/campaigns/{broadcast(heed)}/enrol", Endless(*ROWS_WITHOUT_END[name])
    rows = row_counts(heed)

    problem(in_chunks(heed, where, "text/csv", body), 400)

    assert body.read_bytes < 1024 * 1024
    assert row_counts(heed) == rows


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r17_people_in_json_have_the_limit_of_every_body(heed: Heed) -> None:
    body = Endless(b"", b" ")

    problem(in_chunks(heed, f"/v1/campaigns/{broadcast(heed)}/enrol", "application/json", body), 413, "too_large")
