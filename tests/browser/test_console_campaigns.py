# ruff: noqa: F811 - a fixture of another file
"""Campaigns in a real browser: composed, seen as people get them, started, and every page fit to be looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from tests.browser.test_console_frame import name, sign_in  # noqa: F401 - a fixture
from tests.browser.test_console_pages import clicks, counted  # noqa: F401 - a fixture

SENDER = {"provider": "console", "channel": "sms", "number": "+15005550006"}
PEOPLE = [f"+1415555{number:04}" for number in range(200, 240)]


@pytest.fixture
def sale(api: Client) -> str:
    """A broadcast that has run, and of whose people four had opted out."""
    sender = api.post("/v1/senders", SENDER)["id"]
    for number in PEOPLE[:4]:
        api.post("/v1/actions/add_to_opt_out", {"number": number})
    steps = [{"text": "Our sale starts today. {{ opt_out }}"}]
    made = api.post("/v1/campaigns", {"kind": "broadcast", "name": "Sale", "sender": sender, "steps": steps})["id"]
    api.post(f"/v1/campaigns/{made}/enrol", {"recipients": [{"number": number} for number in PEOPLE]})
    api.post(f"/v1/campaigns/{made}/start", {})
    return f"/campaigns/{made}"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_every_page_of_a_campaign_is_fit_to_be_looked_at(
    opened: Callable[..., Page], sale: str, name: str, axe: Callable[[Page], None], shot: Callable[[Page, str], None],
    width: int, scheme: str,
) -> None:  # fmt: skip
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    sign_in(page, name)

    for called, path in (
        ("all", "/campaigns"), ("new", "/campaigns/new?kind=sequence"), ("report", sale),
        ("messages", f"{sale}/messages?status=suppressed"), ("settings", f"{sale}/settings"),
    ):  # fmt: skip
        page.goto(path)
        shot(page, f"{called}-{width}-{scheme}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_d10_a_report_says_how_many_were_skipped_and_comes_up_to_date_by_itself(
    page: Page, sale: str, name: str
) -> None:
    sign_in(page, name)

    page.goto(sale)

    expect(page.locator("#report")).to_contain_text("4 contacts skipped (opted-out)", timeout=20_000)
    expect(page.locator("#report")).to_contain_text("done", timeout=20_000)


def test_journey_a_sequence_of_three_messages_is_built_in_fifteen_clicks(counted: Page, api: Client) -> None:
    api.post("/v1/senders", SENDER)
    page = counted
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New sequence").click()
    page.get_by_label("Name").fill("Welcome")
    for place in range(3):
        if place:
            page.get_by_role("button", name="Add a message").click()
        page.locator(f"textarea[name='steps.{place}.text']").fill(f"Message {place + 1}. {{{{ opt_out }}}}")
    page.get_by_text("How will it read?").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.locator(".preview").first).to_contain_text("Reply STOP to opt out")
    page.get_by_role("button", name="Make the sequence").click()
    page.get_by_label("Numbers or emails").fill("\n".join(PEOPLE[:3]))
    page.get_by_role("button", name="Take them in").click()
    page.get_by_role("button", name="Start").click()

    expect(page.locator("main")).to_contain_text("It is on its way")
    count = clicks(page)
    print(f"a sequence of three messages: {count} clicks")
    assert count <= 15
