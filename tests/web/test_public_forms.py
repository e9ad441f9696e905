"""Opt-in forms: kept by their owners, filled in by anybody, and for a double opt-in confirmed by the person alone."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from connector.app import create_app
from connector.domain.instants import DAY, HOUR, MINUTE
from connector.engine.claim import Work
from tests.heed import Heed
from tests.oracles import other_organisation, pointers, problem
from tests.web.test_public_opting_out import ADA, NUMBER, everything_in, words_of

FORM = {"channel": "sms", "description": "Yes, send me offers.\nI can stop at any time.", "button_text": "Sign <me> up"}
MAIL = {**FORM, "channel": "email"}


def made(heed: Heed, **values: Any) -> str:
    """The path of a new form."""
    return heed.post("/v1/forms", {**FORM, **values})["url"].removeprefix("http://heed.test")


def filled(heed: Heed, path: str, text: str, **values: str) -> TestResponse:
    """Open a form, fill it in and send it, as a browser does."""
    page = heed.app.test_client().get(path)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    name = re.search(r'<input id="address" name="(\w+)"', page.text)[1]
    return heed.app.test_client(use_cookies=False).post(path, data={**fields, name: text, **values})


def taken(heed: Heed) -> list[Work]:
    """The messages that a worker takes in hand now."""
    return heed.house.sender._claims.claim(range(256), heed.house.incarnations.token()) or []


def confirm_path(heed: Heed) -> str:
    (work,) = taken(heed)
    return re.search(r"http://heed\.test(/confirm/[\w-]{22})", work.message.text)[1]


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["reasons"]]


def test_f01_a_form_is_kept_changed_listed_and_deleted(heed: Heed) -> None:
    form = heed.post("/v1/forms", {**MAIL, "allowed_origins": ["https://Shop.example/"], "lists": ["default"]})

    assert form["confirmation_message"] == "Thank you."
    assert form["double_opt_in"] is False
    assert form["allowed_origins"] == ["https://shop.example"]
    assert heed.get(f"/v1/forms/{form['id']}") == form
    changed = heed.call("PATCH", f"/v1/forms/{form['id']}", {"button_text": "Go", "allowed_origins": []}).json
    assert changed == {**form, "button_text": "Go", "allowed_origins": [], "embed_code": changed["embed_code"]}
    assert heed.get("/v1/forms") == {"items": [changed], "next_cursor": None}
    assert heed.call("DELETE", f"/v1/forms/{form['id']}").json == {"deleted": True}
    problem(heed.call("GET", f"/v1/forms/{form['id']}"), 404)
    assert heed.app.test_client().get(form["url"].removeprefix("http://heed.test")).status_code == 404


def test_f01_the_code_embeds_the_form_in_an_iframe(heed: Heed) -> None:
    form = heed.post("/v1/forms", FORM)

    source = re.search(r'<iframe src="([^"]+)" title="([^"]+)"', form["embed_code"])

    assert unescape(source[1]) == form["url"]
    assert source[2] == "Sign &lt;me&gt; up"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"allowed_origins": ["https://shop.example; script-src *"]}, "/allowed_origins/0"),
        ({"allowed_origins": ["'self'"]}, "/allowed_origins/0"),
        ({"allowed_origins": ["https://shop.example\nX: y"]}, "/allowed_origins/0"),
        ({"allowed_origins": ["https://a.example https://b.example"]}, "/allowed_origins/0"),
        ({"allowed_origins": ["javascript:alert(1)"]}, "/allowed_origins/0"),
        ({"allowed_origins": ["*"]}, "/allowed_origins/0"),
        ({"lists": ["nowhere"]}, "/lists/0"),
        ({"channel": "all"}, "/channel"),
        ({"double_opt_in": True}, "/sender"),
        ({"sender": "sdr_000000000000"}, "/sender"),
    ],
)
def test_f01_what_does_not_fit_is_named(heed: Heed, values: dict[str, Any], pointer: str) -> None:
    assert list(pointers(heed.call("POST", "/v1/forms", {**FORM, **values}))) == [pointer]


def test_f01_a_form_of_somebody_else_is_not_there(heed: Heed) -> None:
    form = heed.post("/v1/forms", FORM)
    other = other_organisation(heed)

    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/preview")):
        body = {} if method == "PATCH" else None
        problem(heed.call(method, f"/v1/forms/{form['id']}{path}", body, key=other), 404)


def test_f01_the_preview_shows_the_page_and_can_send_nothing(heed: Heed) -> None:
    form = heed.post("/v1/forms", {**FORM, "confirmation_message": "Welcome aboard"})

    kept = heed.call("GET", f"/v1/forms/{form['id']}/preview")
    before = everything_in(heed)
    tried = heed.call("POST", "/v1/forms/preview", {**FORM, "confirmation_message": "Welcome aboard"})

    assert everything_in(heed) == before
    for answer in (kept, tried):
        assert answer.status_code == 200
        assert answer.mimetype == "text/html"
        assert "Welcome aboard" in answer.text
        assert "Sign &lt;me&gt; up" in answer.text
        assert 'name="stamp"' not in answer.text
        assert 'type="button"' in answer.text


def test_f01_only_the_origins_named_may_show_it_within_their_pages(heed: Heed) -> None:
    allowed = made(heed, allowed_origins=["https://shop.example", "https://*.blog.example:8443"])
    nobody = made(heed)

    policies = [
        heed.app.test_client().get(path).headers["Content-Security-Policy"].rpartition("frame-ancestors ")[2]
        for path in (allowed, nobody)
    ]

    assert policies == ["https://shop.example https://*.blog.example:8443", "'none'"]


def test_f02_a_submitted_form_sets_the_flag_with_the_words_that_were_shown(heed: Heed) -> None:
    path = made(heed, confirmation_message="Welcome aboard")

    answer = filled(heed, path, "(415) 555-0123")

    assert answer.status_code == 200
    assert "Welcome aboard" in answer.text
    assert "Set-Cookie" not in answer.headers
    event = heed.act("get_consent_history", number=NUMBER)["events"][0]
    assert (event["state"], event["channel"], event["source"], event["list"]["key"]) == ("in", "sms", "form", "default")
    assert event["evidence"]["text_shown"] == f"{FORM['description']}\nMobile number\n{FORM['button_text']}"
    assert re.fullmatch("[0-9a-f]{16}", event["evidence"]["version"])
    assert event["evidence"]["network"] == "127.0.0.0/24"
    assert event["evidence"]["confirmed"] is False, "nobody has shown that the address is theirs"
    assert set(event["evidence"]) == {"text_shown", "version", "form", "network", "confirmed"}
    assert heed.act("check_consent", number=NUMBER, channel="sms", require_opt_in=True)["allowed"] is True


@pytest.mark.parametrize("channel", ["sms", "all"])
def test_f02_whoever_types_an_address_in_lifts_no_earlier_no(heed: Heed, channel: str) -> None:
    path, unknown = made(heed), "+14155550199"
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["STOP NEWS"]})
    news = made(heed, lists=["news"])
    heed.act("add_to_opt_out", number=NUMBER, channel=channel)
    said = words_of(heed, number=NUMBER)

    answers = [filled(heed, one, address) for one in (path, news) for address in (NUMBER, unknown)]

    assert len({answer.data for answer in answers}) == 1, "who is out can't be told from who is not"
    assert words_of(heed, number=NUMBER) == said
    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is False
    assert words_of(heed, number=unknown)[0][0] == "in"


def test_f02_where_there_was_a_no_the_address_itself_is_asked(heed: Heed) -> None:
    heed.sender()
    path = made(heed)
    heed.act("add_to_opt_out", number=NUMBER)

    assert filled(heed, path, NUMBER).data == filled(heed, path, "+14155550199").data
    assert words_of(heed, number=NUMBER)[0][0] == "out"
    link = confirm_path(heed)
    assert heed.app.test_client().post(link).status_code == 200

    assert words_of(heed, number=NUMBER)[0] == ("in", "default", "sms", "form")
    assert heed.act("get_consent_history", number=NUMBER)["events"][0]["evidence"]["confirmed"] is True
    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is True


def test_f02_an_erased_person_is_not_brought_back_by_whoever_knows_the_address(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=NUMBER)
    heed.post("/v1/profiles/erase", {"number": NUMBER})

    filled(heed, made(heed), NUMBER)

    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is False
    assert not any("4155550123" in row for rows in everything_in(heed).values() for row in rows)


def test_f02_a_form_that_is_sent_again_and_again_is_written_once(heed: Heed) -> None:
    path = made(heed)
    answers = {filled(heed, path, NUMBER).data for _ in range(5)}

    assert len(answers) == 1
    assert words_of(heed, number=NUMBER) == [("in", "default", "sms", "form")]


def test_f02_one_network_can_not_flood_a_form(heed: Heed) -> None:
    path = made(heed)

    answers = [filled(heed, path, f"+1415555{2000 + place}") for place in range(62)]

    assert [one.status_code for one in answers] == [200] * 60 + [429] * 2
    assert [one.headers.get("Retry-After") for one in answers] == [None] * 60 + ["3600"] * 2
    heed.clock.pass_by(2 * HOUR)
    assert filled(heed, path, "+14155559999").status_code == 200


def test_f02_behind_proxies_the_visitor_counts_and_what_visitors_claim_does_not(heed: Heed) -> None:
    path = made(heed)
    claimed = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9, 192.0.2.1", "X-Forwarded-Host": "evil.example"}
    networks = []
    for proxies in (0, 2):
        app = create_app(heed.house, trusted_proxies=proxies)
        page = app.test_client().get(path)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        number = f"+1415555014{proxies}"
        sent = app.test_client().post(path, data={**fields, "number": number}, headers=claimed)
        assert sent.status_code == 200
        event = heed.act("get_consent_history", number=number)["events"][0]
        networks.append(event["evidence"]["network"])

    assert networks == ["127.0.0.0/24", "203.0.113.0/24"]


def test_f02_a_form_opts_into_its_own_lists(heed: Heed) -> None:
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["STOP NEWS"]})

    filled(heed, made(heed, channel="email", lists=["news"]), ADA)

    assert words_of(heed, email=ADA) == [("in", "news", "email", "form")]
    problem(heed.call("DELETE", "/v1/lists/news"), 409, "list_in_use")


@pytest.mark.parametrize("text", ["", "12", "ada@example", "<script>alert(1)</script>"])
def test_f02_what_is_no_address_is_asked_for_again_and_writes_nothing(heed: Heed, text: str) -> None:
    path = made(heed, channel="email")
    before = everything_in(heed)

    answer = filled(heed, path, text)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<script" not in answer.text
    assert everything_in(heed) == before


def test_f02_a_form_that_was_not_shown_by_us_today_writes_nothing(heed: Heed) -> None:
    path, other = made(heed), made(heed)
    client = heed.app.test_client()
    stamp = re.search(r'name="stamp" value="([^"]+)"', client.get(path).text)[1]
    before = everything_in(heed)

    assert client.post(path, data={"number": NUMBER}).status_code == 422
    assert client.post(path, data={"number": NUMBER, "stamp": stamp[:-1]}).status_code == 422
    assert client.post(other, data={"number": NUMBER, "stamp": stamp}).status_code == 422
    heed.clock.pass_by(25 * HOUR)
    assert client.post(path, data={"number": NUMBER, "stamp": stamp}).status_code == 422
    assert everything_in(heed) == before


def test_f02_words_that_changed_while_somebody_read_them_are_shown_again(heed: Heed) -> None:
    form = heed.post("/v1/forms", FORM)
    path = form["url"].removeprefix("http://heed.test")
    stamp = re.search(r'name="stamp" value="([^"]+)"', heed.app.test_client().get(path).text)[1]
    heed.call("PATCH", f"/v1/forms/{form['id']}", {"description": "And my soul"})

    answer = heed.app.test_client().post(path, data={"number": NUMBER, "stamp": stamp})

    assert answer.status_code == 422
    assert "And my soul" in answer.text
    assert words_of(heed, number=NUMBER) == []


def test_f02_a_program_that_fills_in_everything_is_thanked_and_not_heard(heed: Heed) -> None:
    path = made(heed)
    before = everything_in(heed)

    answer = filled(heed, path, NUMBER, website="https://spam.example")

    assert answer.status_code == 200
    assert everything_in(heed) == before


def test_s08_double_opt_in_counts_when_the_link_is_confirmed_and_not_before(heed: Heed) -> None:
    heed.sender()
    path = made(heed, double_opt_in=True)

    answer = filled(heed, path, NUMBER)
    assert answer.status_code == 200
    assert words_of(heed, number=NUMBER) == []
    asked = {"number": NUMBER, "channel": "sms", "require_opt_in": "explicit"}
    assert codes(heed.act("check_consent", **asked)) == ["consent_pending"]
    link = confirm_path(heed)
    page = heed.app.test_client().get(link)
    assert "+14•••23" in page.text
    assert NUMBER not in page.text
    for method in ("GET", "HEAD", "OPTIONS"):
        heed.app.test_client().open(link, method=method)
    assert codes(heed.act("check_consent", **asked)) == ["consent_pending"]

    assert heed.app.test_client(use_cookies=False).post(link).status_code == 200

    assert heed.act("check_consent", **asked)["allowed"] is True
    (event,) = heed.act("get_consent_history", number=NUMBER)["events"]
    assert (event["state"], event["source"]) == ("in", "form")
    assert "Do you want messages by text message (SMS) to +14•••23?" in event["evidence"]["text_shown"]
    assert event["evidence"]["asked"]["text_shown"].startswith(FORM["description"])
    assert event["evidence"]["asked"]["network"] == "127.0.0.0/24"


def test_s08_double_opt_in_pressed_again_after_a_stop_says_nothing(heed: Heed) -> None:
    heed.sender()
    filled(heed, made(heed, double_opt_in=True), NUMBER)
    link = confirm_path(heed)
    heed.app.test_client().post(link)
    heed.house.settling._limit_s = 0.05
    heed.act("add_to_opt_out", number=NUMBER, channel="sms")

    assert heed.app.test_client().post(link).status_code == 200
    assert words_of(heed, number=NUMBER)[0][0] == "out"


def test_s08_double_opt_in_links_end_and_so_does_the_waiting(heed: Heed) -> None:
    heed.sender()
    filled(heed, made(heed, double_opt_in=True), NUMBER)
    link = confirm_path(heed)

    heed.clock.pass_by(8 * DAY)

    assert heed.app.test_client().get(link).status_code == 410
    assert heed.app.test_client().post(link).status_code == 410
    assert words_of(heed, number=NUMBER) == []
    answer = heed.act("check_consent", number=NUMBER, channel="sms", require_opt_in="explicit")
    assert codes(answer) == ["no_consent"]


def test_s08_double_opt_in_reaches_who_opted_out_and_never_who_is_blocked(heed: Heed) -> None:
    heed.sender()
    path = made(heed, double_opt_in=True)
    heed.act("add_to_opt_out", number=NUMBER)
    blocked = "+14155550199"
    heed.call("PUT", "/v1/profiles/block", {"number": blocked, "blocked": True})

    answers = [filled(heed, path, one) for one in (NUMBER, blocked, "+14155550177")]

    assert len({answer.data for answer in answers}) == 1
    assert sorted(work.due.address for work in taken(heed)) == [NUMBER, "+14155550177"]


def test_s08_double_opt_in_asks_an_address_once_in_ten_minutes_and_three_times_a_day(heed: Heed) -> None:
    heed.sender()
    path = made(heed, double_opt_in=True)
    sent, answers = [], set()

    for pause in (0, 1, 11, 11, 11, 60):
        heed.clock.pass_by(pause * MINUTE)
        answers.add(filled(heed, path, NUMBER).data)
        sent.append(len(heed.get("/v1/sends?number=%2B14155550123")["items"]))

    assert sent == [1, 1, 2, 3, 3, 3]
    assert len(answers) == 1


def test_s08_double_opt_in_asks_only_so_many_from_one_network(heed: Heed) -> None:
    heed.sender()
    path = made(heed, double_opt_in=True)

    statuses = [filled(heed, path, f"+1415555{2000 + place}").status_code for place in range(62)]

    assert statuses == [200] * 60 + [429] * 2
    heed.clock.pass_by(2 * HOUR)
    assert filled(heed, path, "+14155559999").status_code == 200


def test_s08_double_opt_in_works_by_email(heed: Heed) -> None:
    sender = heed.sender(channel="email")
    path = made(heed, channel="email", double_opt_in=True, sender=sender["id"])
    filled(heed, path, ADA)
    (work,) = taken(heed)

    assert work.message.subject.startswith("Please confirm")
    assert work.message.unsubscribe_url is None
    link = re.search(r"(/confirm/[\w-]+)", work.message.text)[1]
    assert heed.app.test_client().post(link).status_code == 200
    assert words_of(heed, email=ADA) == [("in", "default", "email", "form")]


def test_s07_what_waits_for_a_second_yes_goes_with_an_erased_person(heed: Heed) -> None:
    heed.sender()
    filled(heed, made(heed, double_opt_in=True), NUMBER)
    link = confirm_path(heed)
    heed.house.settling._limit_s = 0.05

    heed.post("/v1/profiles/erase", {"number": NUMBER})

    assert heed.app.test_client().post(link).status_code == 404
    assert not any("4155550123" in row for rows in everything_in(heed).values() for row in rows)


def test_s07_an_erased_person_comes_back_by_a_new_yes_of_their_own(heed: Heed) -> None:
    heed.sender()
    heed.act("add_to_opt_out", number=NUMBER)
    heed.post("/v1/profiles/erase", {"number": NUMBER})

    filled(heed, made(heed, double_opt_in=True), NUMBER)
    heed.app.test_client().post(confirm_path(heed))

    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is True


def test_f01_a_sender_of_another_channel_is_refused(heed: Heed) -> None:
    mail = heed.sender(channel="email")["id"]

    assert heed.faults("/v1/forms", {**FORM, "channel": "sms", "sender": mail}) == {"/sender": "wrong_channel"}
