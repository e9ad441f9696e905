# ruff: noqa: F811 - a fixture of another file
"""Smart replies, forms and webhooks in a real browser."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from tests.browser.clicks import Clicks
from tests.browser.test_console_frame import name, sign_in  # noqa: F401 - a fixture
from tests.journeys.up import Up
from tests.receiver import Receiver, receiving

SENDER = {"provider": "console", "channel": "sms", "number": "+15005550006"}
FORM = {
    "channel": "sms", "description": "Offers of the shop, once a week at most. Reply STOP at any time.",
    "button_text": "Join us", "confirmation_message": "Welcome!",
}  # fmt: skip


@dataclass
class Shop:
    """A site of somebody else's, of another origin, with one page."""

    url: str = ""
    page: str = ""


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(found.page.encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_r10_a_smart_reply_is_made_and_tried_on_the_phone(
    page: Page, api: Client, name: str, axe: Callable[[Page], None]
) -> None:
    api.post("/v1/senders", SENDER)
    sign_in(page, name)
    clicks = Clicks()

    clicks.on(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Smart replies"))
    axe(page)
    clicks.on(page.get_by_role("link", name="New smart reply"))
    page.get_by_label("Keywords").fill("hours\nopening times")
    page.get_by_label("Answer").fill("We are open from 9 to 5.")
    clicks.on(page.get_by_role("button", name="Add this action"))
    clicks.on(page.get_by_role("button", name="Pick an attribute for Phone number"))
    clicks.on(page.locator("#picker").get_by_role("button", name="contact › number"))
    axe(page)
    clicks.on(page.get_by_role("button", name="Save").last)
    expect(page.locator("#order")).to_contain_text("hours, opening times")
    page.get_by_label("The message").fill("What are your hours?")
    page.get_by_label("The message").press("Enter")
    expect(page.locator("#phone .ours")).to_have_text("We are open from 9 to 5.")
    expect(page.locator("#phone")).to_contain_text("contains one of")
    page.get_by_label("The message").fill("STOP")
    page.get_by_label("The message").press("Enter")
    expect(page.locator("#phone")).to_contain_text("Opted out")
    axe(page)
    print(f"a smart reply with an action in {clicks.count} clicks")


def test_they_are_moved_and_the_queue_is_decided(
    page: Page, api: Client, name: str, axe: Callable[[Page], None]
) -> None:
    sender = api.post("/v1/senders", SENDER | {"provider": "http_api", "settings": {"url": "http://127.0.0.1:9/"}})
    for word in ("first", "second"):
        api.post("/v1/replies", {"keywords": [word], "reply": word})
    page.request.post(sender["inbound_url"], data={"id": "m-1", "from": "+14155550123", "text": "leave me alone"})
    sign_in(page, name)
    page.goto("/replies")
    page.get_by_title("Ask it later").click()
    expect(page.locator(".replies h2").first).to_have_text("second")

    page.get_by_role("link", name="To review").last.click()
    expect(page.locator("#queue")).to_contain_text("leave me alone")
    axe(page)
    page.get_by_role("button", name="It is a no").click()
    expect(page.locator("#queue")).to_contain_text("Nothing to read")
    assert api.get("/v1/history?number=%2B14155550123")["items"][0]["state"] == "out"
    page.goto("/replies/rules")
    axe(page)
    page.get_by_label("The message begins with").fill("no thanks")
    page.get_by_role("button", name="Keep the rule").click()
    expect(page.locator("tbody")).to_contain_text("no thanks")
    page.goto("/replies/packs")
    axe(page)


def test_f01_a_form_is_made_with_the_page_before_ones_eyes_and_opted_in_through_on_a_foreign_page(
    page: Page, opened: Callable[..., Page], api: Client, name: str, axe: Callable[[Page], None], shop: Shop
) -> None:
    sign_in(page, name)
    page.goto("/forms/new")
    preview = page.frame_locator("iframe.preview")
    page.get_by_label("What people agree to").fill("News of the shop, once a week.")
    expect(preview.locator("body")).to_contain_text("News of the shop, once a week.")
    page.get_by_label("On the button").fill("Count me in")
    expect(preview.get_by_role("button")).to_have_text("Count me in")
    axe(page)
    page.get_by_label("Pages that may show it").fill(shop.url)
    page.get_by_role("button", name="Make the form").click()
    code = page.locator("#embed").text_content() or ""
    axe(page)
    other = opened(viewport={"width": 1000, "height": 700})
    shop.page = f"<!doctype html><title>The shop</title><h1>The shop</h1>{code}"
    other.goto(shop.url)
    inside = other.frame_locator("iframe")
    inside.get_by_label("Mobile number").fill("+14155550177")
    inside.get_by_role("button", name="Count me in").click()
    expect(inside.get_by_role("status")).to_be_visible()
    assert api.get("/v1/history?number=%2B14155550177")["items"][0]["source"] == "form"


def test_a09_a_webhook_is_made_its_secret_shown_once_and_a_delivery_repeated(
    page: Page, api: Client, name: str, axe: Callable[[Page], None], receiver: Receiver
) -> None:
    sign_in(page, name)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Webhooks").click()
    axe(page)
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    axe(page)
    api.post("/v1/actions/add_to_opt_out", {"number": "+14155550123"})
    (made,) = api.get("/v1/webhooks")["items"]
    page.goto(f"/webhooks/{made['id']}")
    row = page.locator("#deliveries tbody tr")
    for _ in range(60):
        if row.get_by_text("delivered").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(row).to_contain_text("delivered")
    axe(page)
    row.get_by_role("button", name="Again").click()
    expect(page.locator("#notes")).to_contain_text("once more")
    page.goto("/webhooks/samples")
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_of_the_desk(
    opened: Callable[..., Page], server: Up, api: Client, name: str, shot: Callable[[Page, str], None], scheme: str,
    width: int,
) -> None:  # fmt: skip
    sender = api.post("/v1/senders", SENDER | {"provider": "http_api", "settings": {"url": "http://127.0.0.1:9/"}})
    step = {"action": "add_to_opt_out", "mapping": {"number": "{{ contact.number }}"}}
    hours = {"keywords": ["hours", "opening times"], "match": "contains", "reply": "9 to 5", "actions": [step]}
    api.post("/v1/replies", hours)
    kept = api.post("/v1/replies", {"keywords": ["price"], "reply": "Ten a month.", "priority": 200})
    api.post("/v1/rules", {"begins_with": "no thanks", "state": "out"})
    form = api.post("/v1/forms", {**FORM, "allowed_origins": ["https://shop.example"]})
    api.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hook"})
    api.post("/v1/actions/add_to_opt_out", {"number": "+14155550123"})
    page = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.request.post(sender["inbound_url"], data={"id": "m-1", "from": "+14155550124", "text": "leave me alone"})
    sign_in(page, name)
    page.goto("/replies")
    page.get_by_label("The message").fill("What are your hours?")
    page.get_by_label("The message").press("Enter")
    expect(page.locator("#phone .ours")).to_be_visible()
    (hook,) = api.get("/v1/webhooks")["items"]
    shot(page, f"replies-{width}-{scheme}")
    for path, picture in {
        f"/replies/{api.get('/v1/replies')['items'][0]['id']}": "reply", "/replies/rules": "rules",
        "/replies/packs": "packs", "/reviews": "reviews", "/forms": "forms", f"/forms/{form['id']}": "form",
        "/webhooks": "webhooks", f"/webhooks/{hook['id']}": "webhook", "/webhooks/samples": "samples",
    }.items():  # fmt: skip
        page.goto(path)
        if picture == "form":  # a frame out of sight is not painted
            page.locator("iframe").scroll_into_view_if_needed()
            expect(page.frame_locator("iframe").get_by_role("button")).to_be_visible()
        shot(page, f"{picture}-{width}-{scheme}")
    assert kept["priority"] == 200
