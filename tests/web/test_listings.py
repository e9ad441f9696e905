"""Listings page by page; what is no cursor is refused, and nothing is skipped or told twice."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.actions.people import says
from tests.heed import Heed
from tests.oracles import pointers

LISTINGS = ("bindings", "contacts", "campaigns", "templates", "reviews", "webhooks", "sends?number=%2B14155550123")


@pytest.mark.parametrize("path", LISTINGS)
def test_what_is_no_cursor_is_refused(heed: Heed, path: str) -> None:
    joint = "&" if "?" in path else "?"
    for cursor in ("nonsense", "lst_bmee9sdsy9x3"):
        assert pointers(heed.call("GET", f"/v1/{path}{joint}cursor={cursor}")) == {"/cursor": "bad_cursor"}


def a_contact(place: int) -> dict[str, Any]:
    return {"number": f"+1415555010{place}"}


def a_template(place: int) -> dict[str, Any]:
    return {"name": f"hello_{place}", "language": "en", "text": "Hello"}


def a_webhook(place: int) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:9/{place}"}


@pytest.mark.parametrize(
    ("path", "made"), [("contacts", a_contact), ("templates", a_template), ("webhooks", a_webhook)]
)
def test_pages_follow_each_other(heed: Heed, path: str, made: Callable[[int], dict[str, Any]]) -> None:
    wanted = [heed.post(f"/v1/{path}", made(place))["id"] for place in range(5)]

    found, cursor = [], ""
    while cursor is not None:
        page = heed.get(f"/v1/{path}?limit=2&cursor={cursor}" if cursor else f"/v1/{path}?limit=2")
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(found) == sorted(wanted)
    assert len(found) == 5


def test_reviews_follow_each_other(heed: Heed) -> None:
    sender = heed.sender()
    for place in range(3):
        says(heed, sender, "Please leave me alone, you people", f"+1415555010{place}")

    first = heed.get("/v1/reviews?limit=2")
    second = heed.get(f"/v1/reviews?limit=2&cursor={first['next_cursor']}")

    assert len({one["id"] for one in (*first["items"], *second["items"])}) == 3
    assert second["next_cursor"] is None
