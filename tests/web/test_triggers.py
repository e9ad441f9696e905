"""H04: builders wait for what happens to messages and keywords, subscribe by the catalogue, and unsubscribe."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook

from tests.heed import Heed
from tests.receiver import Receiver, receiving
from tests.web.test_webhooks import subscribe, tell

ADA, BO = "+14155550123", "+14155550124"
EVENTS = [
    "contact.opted_out", "contact.opted_in", "keyword.received", "message.skipped", "message.sent", "message.failed",
]  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def triggers(heed: Heed) -> list[dict[str, Any]]:
    return heed.get("/v1/actions")["triggers"]


def send(heed: Heed, sender: str, **values: Any) -> Any:
    with heed.working():
        return heed.act("send_with_suppression", sender=sender, text="Sale", lists=["default"], **values)


def says(heed: Heed, sender: dict[str, Any], text: str, id: str = "m1") -> None:
    path = sender["inbound_url"].removeprefix("http://heed.test")
    heed.post(path, {"id": id, "from": ADA, "to": "+15005550006", "text": text, "channel": "sms"})


def test_h04_the_catalogue_has_a_trigger_for_each_event_with_a_sample_that_fits_its_schema(heed: Heed) -> None:
    found = triggers(heed)

    assert [one["event"] for one in found] == EVENTS
    for one in found:
        assert one["name"] == one["event"].replace(".", "_")
        Draft202012Validator.check_schema(one["payload_schema"])
        Draft202012Validator(one["payload_schema"]).validate(one["sample"])
        assert one["sample"]["type"] == one["event"]
        assert heed.get(one["samples"]["path"]) == one["sample"]
        assert heed.get(f"/v1/webhooks/samples/{one['name']}")["data"] == one["sample"]


@pytest.mark.parametrize("event", EVENTS)
def test_h04_a_builder_subscribes_and_unsubscribes_as_the_catalogue_says(heed: Heed, event: str) -> None:
    one = next(one for one in triggers(heed) if one["event"] == event)
    body = {**one["subscribe"]["body"], "url": "https://flows.example/hook"}

    made = heed.call(one["subscribe"]["method"], one["subscribe"]["path"], body)
    assert made.status_code == 201
    assert made.headers["Location"].endswith(made.json["id"])
    assert made.json["events"] == [event]
    path = one["unsubscribe"]["path"].replace("{id}", made.json["id"])
    assert heed.call(one["unsubscribe"]["method"], path).json == {"deleted": True}
    assert heed.call("GET", path).status_code == 404


def test_h04_an_event_may_be_named_as_its_trigger(heed: Heed, receiver: Receiver) -> None:
    assert subscribe(heed, receiver, events=["message_sent"])["events"] == ["message.sent"]
    unknown = {"url": receiver.url, "events": ["message.read"]}
    assert set(heed.faults("/v1/webhooks", unknown)) == {"/events/0"}


def test_h04_a_message_that_is_sent_and_one_that_is_skipped_are_told_once_each_and_signed(
    heed: Heed, receiver: Receiver
) -> None:
    made = subscribe(heed, receiver, events=["message.sent", "message.skipped"])
    sender = heed.sender()
    heed.act("add_to_opt_out", number=ADA)

    answer = send(heed, sender["id"], recipients=[{"number": ADA}, {"number": BO}], reference="order 7")
    tell(heed)

    told = {one.json["type"]: Webhook(made["secret"]).verify(one.body, one.headers)["data"] for one in receiver.heard}
    assert len(receiver.heard) == 2
    assert set(told) == {"message.sent", "message.skipped"}
    skipped, sent = told["message.skipped"], told["message.sent"]
    assert (skipped["number"], skipped["error"], skipped["reason"]) == (ADA, "Optout Number", "opted_out")
    assert skipped["reasons"][0]["list"]["key"] == "default"
    assert (sent["number"], sent["status"], sent["error"], sent["reasons"]) == (BO, "sent", None, [])
    assert {skipped["request"], sent["request"]} == {answer["id"]}
    assert {skipped["reference"], sent["reference"]} == {"order 7"}
    for one in triggers(heed)[3:5]:
        Draft202012Validator(one["payload_schema"]).validate(told[one["event"]])


def test_h04_a_message_that_waited_when_its_recipient_opted_out_is_told_as_skipped(
    heed: Heed, receiver: Receiver
) -> None:
    subscribe(heed, receiver, events=["message.skipped"], format="flat")
    sender = heed.sender()["id"]
    values = {"sender": sender, "text": "x", "lists": ["default"], "send_at": "2030-01-01T00:00:00Z"}
    heed.act("send_with_suppression", number=ADA, **values)

    heed.act("add_to_opt_out", number=ADA)
    tell(heed)

    assert [(one.json["number"], one.json["status"]) for one in receiver.heard] == [(ADA, "suppressed")]


def test_h04_a_message_that_a_provider_refuses_is_told_as_failed(heed: Heed, receiver: Receiver) -> None:
    subscribe(heed, receiver, events=["message.failed", "message.sent"], format="flat")
    with receiving() as provider:
        provider.answers = [(400, {})]
        send(heed, heed.sender(provider.url)["id"], number=ADA)
    tell(heed)

    (heard,) = [one.json for one in receiver.heard]
    assert (heard["type"], heard["status"], heard["number"]) == ("message.failed", "failed", ADA)
    assert heard["error"]


def test_h04_a_keyword_is_told_with_what_it_did_and_words_without_meaning_are_not(
    heed: Heed, receiver: Receiver
) -> None:
    subscribe(heed, receiver, events=["keyword.received"], format="flat")
    sender = heed.sender(provider="http_api", settings={"url": "http://127.0.0.1:9/"})
    heed.post("/v1/replies", {"keywords": ["price"], "match": "contains", "actions": [], "reply": "12 dollars"})

    says(heed, sender, "STOP", "m1")
    says(heed, sender, "STOP", "m1")  # a repeated delivery is no news
    says(heed, sender, "Good morning", "m2")
    says(heed, sender, "What is the price?", "m3")
    tell(heed)

    told = sorted((one.json for one in receiver.heard), key=lambda data: data["message_id"])
    assert [(one["text"], one["outcome"], one["keyword"]) for one in told] == [
        ("STOP", "opted_out", "STOP"), ("What is the price?", "replied", None),
    ]  # fmt: skip
    assert told[0]["lists"][0]["key"] == "default"
    assert told[1]["reply"].startswith("rpl_")
    assert {one["number"] for one in told} == {ADA}


def test_h04_nobody_listens_so_nothing_is_kept(heed: Heed) -> None:
    send(heed, heed.sender()["id"], number=ADA)

    with heed.house.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM notices").scalar_one() == 0


def test_h04_another_account_hears_nothing(heed: Heed, receiver: Receiver) -> None:
    other = heed.post("/v1/accounts", {"name": "Other"})["id"]
    key = heed.post("/v1/keys", {"name": "other", "scopes": ["write"], "account": other})["key"]
    heed.call("POST", "/v1/webhooks", {"url": receiver.url, "events": ["message.sent"]}, key=key)

    send(heed, heed.sender()["id"], number=ADA)
    tell(heed)

    assert receiver.heard == []


def test_s07_what_was_written_and_not_told_yet_is_forgotten_with_the_person(heed: Heed, receiver: Receiver) -> None:
    subscribe(heed, receiver, events=["keyword.received", "message.sent"], format="flat")
    sender = heed.sender(provider="http_api", settings={"url": "http://127.0.0.1:9/"})
    says(heed, sender, "STOP")
    send(heed, heed.sender()["id"], number=ADA, purpose="transactional")

    heed.post("/v1/profiles/erase", {"number": ADA})
    tell(heed)

    assert [(one.json["type"], one.json["number"]) for one in receiver.heard] == [("message.sent", None)]
