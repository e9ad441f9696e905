"""The pages that people meet without a login, in a real browser: on a phone and a desktop, by day and by night."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connector.demo.client import Client
from connector.demo.launch import Running
from tests.browser.embedding import website
from tests.links import every, form, in_message, of_person

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
ADA = "ada@example.com"
NUMBER = "+14155550123"
Open = Callable[..., Page]
LOOKS = pytest.mark.parametrize("colours", ["light", "dark"])
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1280"])


def words_of(api: Client, **person: str) -> list[tuple[str, str, str, str]]:
    events = api.post("/v1/actions/get_consent_history", person)["events"]
    return [(one["state"], one["list"]["key"], one["channel"], one["source"]) for one in events]


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def answered(faults: list[str], status: int) -> None:
    """The browser tells of an answer that a test expects; it is taken out, and must have been there."""
    told = [one for one in faults if f"status of {status}" in one]
    assert told
    for one in told:
        faults.remove(one)


def lists(api: Client) -> None:
    """Two lists beside the default one, so that pages have something to show."""
    for name, about in (
        ("Offers", "Once a week, what is new and what is cheaper."),
        ("Events", "When we are near you."),
    ):
        api.post("/v1/lists", {"key": name.lower(), "name": name, "description": about, "keywords": [f"NO {name}"]})


@SIZES
@LOOKS
def test_f03_s09_every_public_page_is_accessible_and_fits(
    opened: Open, api: Client, provider: Running, axe: Any, shot: Any, size: dict[str, int], colours: str
) -> None:
    lists(api)
    links = every(api, provider)
    page = opened(viewport=size, color_scheme=colours)

    for link in links[:-1]:
        page.goto(link)
        axe(page)
        fits(page)
        kind = link.split("/")[3]
        shot(page, f"{kind}-{links.index(link)}-{size['width']}-{colours}")


@LOOKS
def test_f03_who_presses_unsubscribe_is_out_and_reads_so(
    opened: Open, api: Client, axe: Any, shot: Any, colours: str
) -> None:
    lists(api)
    link, _ = of_person(api, email=ADA, lists=["offers", "events"])
    page = opened(viewport=PHONE, color_scheme=colours)

    page.goto(link)
    page.get_by_role("button", name="Unsubscribe").click()

    expect(page.get_by_role("heading")).to_have_text("You are unsubscribed")
    axe(page)
    fits(page)
    shot(page, f"unsubscribed-{colours}")
    assert {one[:2] for one in words_of(api, email=ADA)} == {("out", "offers"), ("out", "events")}


def test_s09_choices_are_made_by_keyboard_alone(page: Page, api: Client, axe: Any, shot: Any) -> None:
    lists(api)
    page.goto(of_person(api, email=ADA, lists=["offers"])[1])
    boxes = page.get_by_role("checkbox")
    assert boxes.count() >= 3

    page.keyboard.press("Tab")
    expect(boxes.first).to_be_focused()
    shot(page, "preferences-focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(boxes.count() - 1):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    axe(page)
    shot(page, "preferences-saved")
    assert len(words_of(api, email=ADA)) == 1
    expect(boxes.nth(1)).not_to_be_checked()


def test_f01_f02_a_form_within_the_page_of_an_allowed_origin_opts_in(
    page: Page, api: Client, axe: Any, shot: Any
) -> None:
    with website() as shop:
        made = form(
            api, channel="email", allowed_origins=[shop.origin], button_text="Sign me up",
            confirmation_message="Welcome aboard.",
        )  # fmt: skip
        shop.within = made["embed_code"]
        page.goto(shop.origin)
        frame = page.frame_locator("iframe")

        frame.get_by_label("Email address").fill(ADA)
        shot(page, "embedded")
        axe(page)
        frame.get_by_role("button", name="Sign me up").click()

        expect(frame.get_by_role("status")).to_have_text("Welcome aboard.")
        shot(page, "embedded-sent")

    assert words_of(api, email=ADA) == [("in", "default", "email", "form")]


def test_f01_another_origin_can_not_show_the_form(page: Page, api: Client, faults: list[str]) -> None:
    with website() as shop, website() as other:
        other.within = form(api, channel="email", allowed_origins=[shop.origin])["embed_code"]
        page.goto(other.origin)
        page.wait_for_load_state("networkidle")

        expect(page.frame_locator("iframe").get_by_role("button")).to_have_count(0)

    assert any("frame-ancestors" in one for one in faults), faults
    faults.clear()


def test_f02_s08_everything_works_without_javascript(opened: Open, api: Client, provider: Running) -> None:
    sender = {"provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": {"url": provider.url}}
    made = form(api, double_opt_in=True, sender=api.post("/v1/senders", sender)["id"])
    page = opened(java_script_enabled=False, viewport=PHONE)

    page.goto(made["url"])
    page.get_by_label("Mobile number").fill("(415) 555-0123")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Please open the link that we send you")
    page.goto(in_message(provider, NUMBER, "confirm"))
    page.get_by_role("button", name="Yes, I do").click()
    expect(page.get_by_role("heading")).to_have_text("Confirmed")
    page.goto(of_person(api, number=NUMBER)[0])
    page.get_by_role("button", name="Stop all messages").click()

    expect(page.get_by_role("heading")).to_have_text("You are unsubscribed")
    assert [one[0] for one in words_of(api, number=NUMBER)] == ["out", "in"]


def test_f02_a_slip_is_named_where_it_was_made(page: Page, api: Client, faults: list[str], axe: Any, shot: Any) -> None:
    page.goto(form(api, channel="email")["url"])

    page.get_by_label("Email address").fill("ada@example")
    page.get_by_role("button").click()

    expect(page.get_by_role("alert")).to_be_visible()
    field = page.get_by_label("Email address")
    expect(field).to_have_value("ada@example")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("This is not an email address. Please check it.")
    expect(field).to_be_focused()
    axe(page)
    shot(page, "slip")
    answered(faults, 422)


@SIZES
@LOOKS
def test_f01_a_form_is_read_from_the_right_where_its_words_are(
    opened: Open, api: Client, axe: Any, shot: Any, size: dict[str, int], colours: str
) -> None:
    made = form(
        api, description="نعم، أرسلوا لي عروضكم.\nيمكنني التوقف في أي وقت.", button_text="اشترك الآن",
        confirmation_message="شكرا لك.",
    )  # fmt: skip
    page = opened(viewport=size, color_scheme=colours)

    page.goto(made["url"])

    axe(page)
    fits(page)
    shot(page, f"from-the-right-{size['width']}-{colours}")
    text, button = page.get_by_text("نعم").bounding_box(), page.get_by_role("button").bounding_box()
    main = page.get_by_role("main").bounding_box()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
    assert text
    assert button
    assert main
    assert button["x"] + button["width"] > main["x"] + main["width"] / 2


@SIZES
def test_f01_long_words_and_long_texts_stay_within_the_page(
    opened: Open, api: Client, axe: Any, shot: Any, size: dict[str, int]
) -> None:
    name = "Donaudampfschifffahrtsgesellschaft-kapitänskajüte"
    api.post("/v1/lists", {"key": "long", "name": name, "description": "x" * 300, "keywords": ["NO LONG"]})
    made = form(api, description=("Yes " * 200) + "W" * 400, button_text="B" * 60, channel="email")
    page = opened(viewport=size)

    for kind, link in zip(
        ("form", "out", "choices"), (made["url"], *of_person(api, email=ADA, lists=["long"])), strict=True
    ):
        page.goto(link)
        axe(page)
        fits(page)
        shot(page, f"long-{kind}-{size['width']}")


@LOOKS
def test_f03_a_link_that_was_cut_off_says_so(
    opened: Open, faults: list[str], axe: Any, shot: Any, colours: str
) -> None:
    page = opened(viewport=PHONE, color_scheme=colours)

    page.goto("/u/cut-off")

    axe(page)
    fits(page)
    shot(page, f"cut-off-{colours}")
    answered(faults, 404)


def test_f01_the_preview_shows_the_form_and_what_it_says_then(page: Page, api: Client, axe: Any, shot: Any) -> None:
    made = form(api, confirmation_message="Welcome aboard.", button_text="Sign me up")

    page.set_content(api.text(f"/v1/forms/{made['id']}/preview"))

    expect(page.get_by_text("Welcome aboard.")).to_be_visible()
    axe(page)
    shot(page, "preview")
