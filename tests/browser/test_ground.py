"""The ground itself: the service answers a browser, and the watch over pages sees what it should."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from connector.demo.client import Client


def test_a_page_of_the_service_opens_without_a_fault(page: Page, axe: Callable[[Page], None]) -> None:
    answer = page.goto("/docs")

    assert answer is not None
    assert answer.status == 200
    axe(page)


def test_every_test_has_an_organisation_of_its_own(api: Client) -> None:
    assert api.get("/v1/campaigns") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("console.error('a slip')", "console: a slip"),
        ("setTimeout(() => { throw new Error('a fall') })", "a fall"),
        ("document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.example/x.png'}))", "CSP img-src"),
    ],
)
def test_what_goes_wrong_in_a_page_is_noticed(page: Page, faults: list[str], script: str, said: str) -> None:
    page.goto("/u/nobody")
    faults.clear()

    page.evaluate(script)
    page.wait_for_timeout(100)

    assert any(said in one for one in faults), faults
    faults.clear()


def test_a_grave_fault_of_accessibility_is_noticed(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/docs")
    page.evaluate("document.body.append(new Image())")

    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
