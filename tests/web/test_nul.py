"""NUL, which no database keeps alike: it is refused on every road by which a text comes in, and nothing has changed."""

import re
from collections.abc import Iterator

import pytest

from tests.heed import Heed
from tests.oracles import pointers, post_bytes, row_counts
from tests.web.console import Console, signed_in

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def nothing_changes(heed: Heed) -> Iterator[None]:
    heed.app.extensions["console"] = signed_in(heed)
    before = row_counts(heed)
    yield
    assert row_counts(heed) == before


def test_r10_nothing_has_a_nul_in_its_address(heed: Heed) -> None:
    for path in ("/in/%00", "/in/a%00b", "/hook/%00", "/f/%00", "/u/%00", "/c/%00", "/v1/settlements/%00"):
        for method in ("GET", "POST"):
            assert heed.call(method, path).status_code in (404, 405), (method, path)
    named = [re.sub(r"<[^>]+>", "%00", rule.rule) for rule in heed.app.url_map.iter_rules() if rule.arguments]
    assert len(named) > 100
    for path in named:
        assert heed.call("GET", path).status_code in (404, 405), path


QUERIES = (
    "/v1/lists/default/entries?q=%00", "/v1/lists/default/entries?q=a%00b&channel=sms", "/v1/contacts?email=%00",
    "/v1/lists/default/export?q=%00", "/v1/campaigns?cursor=%00", "/v1/profiles?number=%00", "/login?next=%00",
    "/v1/lists/default/entries?%00=1",
)  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_r10_nor_in_its_query(heed: Heed, query: str) -> None:
    answer = heed.call("GET", query)

    assert set(pointers(answer).values()) == {"bad_value"}


FORMS = {
    "/lists": {"name": "a\x00b"},
    "/replies/rules": {"begins_with": "no\x00", "state": "out", "channel": "sms"},
    "/forms": {"channel": "sms", "description": "a\x00b"},
    "/settings/panel": {"origins": "https://a.example\x00"},
    "/people/flag": {"number": "+14155550123", "reason": "\x00"},
    "/lists/default/people": {"people": "+14155550123\x00"},
}


@pytest.mark.parametrize("path", FORMS)
def test_r10_nor_in_a_form_of_the_console(heed: Heed, path: str) -> None:
    console: Console = heed.app.extensions["console"]

    answer = console.post(path, **FORMS[path])

    assert answer.status_code == 400, answer.text
    assert "holds a NUL character" in answer.text


def test_r10_nor_where_one_signs_in(heed: Heed) -> None:
    console = Console(heed)

    by_name = console.post("/login", token=console.token("/login"), name="\x00", password="x")
    by_key = console.post("/login", token=console.token("/login"), key="heed_\x00_x")

    assert pointers(by_name, 400) == {"/name": "bad_value"}
    assert pointers(by_key, 400) == {"/key": "bad_value"}
    part = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\x00\r\n--b--\r\n'
    assert pointers(post_bytes(heed, "/login", part, "multipart/form-data; boundary=b"), 400) == {"/name": "bad_value"}
    assert pointers(post_bytes(heed, "/login", b"a~/%00=1", FORM), 400) == {"/a~0~1\ufffd": "bad_value"}


def test_r10_a_cookie_with_a_nul_is_nobodys(heed: Heed) -> None:
    answer = heed.app.test_client().get("/lists", headers={"Cookie": r'heed-session="a\000b"'})

    assert answer.status_code == 303
