"""Every page of the console that an operator works with, in a real browser: journeys, pictures, accessibility."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from tests.browser.test_console_frame import PASSWORD, name, sign_in  # noqa: F401 - a fixture

NUMBERS = [f"+1415555{number:04}" for number in range(100, 125)]


@pytest.fixture
def filled(api: Client) -> Client:
    """An organisation in which something has happened."""
    sender = api.post("/v1/senders", {"provider": "console", "channel": "sms", "number": "+15005550006"})["id"]
    api.post("/v1/lists", {"name": "Newsletter", "keywords": ["STOP NEWS"], "opt_in_keywords": ["START NEWS"],
                           "description": "What is new in the shop, twice a month"})  # fmt: skip
    for place, number in enumerate(NUMBERS[:12]):
        channel = ("sms", "whatsapp", "all")[place % 3]
        api.post("/v1/actions/add_to_opt_out", {"number": number, "channel": channel, "lists": ["default"],
                                                "reason": "asked on the phone", "evidence": {"ticket": "T-4711"}})  # fmt: skip
    api.post("/v1/actions/add_to_opt_out", {"number": NUMBERS[0], "channel": "sms", "lists": ["newsletter"]})
    for number in NUMBERS[12:18]:
        api.post("/v1/actions/record_opt_in", {"number": number, "channel": "sms"})
    api.post("/v1/actions/send_with_suppression", {
        "sender": sender, "text": "Our sale starts today.", "reference": "autumn-sale",
        "recipients": [{"number": number} for number in NUMBERS[:14]],
    })  # fmt: skip
    api.post("/v1/keys", {"name": "n8n", "scopes": ["read", "send"]})
    return api


PAGES = {
    "home": "/", "home-30": "/?days=30&by=source", "lists": "/lists", "list": "/lists/default",
    "list-empty": "/lists/newsletter?channel=rcs", "list-new": "/lists/new", "list-settings": "/lists/newsletter/settings",
    "list-import": "/lists/default/import", "people": "/people", "people-none": "/people?q=zz", "people-alike": "/people?q=0101",
    "person": "/people?q=%2B14155550100", "panel": "/panel?q=%2B14155550100", "senders": "/settings/senders",
    "sender-new": "/settings/senders/new", "defaults": "/settings/defaults", "accounts": "/settings/accounts",
    "users": "/settings/users", "keys": "/settings/keys", "panel-settings": "/settings/panel", "password": "/password",
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_fit_to_be_looked_at(
    opened: Callable[..., Page], filled: Client, name: str, axe: Callable[[Page], None],  # noqa: F811
    shot: Callable[[Page, str], None], scheme: str, width: int,
) -> None:  # fmt: skip
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    sign_in(page, name)

    for called, path in PAGES.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        shot(page, f"{called}-{width}-{scheme}")
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} pixels wide"
