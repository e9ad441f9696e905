# ruff: noqa: F811 - a fixture of another file
"""The workbench in a real browser: an action mapped from a pasted payload, by a few clicks."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from tests.browser.clicks import Clicks
from tests.browser.test_console_frame import name, sign_in  # noqa: F401 - a fixture

PAYLOAD = {"contact": {"phone": "+14155550123", "name": "Ada Lovelace"}, "tags": ["vip"], "n": 3}


def test_a06_an_action_is_mapped_and_run_from_a_pasted_payload(
    page: Page, api: Client, name: str, axe: Callable[[Page], None]
) -> None:
    sign_in(page, name)
    clicks = Clicks()

    clicks.on(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Workbench"))
    axe(page)
    clicks.on(page.get_by_role("link", name="Add to opt-out"))
    clicks.on(page.get_by_label("What your flow hands over"))
    page.keyboard.insert_text(json.dumps(PAYLOAD))
    clicks.on(page.get_by_role("button", name="Pick an attribute for Phone number"))
    axe(page)
    clicks.on(page.locator("#picker").get_by_role("button", name="contact › phone"))
    expect(page.locator("#v-number")).to_contain_text('comes out as "+14155550123"')
    axe(page)
    clicks.on(page.get_by_role("button", name="Run", exact=True))
    expect(page.locator("#result")).to_contain_text("added")

    assert clicks.count <= 8
    print(f"mapped and run in {clicks.count} clicks")
    (event, *_) = api.get("/v1/history?number=%2B14155550123")["items"]
    assert event["state"] == "out"


def test_a08_faults_stand_beside_their_fields_while_one_types(
    page: Page, name: str, axe: Callable[[Page], None]
) -> None:
    sign_in(page, name)
    page.goto("/workbench/send_with_suppression")

    page.get_by_role("textbox", name="Phone number", exact=True).press_sequentially("{{ contact")
    expect(page.locator("#v-number .fault")).to_be_visible()
    axe(page)
    page.get_by_role("textbox", name="Phone number", exact=True).fill("+14155550123")
    expect(page.locator("#v-number .fault")).to_have_count(0)
    expect(page.locator("#v-number")).to_contain_text("text")
    expect(page.get_by_role("textbox", name="Phone number", exact=True)).to_be_focused()


def test_a07_a_binding_is_kept_and_comes_back_without_scripts(opened: Callable[..., Page], name: str) -> None:
    page = opened(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(page, name)
    page.goto("/workbench/check_consent")
    page.get_by_label("What your flow hands over").fill(json.dumps(PAYLOAD))
    page.get_by_role("textbox", name="Phone number", exact=True).fill("{{ contact.phone }}")
    page.get_by_role("button", name="Dry run").last.click()
    expect(page.locator("#outcome")).to_contain_text("Ready to run")
    page.get_by_label("Its name").fill("From a form")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#run-url")).to_contain_text("/run")
    expect(page.get_by_role("textbox", name="Phone number", exact=True)).to_have_value("{{ contact.phone }}")


def test_a06_a_real_request_is_captured_and_mapped(page: Page, name: str, axe: Callable[[Page], None]) -> None:
    sign_in(page, name)
    page.goto("/workbench/add_to_opt_out")
    page.get_by_role("button", name="Capture a real request").click()
    address = page.locator("#hook").text_content()
    assert address
    axe(page)

    assert page.request.post(address, data=PAYLOAD).ok

    expect(page.get_by_label("What your flow hands over")).to_have_value(json.dumps(PAYLOAD, indent=2))
    page.get_by_role("button", name="Pick an attribute for Phone number").click()
    page.locator("#picker").get_by_role("button", name="contact › phone").click()
    expect(page.locator("#v-number")).to_contain_text('comes out as "+14155550123"')


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_of_the_workbench(
    opened: Callable[..., Page], name: str, shot: Callable[[Page, str], None], scheme: str, width: int
) -> None:
    page = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(page, name)
    page.goto("/workbench")
    shot(page, f"actions-{width}-{scheme}")
    page.goto("/workbench/add_to_opt_out")
    shot(page, f"empty-{width}-{scheme}")
    page.get_by_label("What your flow hands over").fill(json.dumps(PAYLOAD, indent=1))
    page.get_by_role("textbox", name="Phone number", exact=True).fill("{{ contact.phone }}")
    page.get_by_role("textbox", name="Email", exact=True).fill("{{ contact. }}")
    expect(page.locator("#v-email .fault")).to_be_visible()
    page.get_by_role("button", name="Pick an attribute for WhatsApp").or_(
        page.get_by_role("button", name="Pick an attribute for Email")
    ).first.click()
    shot(page, f"picker-{width}-{scheme}")
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Email", exact=True).fill("")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#result")).to_contain_text("added")
    shot(page, f"ran-{width}-{scheme}")
