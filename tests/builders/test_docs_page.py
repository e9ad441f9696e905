"""The page of the API says what the document says, needs no script, and fetches nothing."""

import re
import shlex
from html.parser import HTMLParser

import pytest

import actions
from connector.builders.docs_page import docs_page
from connector.builders.openapi import openapi
from connector.engine.catalog import discover
from tests.builders.described import operations

ENTRIES = [listed.publish() for listed in discover(actions).listed.values()]
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """The page as a browser reads it; a tag that is closed out of turn is a fault."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.blocks: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "pre":
            self.blocks.append("")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} at {self.getpos()}")

    def handle_data(self, data):
        if "pre" in self.open:
            self.blocks[-1] += data

    def all(self, wanted: str) -> list[str]:
        return [value for _, name, value in self.attributes if name == wanted]


@pytest.fixture(scope="module")
def document():
    return openapi(ENTRIES, "https://heed.example")


@pytest.fixture(scope="module")
def text(document):
    return docs_page(document)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_page_is_whole(page):
    assert page.faults == []
    assert page.open == []


def test_nothing_is_fetched_and_nothing_runs(page):
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert {href for href in page.all("href") if not href.startswith("#")} == {"openapi.json"}


def test_every_operation_and_every_schema_has_a_place_that_links_find(document, page):
    places = page.all("id")

    assert len(places) == len(set(places))
    assert set(operations(document)) <= set(places)
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= set(places)
    assert {href[1:] for href in page.all("href") if href.startswith("#")} <= set(places)


def test_every_call_has_a_line_to_paste_into_a_shell(document, page):
    lines = [block for block in page.blocks if block.startswith("curl ")]

    assert len(lines) == len(operations(document))
    for line in lines:
        words = [word for word in shlex.split(line) if word != "\n"]
        (url,) = (word for word in words if word.startswith("https://heed.example/"))
        assert "{" not in url
        open_to_all = re.search(
            "/((in|u|p|f)/WyIx|(o|confirm)/7Hq2ZtV0aXb3K|healthz|readyz|metrics|openapi.json|docs)$", url
        )
        assert any(word.startswith("Authorization") for word in words) == (not open_to_all)


def test_a_body_survives_the_shell(document):
    entry = {**ENTRIES[0], "examples": [{"title": "A name", "input": {"number": "1", "reason": "it's O'Brien <b>"}}]}

    page = Page(docs_page(openapi([entry], "https://heed.example")))

    (line,) = (block for block in page.blocks if "O'" in block)
    assert '{"number": "1", "reason": "it\'s O\'Brien <b>"}' in shlex.split(line)


def test_words_of_an_action_stay_words():
    entry = {**ENTRIES[0], "title": "<script>alert(1)</script>", "description": 'A & B <img src="x">'}

    text = docs_page(openapi([entry], "https://heed.example"))

    assert not Page(text).tags & {"script", "img"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_new_action_is_on_the_page(text):
    entry = {**ENTRIES[0], "name": "say_hello", "title": "Say hello", "links": {"run": "/v1/actions/say_hello"}}

    assert "Say hello" not in text
    assert "Say hello" in docs_page(openapi([*ENTRIES, entry], "https://heed.example"))


def test_it_is_made_for_dark_rooms_and_small_screens(text):
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport" content="width=device-width' in text


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "soft", "accent", "get", "post", "put", "patch", "delete"])
def test_every_colour_can_be_read(text, scheme, name):
    """WCAG 2.2 asks for a contrast of 4.5 between words and what is behind them."""
    colours = re.findall(rf"--{name}: (#\w{{6}})", text)
    for behind in ("paper", "raised"):
        assert contrast(colours[scheme], re.findall(rf"--{behind}: (#\w{{6}})", text)[scheme]) >= 4.5


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
