"""Every page of the console that an operator works with, in a real browser: journeys, pictures, accessibility."""

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
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
        said = {"reason": "asked on the phone", "evidence": {"ticket": "T-4711"}}
        api.post("/v1/actions/add_to_opt_out", {"number": number, "channel": channel, "lists": ["default"], **said})
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
    "list-empty": "/lists/newsletter?channel=rcs", "list-new": "/lists/new",
    "list-settings": "/lists/newsletter/settings", "list-import": "/lists/default/import", "people": "/people",
    "people-none": "/people?q=zz", "people-alike": "/people?q=0101",
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


def clicks(page: Page) -> int:
    """How often one has clicked since the page counts."""
    return page.evaluate("Number(sessionStorage.getItem('clicks') ?? 0)")


COUNT = (
    "addEventListener('click', e => { if (e.isTrusted && e.detail) sessionStorage.setItem('clicks',"
    " 1 + Number(sessionStorage.getItem('clicks') ?? 0)) }, true)"
)


@pytest.fixture
def counted(page: Page, name: str) -> Page:  # noqa: F811
    """Signed in, and every click of the mouse is counted from then on."""
    page.add_init_script(COUNT)
    sign_in(page, name)
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    return page


def test_journey_a_list_is_made_and_a_number_opted_out_in_six_clicks(counted: Page) -> None:
    page = counted
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Lists").click()
    page.get_by_role("link", name="New list").click()
    page.get_by_label("Name").fill("Offers")
    page.get_by_label("Keywords to opt out").fill("STOP OFFERS")
    page.get_by_role("button", name="Make the list").click()
    page.get_by_label("Number or email to add").fill("(415) 555-0177")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="+14155550177")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert clicks(page) <= 6, clicks(page)


def test_journey_why_somebody_got_no_message_in_three_clicks(counted: Page, filled: Client) -> None:
    page = counted
    page.keyboard.press("/")
    page.keyboard.type("415 555 0100")
    page.keyboard.press("Enter")
    row = page.get_by_role("region", name="Messages that were not sent").get_by_role("row").nth(1)
    expect(row).to_contain_text("opted out on Default since")
    assert clicks(page) <= 3, clicks(page)


def test_s04_a_switch_works_without_leaving_the_page(page: Page, name: str, filled: Client) -> None:  # noqa: F811
    sign_in(page, name)
    page.goto("/people?q=%2B14155550150")
    page.evaluate("window.stays = true")
    switch = page.get_by_role("switch", name="Messages by SMS")
    expect(switch).to_be_checked()

    switch.click()

    expect(switch).not_to_be_checked()
    expect(page.get_by_role("status")).to_contain_text("in force")
    expect(switch).to_be_focused()
    assert page.evaluate("window.stays") is True
    answer = filled.post("/v1/actions/check_consent", {"number": "+14155550150", "channel": "sms"})
    assert answer["allowed"] is False


def test_l06_many_are_ticked_removed_and_put_back(page: Page, name: str, filled: Client) -> None:  # noqa: F811
    sign_in(page, name)
    page.goto("/lists/default")
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(12)

    page.get_by_label("Tick all of this page").check()
    page.get_by_role("button", name="Remove those ticked").click()
    expect(page.get_by_role("status")).to_contain_text("12 entries are off the list")
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(12)


def test_l07_a_list_is_searched_while_one_types(page: Page, name: str, filled: Client) -> None:  # noqa: F811
    sign_in(page, name)
    page.goto("/lists/default")

    page.get_by_label("Search this list").press_sequentially("0105")

    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search this list")).to_be_focused()
    assert "q=0105" in page.url


def test_l07_a_file_is_looked_at_then_brought_in(page: Page, name: str, filled: Client, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "stop.csv"
    file.write_text("phone,why\n+14155550160,asked\n+14155550161,asked\nnobody,\n")
    sign_in(page, name)
    page.goto("/lists/default/import")

    page.locator("#f-file").set_input_files(file)
    page.get_by_label("Columns of other names").fill("phone:number\nwhy:reason")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("#preview tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#import")).to_contain_text("Done.", timeout=60_000)
    expect(page.get_by_text("New on the list").locator("+ dd")).to_have_text("2")
    expect(page.get_by_role("link", name="Rows that could not be read")).to_be_visible()


def test_l14_the_palette_and_a_key_open_the_side_panel(page: Page, name: str, filled: Client) -> None:  # noqa: F811
    sign_in(page, name)
    page.goto("/people?q=%2B14155550100")

    with page.expect_popup() as opened:
        page.keyboard.press("Alt+c")
    panel = opened.value
    expect(panel.get_by_role("heading", level=1)).to_have_text("+14155550100")
    panel.close()
    page.keyboard.press("Control+k")
    page.keyboard.type("+1 415 555 0101")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("+14155550101")
    assert "/panel" in page.url


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[str]:
    """Another site: pages of a folder, at an origin that is not Heed's."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{served.server_address[1]}"
        served.shutdown()
        thread.join()


def test_l14_an_inbox_elsewhere_embeds_the_panel_by_a_ticket(
    page: Page, filled: Client, foreign: str, tmp_path: Path, faults: list[str]
) -> None:
    url = filled.post("/v1/panel-tickets", {"agent": "Bo"})["url"] + "&number=%2B14155550170"
    frame = f'<iframe src="{url}" width="420" height="700"></iframe>'
    (tmp_path / "inbox.html").write_text(f"<!doctype html><title>Inbox</title>{frame}")
    page.goto(f"{foreign}/inbox.html")
    page.wait_for_timeout(500)
    assert any("frame-ancestors" in one for one in faults), faults
    faults.clear()

    filled._call("PUT", "/v1/panel-origins", json={"origins": [foreign]})
    page.reload()
    frame = page.frame_locator("iframe")
    frame.get_by_role("switch", name="Messages by SMS").click()
    expect(frame.get_by_role("switch", name="Messages by SMS")).not_to_be_checked()
    faults[:] = [one for one in faults if "favicon" not in one]

    event = filled.post("/v1/actions/get_consent_history", {"number": "+14155550170"})["events"][0]
    assert event["actor"].startswith("Bo, by ")


def test_a_refusal_of_a_partial_update_is_shown_in_words(
    page: Page, name: str, filled: Client, faults: list[str]  # noqa: F811
) -> None:  # fmt: skip
    sign_in(page, name)
    page.goto("/people?q=%2B14155550100")
    page.evaluate("document.querySelector('#person form input[name=csrf]').value = 'x'")

    page.get_by_role("switch", name="Messages by SMS").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    expect(page.locator("#main")).to_contain_text("Nothing was changed")
    assert [one for one in faults if "403" not in one] == []
    faults.clear()
