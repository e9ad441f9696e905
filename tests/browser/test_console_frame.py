"""The frame of the console in a real browser: signing in, keys, colours, without scripts, on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from tests.journeys.up import Up

PASSWORD = "correct horse battery"


@pytest.fixture
def name(api: Client, request: pytest.FixtureRequest) -> str:
    """An admin of the test's own organisation who knows PASSWORD."""
    made = api.post("/v1/users", {"name": f"Anna {request.node.name}"[:100], "role": "admin", "password": PASSWORD})
    return made["name"]


def sign_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_b04_signing_in_and_out(page: Page, name: str, axe: Callable[[Page], None], faults: list[str]) -> None:
    page.goto("/")
    axe(page)
    sign_in(page, name)
    axe(page)
    page.locator("details.own summary").click()
    axe(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("not it at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("fit together")
    assert [one for one in faults if "401" not in one] == []
    faults.clear()


def test_the_console_is_worked_by_keys(page: Page, name: str, axe: Callable[[Page], None]) -> None:
    sign_in(page, name)

    page.keyboard.press("Control+k")
    palette = page.locator("#palette")
    expect(palette).to_be_visible()
    axe(page)
    page.keyboard.type("home")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_the_first_press_of_tab_leads_to_the_content(page: Page, name: str) -> None:
    sign_in(page, name)

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_light_and_dark_by_a_switch(page: Page, name: str, axe: Callable[[Page], None]) -> None:
    sign_in(page, name)

    page.locator("details.own summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 18)"
    axe(page)


def test_without_scripts_on_a_phone_everything_is_there(
    opened: Callable[..., Page], name: str, server: Up, shot: Callable[[Page, str], None]
) -> None:
    page = opened(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(page, name)

    page.get_by_role("link", name="Menu", exact=True).click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    shot(page, "menu-390")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_of_the_door(opened: Callable[..., Page], shot: Callable[[Page, str], None], scheme: str, width: int,
                              axe: Callable[[Page], None]) -> None:  # fmt: skip
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto("/login")
    axe(page)
    shot(page, f"door-{width}-{scheme}")
