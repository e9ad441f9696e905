"""The page on which a person chooses: what is shown is what holds, and what is saved is the person's own word."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from connector.domain.instants import HOUR
from tests.heed import Heed
from tests.oracles import pointers
from tests.web.test_public_opting_out import ADA, NUMBER, everything_in, link_of, words_of

NEWS = {"key": "news", "name": "News & offers", "description": "Once a week", "keywords": ["STOP NEWS"]}


@pytest.fixture
def news(heed: Heed) -> str:
    heed.sender()
    heed.house.settling._limit_s = 0.05
    return str(heed.post("/v1/lists", NEWS)["id"])


def links_of(heed: Heed, **person: Any) -> str:
    """The path of somebody's preferences."""
    return heed.post("/v1/profiles/links", person)["preferences_url"].removeprefix("http://heed.test")


def boxes(page: TestResponse) -> dict[str, bool]:
    """Every box of the page, and whether it is ticked."""
    found = re.findall(r'<input type="checkbox" name="on" value="([^"]+)"( checked)?', page.text)
    return {name: bool(checked) for name, checked in found}


def save(heed: Heed, path: str, page: TestResponse, *on: str) -> TestResponse:
    stamp = unescape(re.search(r'name="stamp" value="([^"]+)"', page.text)[1])
    return heed.app.test_client(use_cookies=False).post(path, data={"stamp": stamp, "on": list(on)})


def state_of(heed: Heed, **asked: Any) -> bool:
    return bool(heed.act("check_consent", **asked)["allowed"])


def test_s09_the_page_shows_every_list_and_the_channels_in_use(heed: Heed, news: str) -> None:
    page = heed.app.test_client().get(links_of(heed, number=NUMBER))

    default = heed.get("/v1/lists/default")["id"]
    assert boxes(page) == {f"{default} sms": True, f"{news} sms": True}
    assert "News &amp; offers" in page.text
    assert "Once a week" in page.text
    assert "+14•••23" in page.text
    assert NUMBER not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_s09_what_is_turned_off_is_off_and_what_is_turned_on_is_a_yes_with_its_words(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)
    asked = {"number": NUMBER, "channel": "sms"}
    default = f"{heed.get('/v1/lists/default')['id']} sms"

    page = save(heed, path, heed.app.test_client().get(path), default)
    assert boxes(page) == {default: True, f"{news} sms": False}
    assert words_of(heed, number=NUMBER) == [("out", "news", "sms", "link")]
    assert (state_of(heed, **asked), state_of(heed, **asked, lists=["news"])) == (True, False)

    page = save(heed, path, page, default, f"{news} sms")

    assert boxes(page) == {default: True, f"{news} sms": True}
    event = heed.act("get_consent_history", number=NUMBER)["events"][0]
    assert (event["state"], event["list"]["key"], event["source"]) == ("in", "news", "link")
    assert event["evidence"]["text_shown"].endswith("News & offers\nOnce a week\nBy text message (SMS)")
    assert re.fullmatch("[0-9a-f]{16}", event["evidence"]["version"])
    assert state_of(heed, **asked, lists=["news"], require_opt_in="explicit") is True


def test_s09_saving_what_was_shown_says_nothing(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)
    page = heed.app.test_client().get(path)

    answer = save(heed, path, page, *boxes(page))

    assert "saved" in answer.text
    assert words_of(heed, number=NUMBER) == []


def test_s09_a_stop_that_came_while_the_page_was_open_is_not_undone_by_saving_it(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)
    page = heed.app.test_client().get(path)
    heed.act("add_to_opt_out", number=NUMBER, channel="sms")

    save(heed, path, page, *boxes(page))

    assert state_of(heed, number=NUMBER, channel="sms") is False


def test_s09_one_button_stops_everything(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)

    page = heed.app.test_client().post(path, data={"stop": "all"})

    assert words_of(heed, number=NUMBER) == [("out", "default", "all", "link")]
    assert boxes(page)[f"{heed.get('/v1/lists/default')['id']} sms"] is False


def test_s09_a_page_that_was_open_for_days_or_is_somebody_elses_is_shown_anew(heed: Heed, news: str) -> None:
    path, other = links_of(heed, number=NUMBER), links_of(heed, email=ADA)
    page, foreign = heed.app.test_client().get(path), heed.app.test_client().get(other)
    before = everything_in(heed)

    assert save(heed, path, foreign).status_code == 422
    heed.clock.pass_by(25 * HOUR)
    assert save(heed, path, page).status_code == 422
    assert heed.app.test_client().post(path, data={}).status_code == 422
    assert everything_in(heed) == before


def test_s09_over_a_link_that_came_with_a_message_nothing_is_turned_on(heed: Heed, news: str) -> None:
    heed.act("add_to_opt_out", email=ADA, lists=["news"], channel="email")
    out = f"/u/{link_of(heed, {'email': ADA})}"
    path = re.search(r'href="(/p/[^"]+)"', heed.app.test_client().get(out).text)[1]
    page = heed.app.test_client().get(path)
    assert f'value="{news} email" disabled' in page.text

    save(heed, path, page, *boxes(page))
    assert state_of(heed, email=ADA, channel="email", lists=["news"]) is False

    save(heed, path, page)
    assert state_of(heed, email=ADA, channel="email") is False


def test_s09_boxes_that_were_never_on_the_page_do_nothing(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)
    page = heed.app.test_client().get(path)
    made_up = ["lst_000000000000 sms", f"{news} email", f"{news} all", "nonsense", "", f"{news}", "é sms"]

    save(heed, path, page, *boxes(page), *made_up)

    assert words_of(heed, number=NUMBER) == []


def test_s09_the_page_can_be_used_with_a_keyboard_and_a_screen_reader(heed: Heed, news: str) -> None:
    page = heed.app.test_client().get(links_of(heed, number=NUMBER)).text

    assert page.count("<fieldset><legend>") == 2
    assert page.count('<input type="checkbox"') == page.count('<label class="choice"><input type="checkbox"')
    assert 'lang="en"' in page
    assert "<script" not in page
    assert " on" + "click" not in page
    assert ":focus-visible" in page


def test_s09_texts_can_hold_the_link(heed: Heed, news: str) -> None:
    sender = heed.sender()
    heed.act(
        "send_with_suppression", sender=sender["id"], number=NUMBER, text="Hi. {{ preferences }}", **{"async": True}
    )
    (work,) = heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())

    path = re.fullmatch(r"Hi\. http://heed\.test(/p/[\w-]+)", work.message.text)[1]
    page = heed.app.test_client().get(path)
    assert page.status_code == 200
    assert "disabled" not in page.text.partition("<body>")[2]


def test_s09_links_are_for_one_address(heed: Heed) -> None:
    assert pointers(heed.call("POST", "/v1/profiles/links", {"number": NUMBER, "email": ADA})) == {"": "one_address"}
    assert pointers(heed.call("POST", "/v1/profiles/links", {"number": "12"})) == {"/number": "invalid_address"}
    assert pointers(heed.call("POST", "/v1/profiles/links", {"email": ADA, "lists": ["x"]})) == {
        "/lists/0": "unknown_list"
    }


def test_s07_of_an_erased_person_there_is_nothing_to_choose(heed: Heed, news: str) -> None:
    path = links_of(heed, number=NUMBER)
    heed.post("/v1/profiles/erase", {"number": NUMBER})

    assert heed.app.test_client().get(path).status_code == 404
