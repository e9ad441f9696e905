"""What keeps the console safe in a browser: tokens on forms, headers, roles; and that a page is no second path."""

import re

import pytest

from tests.heed import Heed
from tests.web.console import Console, signed_in, user


def test_b04_a_form_without_its_token_does_nothing(heed: Heed):
    console, other = signed_in(heed, name="Anna"), signed_in(heed, name="Bert")

    for token in ("", "x", other.token()):
        answer = console.post("/logout", token=token)
        assert (answer.status_code, "Nothing was changed" in answer.text) == (403, True)
    assert console.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Origin": "null"}],
)  # fmt: skip
def test_a_form_on_another_site_does_nothing_even_with_a_token(heed: Heed, headers: dict):
    console = signed_in(heed)

    assert console.post("/logout", headers=headers).status_code == 403
    assert console.client.get("/").status_code == 200


def test_signing_in_needs_a_form_that_was_shown_to_this_browser(heed: Heed):
    user(heed, name="Anna")
    stranger = Console(heed).token("/login")

    assert Console(heed).post("/login", token=stranger, name="Anna", password="x").status_code == 403
    assert Console(heed).post("/login", token="", name="Anna", password="x").status_code == 403


@pytest.mark.parametrize("path", ["/", "/login", "/password", "/no/such/page/of/ours?not=found", "/lists"])
def test_every_page_comes_with_a_strict_policy(heed: Heed, path: str):
    answer = signed_in(heed).client.get(path, follow_redirects=True)
    if answer.status_code == 404:
        return  # no page at all: a problem document

    policy = answer.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]* src=)|<style| style=|\son\w+=|javascript:", answer.text)


def test_assets_are_kept_for_good_under_their_version(heed: Heed):
    page = Console(heed).get("/login")
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) == 3

    for path in found:
        answer = heed.app.test_client().get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert heed.app.test_client().get("/static/old/console.css").headers["Cache-Control"] == "no-cache"
    assert heed.app.test_client().get("/static/x/..%2f..%2fapp.py").status_code == 404


def test_a_part_of_a_page_asked_for_after_the_session_ended_leads_to_the_door(heed: Heed):
    answer = Console(heed).client.get("/", headers={"X-Swap": "#main"})

    assert (answer.status_code, answer.headers["X-Location"]) == (401, "/login")


def test_what_a_user_is_called_is_shown_and_never_run(heed: Heed):
    console = signed_in(heed, name="<img src=x onerror=alert(1)>")

    assert "<img" not in console.get("/")


def test_light_or_dark_is_remembered(heed: Heed):
    console = signed_in(heed)

    assert 'data-theme="dark"' in console.done("/theme", theme="dark", back="/")
    assert "data-theme" not in console.done("/theme", theme="", back="/")
    assert console.post("/theme", theme="dark", back="//evil.example").headers["Location"] == "/"
