"""R01 and R04: a person's word by keyword over the inbound webhook, counted once and in the order it was said."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from connector.domain.instants import rfc3339
from tests.actions.people import ADA, BO, a_list, codes, says
from tests.heed import Heed
from tests.oracles import problem, row_counts

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOUR = 3600 * 1_000_000


def post(heed: Heed, sender: dict[str, Any], message: Any, **headers: str) -> TestResponse:
    path = sender["inbound_url"].removeprefix("http://heed.test")
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return heed.app.test_client().post(path, data=data, content_type="application/json", headers=headers)


def signed(body: bytes, message_id: str = "w-1", at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(SECRET).sign(message_id, at, body.decode())
    return {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def allowed(heed: Heed, number: str = ADA, channel: str = "sms", **more: Any) -> bool:
    return heed.act("check_consent", number=number, channel=channel, **more)["allowed"]


# the text, what it means
TEXTS = [
    ("STOP", "opted_out"),
    (" stop. ", "opted_out"),
    ("Ｓｔｏｐ!", "opted_out"),  # full width
    ("STÖP", "opted_out"),  # accents do not count
    ("Stop please", "opted_out"),
    ("STOP\n-- \nSent from my phone", "opted_out"),
    ("unsubscribe", "opted_out"),
    ("Stop by at 5?", "none"),
    ("don't stop", "none"),
    ("ЅТОР", "opted_out"),  # Cyrillic look-alikes
    ("START", "opted_in"),
    ("start!", "opted_in"),
    ("start please", "none"),  # a yes is narrow
    ("", "none"),
]


def test_r01_a_keyword_is_matched_as_people_write_it(heed: Heed) -> None:
    sender = heed.sender()

    found = [(text, says(heed, sender, text, id=f"m-{n}")["outcome"]) for n, (text, _) in enumerate(TEXTS)]

    assert found == TEXTS


def test_r01_a_keyword_writes_the_channel_it_came_on(heed: Heed) -> None:
    says(heed, heed.sender(channel="whatsapp"), "STOP")

    assert [allowed(heed, channel=one) for one in ("whatsapp", "sms", "voice")] == [False, True, True]


def test_r01_a_list_may_take_its_keyword_for_all_channels(heed: Heed) -> None:
    a_list(heed, keywords=["NO OFFERS"], keyword_scope="all")

    says(heed, heed.sender(), "no-offers")

    assert [allowed(heed, channel=one, lists=["offers"]) for one in ("whatsapp", "sms")] == [False, False]
    assert allowed(heed) is True


def test_r01_each_list_has_its_own_words_and_one_that_names_the_sender_beats_one_that_does_not(heed: Heed) -> None:
    shop, other = heed.sender(), heed.sender()
    a_list(heed, "Shop", keywords=["STOP"], sender=shop["id"])

    says(heed, shop, "STOP", ADA)
    says(heed, other, "STOP", BO)

    assert [allowed(heed, one) for one in (ADA, BO)] == [True, False]
    assert [allowed(heed, one, lists=["shop"]) for one in (ADA, BO)] == [False, False]
    reasons = heed.act("check_consent", number=ADA, channel="sms", lists=["shop"])["reasons"]
    assert [one["list"]["key"] for one in reasons] == ["shop"]


def test_r01_the_history_tells_the_sender_and_the_words(heed: Heed) -> None:
    sender = heed.sender()
    says(heed, sender, "Stop!", id="m-7")

    (event,) = heed.act("get_consent_history", number=ADA)["events"]

    assert (event["source"], event["state"], event["actor"]) == ("keyword", "out", f"sender {sender['id']}")
    assert event["evidence"] == {"message_id": "m-7", "text": "Stop!"}


def test_r04_start_lifts_an_earlier_opt_out_on_the_lists_that_own_the_word(heed: Heed) -> None:
    sender = heed.sender()
    a_list(heed, opt_in_keywords=["YES OFFERS"])
    heed.act("add_to_opt_out", number=ADA, lists=["default", "offers"])

    assert says(heed, sender, "START")["outcome"] == "opted_in"

    assert (allowed(heed), allowed(heed, lists=["offers"])) == (True, False)
    says(heed, sender, "yes offers")
    assert allowed(heed, lists=["offers"], require_opt_in="explicit") is True


def test_r04_a_repeated_delivery_has_one_effect_and_a_replayed_start_re_subscribes_nobody(heed: Heed) -> None:
    sender = heed.sender()
    says(heed, sender, "START", id="m-1")
    says(heed, sender, "STOP", id="m-2")
    rows = row_counts(heed)

    again = [says(heed, sender, "START", id="m-1"), says(heed, sender, "STOP", id="m-2")]

    assert [one["outcome"] for one in again] == ["duplicate", "duplicate"]
    assert allowed(heed) is False
    assert row_counts(heed) == rows


@pytest.mark.parametrize("late", ["START", "STOP"])
def test_r04_what_was_said_last_counts_though_it_arrives_first(heed: Heed, late: str) -> None:
    sender, now = heed.sender(), heed.clock()
    first = {"START": "STOP", "STOP": "START"}[late]

    says(heed, sender, first, id="m-2", timestamp=rfc3339(now - HOUR))
    says(heed, sender, late, id="m-1", timestamp=rfc3339(now - 2 * HOUR))

    assert allowed(heed) is (first == "START")


def test_r04_within_one_second_the_stop_stands(heed: Heed) -> None:
    sender, at = heed.sender(), heed.clock() // 1_000_000 - 60
    says(heed, sender, "STOP", id="m-1", timestamp=at)
    says(heed, sender, "START", id="m-2", timestamp=at)

    assert allowed(heed) is False


def test_r04_a_clock_that_runs_ahead_does_not_outlast_a_later_word(heed: Heed) -> None:
    sender = heed.sender()
    says(heed, sender, "START", id="m-1", timestamp=rfc3339(heed.clock() + 24 * HOUR))
    heed.clock.pass_by(1_000_000)
    says(heed, sender, "STOP", id="m-2")

    assert allowed(heed) is False


def test_r01_an_unsigned_or_wrongly_signed_call_is_401_and_changes_nothing(heed: Heed) -> None:
    sender = heed.sender("https://gateway.example/", settings={"url": "https://gateway.example/", "secret": SECRET})
    body = json.dumps({"id": "m-1", "from": ADA, "text": "STOP"}).encode()
    right = signed(body)
    rows = row_counts(heed)
    forged = [
        {},
        signed(body.replace(b"STOP", b"stop")),
        {**right, "webhook-id": "w-2"},
        {**right, "webhook-timestamp": "1"},
        signed(body, at=datetime(2020, 1, 1, tzinfo=UTC)),  # right once
    ]

    for headers in forged:
        problem(post(heed, sender, body, **headers), 401)
    assert row_counts(heed) == rows
    assert post(heed, sender, body, **right).json["messages"][0]["outcome"] == "opted_out"


def test_r01_who_cannot_be_understood_is_told_and_nothing_changes(heed: Heed) -> None:
    sender = heed.sender()
    rows = row_counts(heed)
    bodies = (b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, {"id": "1", "from": ADA}, {"id": "1", "text": "STOP"},
              {"from": ADA, "text": "STOP"}, {"id": "1", "from": ADA, "text": "x", "channel": "fax"},
              {"id": "1", "from": ADA, "text": "x", "timestamp": "soon"})  # fmt: skip

    for body in bodies:
        problem(post(heed, sender, body), 422)
    problem(post(heed, sender, b" " * 3_000_000), 413)
    problem(heed.app.test_client().post("/in/nobody", data=b"{}"), 404)
    assert row_counts(heed) == rows


def test_r01_somebody_without_an_address_is_noted_and_not_retried_for_ever(heed: Heed) -> None:
    sender = heed.sender()

    assert says(heed, sender, "STOP", "BANK")["outcome"] == "invalid_address"
    assert says(heed, sender, "STOP", "BANK")["outcome"] == "duplicate"


def test_r01_no_stop_is_lost_over_a_character_that_cannot_be_stored(heed: Heed) -> None:
    answer = post(heed, heed.sender(), b'{"id": "m-\\u0000", "from": "+14155550123", "text": "STOP\\n\\ud83d\\u0000"}')

    assert answer.json["messages"][0]["outcome"] == "opted_out"
    assert codes(heed.act("check_consent", number=ADA, channel="sms")) == ["opted_out"]
