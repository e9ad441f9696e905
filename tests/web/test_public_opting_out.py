"""The way out over a link: one POST and nothing else; looking changes nothing."""

import re
from dataclasses import replace
from email import message_from_bytes
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from connector.engine.links import OUT, PREFERENCES, Link
from connector.store.tables import metadata
from tests.heed import Heed
from tests.oracles import BESIDE
from tests.providers.mailservers import mail_server
from tests.statements import counted

ADA = "ada@example.com"
NUMBER = "+14155550123"
ONE_CLICK = "List-Unsubscribe=One-Click"
SCANNERS = ("Mozilla/5.0 (compatible; Barracuda Sentinel)", "ms-office; MSOffice 16", "Googlebot/2.1", "curl/8.5.0", "")


def link_of(heed: Heed, person: dict[str, str], channel: str = "email", **values: Any) -> str:
    """The token of a message that went to somebody: with the same seal as the claim makes."""
    sender = heed.sender(channel=channel)
    sent = heed.act(
        "send_with_suppression", sender=sender["id"], **person, **_content(channel), **{"async": True} | values
    )
    heed.work()
    row = heed.get(f"/v1/sends?{'email' if channel == 'email' else 'number'}={_quoted(next(iter(person.values())))}")
    assert row["items"], sent
    return token_of(heed)


def test_l09_an_opt_out_of_somebody_whose_address_nobody_knows_any_more_moves_with_the_account(heed: Heed) -> None:
    link = link_of(heed, {"number": NUMBER}, "sms")
    sends, addresses = metadata.tables["sends"], metadata.tables["addresses"]
    with heed.house.database.write() as db:  # as tidying leaves it after years
        db.execute(sends.delete())
        assert db.execute(select(addresses)).all() == []
    assert heed.app.test_client().post(f"/u/{link}", data=ONE_CLICK).status_code == 200
    assert not heed.act("check_consent", number=NUMBER, channel="sms")["allowed"]

    (account,) = heed.get("/v1/accounts")["items"]
    assert heed.call("PATCH", f"/v1/accounts/{account['id']}", {"own_lists": True}).status_code == 200

    assert not heed.act("check_consent", number=NUMBER, channel="sms")["allowed"]


def _content(channel: str) -> dict[str, str]:
    return {"subject": "News", "text": "Hello"} if channel == "email" else {"text": "Hello"}


def _quoted(text: str) -> str:
    return text.replace("+", "%2B")


def token_of(heed: Heed) -> str:
    """The link of the newest message."""
    sends, campaigns = metadata.tables["sends"], metadata.tables["campaigns"]
    with heed.house.database.read() as db:
        row = db.execute(select(sends).order_by(sends.c.id.desc()).limit(1)).one()
        of = db.execute(select(campaigns).where(campaigns.c.id == row.campaign)).one()
    directory = heed.house.services.directories.current(row.org)
    link = Link(row.org, of.account, directory.senders[of.sender].channel, row.key, row.bucket, tuple(of.lists), row.id)
    return heed.house.public.links.token(link, OUT)


def everything_in(heed: Heed) -> dict[str, list[Any]]:
    """Every row of every table."""
    with heed.house.database.read() as db:
        return {
            table.name: sorted(map(repr, db.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in BESIDE
        }


def words_of(heed: Heed, **person: str) -> list[tuple[str, str, str, str]]:
    """(state, list, channel, source) of what somebody said, newest first."""
    events = heed.act("get_consent_history", **person)["events"]
    return [(one["state"], one["list"]["key"], one["channel"], one["source"]) for one in events]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_d05_one_click_unsubscribes_at_once_in_both_encodings(heed: Heed, content_type: str) -> None:
    token = link_of(heed, {"email": ADA})

    answer = heed.app.test_client(use_cookies=False).post(
        f"/u/{token}", data={"List-Unsubscribe": "One-Click"}, content_type=content_type
    )

    assert answer.status_code == 200
    assert len(answer.data) < 200
    assert "Set-Cookie" not in answer.headers
    assert words_of(heed, email=ADA) == [("out", "default", "email", "one_click")]
    refused = heed.act("check_consent", email=ADA, channel="email")
    assert [one["code"] for one in refused["reasons"]] == ["opted_out"]


def test_d05_a_one_click_post_needs_nothing_but_its_26_bytes(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})

    answer = heed.app.test_client(use_cookies=False).post(
        f"/u/{token}", data=ONE_CLICK, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert heed.act("check_consent", email=ADA, channel="email")["allowed"] is False


def test_d05_one_click_again_and_again_is_a_200(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})

    answers = [heed.app.test_client().post(f"/u/{token}", data=ONE_CLICK).status_code for _ in range(30)]

    assert set(answers) == {200}


def test_d05_one_click_says_so_where_a_message_is_still_on_its_way(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})
    in_hand(heed, ADA)

    answer = heed.app.test_client().post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})
    page = heed.app.test_client().post(f"/u/{token}", data={"scope": "lists"})

    assert (answer.status_code, page.status_code) == (200, 200)
    assert "on its way" in answer.text
    assert "on its way" in page.text


def in_hand(heed: Heed, email: str) -> None:
    """A message that a worker has claimed and not yet handed over."""
    heed.settings = replace(heed.settings)
    heed.house.settling._limit_s = 0.05
    sender = heed.sender(channel="email")
    heed.act("send_with_suppression", sender=sender["id"], email=email, **_content("email"), **{"async": True})
    assert heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())


def test_f03_looking_at_a_link_changes_nothing_whoever_looks(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})
    preferences = heed.house.public.links.preferences_path(heed.house.public.out.by_token(token))
    before = everything_in(heed)
    client = heed.app.test_client()

    for turn in range(112):
        agent = {"User-Agent": SCANNERS[turn % len(SCANNERS)]}
        for method in ("GET", "HEAD", "OPTIONS"):
            for path in (f"/u/{token}", f"/u/{token}?List-Unsubscribe=One-Click", preferences):
                assert client.open(path, method=method, headers=agent).status_code == 200

    assert everything_in(heed) == before


def test_f03_the_page_asks_and_its_button_opts_out(heed: Heed) -> None:
    heed.post("/v1/lists", {"key": "news", "name": "News & <b>more</b>", "keywords": ["STOP NEWS"]})
    token = link_of(heed, {"email": ADA}, lists=["news"])

    page = heed.app.test_client().get(f"/u/{token}")
    done = press(heed, f"/u/{token}", page, "lists")

    assert page.status_code == done.status_code == 200
    assert "a•••@example.com" in page.text
    assert ADA not in page.text
    assert "News &amp; &lt;b&gt;more" in page.text
    assert words_of(heed, email=ADA) == [("out", "news", "email", "link")]
    assert heed.act("check_consent", email=ADA, channel="email")["allowed"] is True
    assert heed.act("check_consent", email=ADA, channel="email", lists=["news"])["allowed"] is False


def press(heed: Heed, path: str, page: TestResponse, scope: str) -> TestResponse:
    assert f'name="scope" value="{scope}"' in page.text
    return heed.app.test_client().post(path, data={"scope": scope})


def test_f03_everything_stops_on_every_channel(heed: Heed) -> None:
    token = link_of(heed, {"number": NUMBER}, "sms", lists=["default"])

    press(heed, f"/u/{token}", heed.app.test_client().get(f"/u/{token}"), "everything")

    assert words_of(heed, number=NUMBER) == [("out", "default", "all", "link")]


def test_f03_the_pages_keep_to_themselves(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})

    for answer in (
        heed.app.test_client().get(f"/u/{token}"),
        heed.app.test_client().post(f"/u/{token}", data=ONE_CLICK),
        heed.app.test_client().get("/u/nothing"),
    ):
        headers = answer.headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert "Set-Cookie" not in headers


def test_f03_a_link_that_was_not_made_here_opens_nothing(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})
    link = heed.house.public.out.by_token(token)
    wrong = [
        "", "x", "é", token[:-1], token[1:], token[:20] + ("A" if token[20] != "A" else "B") + token[21:], token * 20,
        heed.house.public.links.token(link, PREFERENCES),
    ]  # fmt: skip

    before = everything_in(heed)
    answers = [heed.app.test_client().post(f"/u/{one}", data=ONE_CLICK).status_code for one in wrong]

    assert set(answers) == {404}
    assert everything_in(heed) == before


def test_f03_a_deleted_list_leaves_its_people_to_the_default_list(heed: Heed) -> None:
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["STOP NEWS"]})
    token = link_of(heed, {"email": ADA}, lists=["news"])
    link = heed.house.public.out.by_token(token)
    gone = heed.house.public.links.token(replace(link, lists=(9_999,)), OUT)

    heed.app.test_client().post(f"/u/{gone}", data=ONE_CLICK)

    assert words_of(heed, email=ADA) == [("out", "default", "email", "link")]


def test_s07_an_erased_person_can_still_opt_out_and_stays_unknown(heed: Heed) -> None:
    token = link_of(heed, {"email": ADA})
    heed.post("/v1/profiles/erase", {"email": ADA})

    page = heed.app.test_client().get(f"/u/{token}")
    answer = heed.app.test_client().post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})

    assert (page.status_code, answer.status_code) == (200, 200)
    assert "ada" not in page.text.lower()
    assert not any(ADA in row for rows in everything_in(heed).values() for row in rows)


def test_d05_marketing_by_email_carries_its_link_and_nothing_else_does(heed: Heed) -> None:
    heed.house.public.links.base = "https://heed.example"
    sender = heed.sender(channel="email")
    urls = []
    for purpose in ("marketing", "transactional"):
        heed.act(
            "send_with_suppression", sender=sender["id"], email=ADA, subject="News", text="Hello", purpose=purpose,
            **{"async": True},
        )  # fmt: skip
        (work,) = heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())
        urls.append(work.message.unsubscribe_url)

    assert urls[1] is None
    assert re.fullmatch(r"https://heed\.example/u/[A-Za-z0-9_-]{40,80}", urls[0])
    path = urls[0].removeprefix("https://heed.example")
    assert heed.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert words_of(heed, email=ADA)[0] == ("out", "default", "email", "one_click")


def sent_text(heed: Heed, to: str, text: str, **sender: Any) -> str:
    """What the message says that a worker takes in hand."""
    made = heed.sender(**sender)
    heed.act("send_with_suppression", sender=made["id"], number=to, text=text, **{"async": True})
    (work,) = heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())
    return work.message.text


@pytest.mark.parametrize(
    ("to", "number", "said"),
    [
        ("+14155550123", "+15005550006", "Sale! Reply STOP to opt out"),
        ("+33612345678", "36180", "Sale! STOP au 36180"),
        ("+4915112345678", "+4915112345670", "Sale! Zum Abmelden STOP antworten"),
        ("+447911123456", "+447700900000", "Sale! Reply STOP to opt out"),
    ],
)
def test_d04_the_tag_says_how_it_is_done_in_the_country(heed: Heed, to: str, number: str, said: str) -> None:
    assert sent_text(heed, to, "Sale! {{ opt_out }}", number=number) == said


@pytest.mark.parametrize(
    ("to", "number"), [("+14155550123", "ACME"), ("+905321234567", "+905321234560"), ("+821012345678", "1544")]
)
def test_d04_where_nobody_can_answer_a_short_link_opts_out(heed: Heed, to: str, number: str) -> None:
    text = sent_text(heed, to, "Sale! {{ opt_out }}", number=number)

    found = re.fullmatch(r"Sale! Opt out: http://heed\.test(/o/[0-9A-Za-z]{13})", text)
    assert found, text
    page = heed.app.test_client().get(found[1])
    assert page.status_code == 200
    assert words_of(heed, number=to) == []
    assert heed.app.test_client().post(found[1], data={"scope": "lists"}).status_code == 200
    assert words_of(heed, number=to) == [("out", "default", "sms", "link")]


def test_d04_a_message_that_is_offered_twice_keeps_its_code(heed: Heed) -> None:
    link = Link(1, 1, heed.house.public.out.by_token(link_of(heed, {"number": NUMBER}, "sms")).channel, b"k" * 16, 3)
    codes = {heed.house.public.links.code(link) for _ in range(3)}

    assert len(codes) == 1
    assert heed.house.public.links.code(replace(link, send=2)) not in codes


def test_d04_a_code_that_was_never_given_out_is_nothing(heed: Heed) -> None:
    assert heed.app.test_client().get("/o/0123456789abc").status_code == 404
    assert heed.app.test_client().post("/o/0123456789abc").status_code == 404
    for way, end in product(
        ("u", "o", "p", "f", "confirm"), ("%00", "%ff%fe", "a%00b", "%20", "..", "'--", "x" * 2000)
    ):
        for method in ("GET", "POST"):
            assert heed.app.test_client().open(f"/{way}/{end}", method=method).status_code in (404, 308)


def test_d04_short_links_are_made_for_the_whole_batch_at_once(heed: Heed) -> None:
    def claimed(count: int) -> int:
        sender = heed.sender(number="ACME")
        people = [{"number": f"+1415{5_560_000 + place}"} for place in range(count)]
        heed.act(
            "send_with_suppression", sender=sender["id"], recipients=people, text="Sale! {{ opt_out }}",
            **{"async": True},
        )  # fmt: skip
        token = heed.house.incarnations.token()
        heed.house.guard.is_home(token)
        with patch("connector.engine.claim.random.choice", min), counted(heed) as seen:
            works = heed.house.sender._claims.claim(range(256), token, limit=count)
        assert len({work.message.text for work in works or []}) == count
        return len(seen)

    assert claimed(1) == claimed(300)


def test_d05_an_html_part_holds_a_link_that_can_be_pressed(heed: Heed) -> None:
    sender = heed.sender(channel="email")
    heed.act(
        "send_with_suppression", sender=sender["id"], email=ADA, subject="News", text="Hi. {{ opt_out }}",
        html='<p>Hi. {{ opt_out }} <a href="{{ opt_out_link }}">out</a></p>', **{"async": True},
    )  # fmt: skip
    (work,) = heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())

    url = re.fullmatch(r"Hi\. Unsubscribe: (http://heed\.test/u/[\w-]+)", work.message.text)[1]
    assert work.message.html == f'<p>Hi. <a href="{url}">Unsubscribe</a> <a href="{url}">out</a></p>'


def test_d05_what_the_mail_server_is_given_opts_out_by_its_own_headers(heed: Heed) -> None:
    heed.house.public.links.base = "https://heed.example"
    with mail_server() as (keeper, port):
        settings = {"host": "127.0.0.1", "port": port, "security": "none"}
        sender = heed.sender(channel="email", provider="smtp", settings=settings)
        heed.act(
            "send_with_suppression", sender=sender["id"], email=ADA, subject="News", text="Hi", **{"async": True}
        )  # fmt: skip
        heed.work()
        (envelope,) = keeper.envelopes

    mail = message_from_bytes(envelope.content)
    path = re.fullmatch(r"<https://heed\.example(/u/[\w-]+)>", mail["List-Unsubscribe"])[1]
    name, _, value = mail["List-Unsubscribe-Post"].partition("=")
    answer = heed.app.test_client(use_cookies=False).post(path, data={name: value}, content_type="multipart/form-data")

    assert answer.status_code == 200
    assert words_of(heed, email=ADA) == [("out", "default", "email", "one_click")]
