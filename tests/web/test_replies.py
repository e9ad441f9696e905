"""A11: smart replies run actions through the very path of a builder's call, once for each message."""

from typing import Any

import pytest

from connector.demo.launch import Running
from connector.domain.ids import row_number
from connector.store import tables
from tests.actions.people import ADA, numbers, says
from tests.heed import Heed
from tests.oracles import key_with, pointers, problem, row_counts

NOTE = {"action": "add_to_opt_out", "mapping": {"number": "{{ message.from }}", "reason": "said {{ message.text }}"}}


def a_reply(heed: Heed, *keywords: str, **values: Any) -> dict[str, Any]:
    return heed.post("/v1/replies", {"keywords": keywords or ["LEAVE ME"], **values})


def test_a11_a_reply_answers_within_the_conversation_and_runs_its_actions_once(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1, first=400)
    sender = heed.sender(provider.url)
    a_reply(heed, reply="As you wish.", actions=[NOTE])

    first = says(heed, sender, "leave me!", person, id="m-1")
    again = says(heed, sender, "leave me!", person, id="m-1")
    heed.work()

    assert (first["outcome"], again["outcome"]) == ("replied", "duplicate")
    # Who opted out still gets an answer to what they asked, once.
    assert [one.text for one in provider.handoffs() if one.to == person] == ["As you wish."]
    (event,) = heed.act("get_consent_history", number=person)["events"]
    assert (event["source"], event["reason"]) == ("reply", "said leave me!")


def test_a11_the_mapping_sees_the_message_and_the_contact(heed: Heed) -> None:
    evidence = {"message": "{{ message }}", "contact": "{{ contact }}"}
    mapping = {"number": "{{ contact.number }}", "evidence": evidence}
    a_reply(heed, actions=[{"action": "record_opt_in", "mapping": mapping}])
    sender = heed.sender()

    says(heed, sender, "Leave me", "415 555 0123", id="m-1", timestamp=1_790_000_000)

    (event,) = heed.act("get_consent_history", number=ADA)["events"]
    message, contact = event["evidence"]["message"], event["evidence"]["contact"]
    assert message == {
        "id": "m-1", "from": "415 555 0123", "to": "+15005550006", "text": "Leave me", "channel": "sms",
        "received_at": message["received_at"],
    }  # fmt: skip
    assert contact == {"number": ADA, "email": None, "attributes": {}}


def test_a11_keywords_come_before_smart_replies_and_only_the_first_reply_answers(heed: Heed) -> None:
    for priority, (match, reason) in enumerate([("contains", "third"), ("begins_with", "second"), ("exact", "first")]):
        action = {"action": "record_opt_in", "mapping": {"number": "{{ contact.number }}", "reason": reason}}
        a_reply(heed, "STOP", "HOURS", match=match, actions=[action], priority=10 - priority)
    sender = heed.sender()

    def reason_after(text: str) -> str:
        says(heed, sender, text)
        return heed.act("get_consent_history", number=ADA, limit=1)["events"][0]["reason"]

    assert reason_after("STOP") == "STOP"  # the opt-out keyword, not a reply
    assert [reason_after(text) for text in ("hours", "hours today?", "your hours")] == ["first", "second", "third"]


def test_a11_a_reply_is_for_its_channel_and_its_sender(heed: Heed) -> None:
    shop, other = heed.sender(), heed.sender()
    a_reply(heed, "HOURS", sender=shop["id"], actions=[NOTE])
    a_reply(heed, "MENU", channel="whatsapp", actions=[NOTE])

    assert says(heed, shop, "hours")["outcome"] == "replied"
    assert says(heed, other, "hours", id="m-2")["outcome"] == "none"
    assert says(heed, shop, "menu")["outcome"] == "none"
    assert says(heed, shop, "menu", id="m-3", channel="whatsapp")["outcome"] == "replied"


@pytest.mark.parametrize("text", ["Hi {{ first_name }}", "x"])
def test_a11_a_reply_that_fails_is_noted_and_the_provider_is_not_asked_to_try_for_ever(heed: Heed, text: str) -> None:
    # The data lacks what the action needs; the text lacks an attribute.
    broken = {"action": "add_to_opt_out", "mapping": {"number": "{{ contact.email }}"}}
    a_reply(heed, reply=text, actions=[] if "{{" in text else [broken])

    assert says(heed, heed.sender(), "leave me")["outcome"] == "reply_failed"
    assert says(heed, heed.sender(), "leave me", id="m-2")["outcome"] == "reply_failed"


def test_made_read_changed_listed_and_deleted(heed: Heed) -> None:
    made = heed.call("POST", "/v1/replies", {"keywords": ["HOURS"], "reply": "9 to 5", "actions": [NOTE]})
    path = made.headers["Location"]

    assert made.status_code == 201
    assert heed.get(path) == made.json
    changed = heed.call("PATCH", path, {"priority": 5, "match": "contains"}).json
    assert changed == {**made.json, "priority": 5, "match": "contains"}
    assert heed.call("PATCH", path, {"reply": None}).json["reply"] is None
    assert heed.get("/v1/replies")["items"] == [heed.get(path)]
    assert heed.call("DELETE", path).json == {"deleted": True}
    problem(heed.call("GET", path), 404)


# what no reply can be, and where it is said
WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"keywords": []}, {"/keywords"}),
    ({"match": "regex", "channel": "fax", "priority": -1}, {"/match", "/channel", "/priority"}),
    ({"actions": [{"action": "add_to_opt_out"}]}, {"/actions/0/mapping"}),
    ({"actions": [NOTE, {"action": "fly", "mapping": {}}]}, {"/actions/1/action"}),
    ({"actions": [{**NOTE, "mapping": {"phone": "{{ message. }}"}}]}, {"/actions/0/mapping/phone"}),
    ({"sender": "sdr_000000000000", "actions": [{"action": "fly", "mapping": {}}]}, {"/sender", "/actions/0/action"}),
    ({"priority": True}, {"/priority"}),
    ({"reply": "Hi {{ first_name"}, {"/reply"}),
    ({"keywords": ["HOURS", "👍", "?"]}, {"/keywords/1", "/keywords/2"}),
]  # fmt: skip


@pytest.mark.parametrize(("values", "faults"), WRONG)
def test_every_fault_of_a_reply_is_named_when_it_is_saved(heed: Heed, values: dict[str, Any], faults: set[str]) -> None:
    path = "/v1/replies/" + a_reply(heed)["id"]
    rows = row_counts(heed)

    assert set(pointers(heed.call("POST", "/v1/replies", {"keywords": ["HOURS"], **values}))) == faults
    assert set(pointers(heed.call("PATCH", path, values))) == faults
    assert row_counts(heed) == rows


@pytest.mark.parametrize("match", ["exact", "begins_with", "contains"])
def test_a11_a_keyword_without_a_word_from_before_matches_nothing(heed: Heed, match: str) -> None:
    number = row_number("reply", a_reply(heed, "HOURS", match=match, actions=[NOTE])["id"])
    with heed.house.database.write() as connection:
        mine = tables.replies.update().where(tables.replies.c.id == number)
        connection.execute(mine.values(keywords=["👍", "hours"]))
    sender = heed.sender()

    said = ["👎", "…", "👍", "hours"]
    assert [says(heed, sender, text, id=text)["outcome"] for text in said] == ["none", "none", "none", "replied"]


def test_a11_a_keyword_without_a_word_is_told_by_its_code(heed: Heed) -> None:
    assert heed.faults("/v1/replies", {"keywords": ["👍"]}) == {"/keywords/0": "empty_keyword"}


def test_a11_nobody_has_a_reply_do_what_they_may_not_do_themselves(heed: Heed) -> None:
    sender = heed.sender()["id"]
    sends = {"action": "send_with_suppression", "mapping": {"sender": sender, "number": ADA, "text": "Hi"}}
    lesser, body = key_with(heed, "read", "write"), {"keywords": ["HOURS"], "reply": "9 to 5"}

    problem(heed.call("POST", "/v1/replies", {**body, "actions": [NOTE, sends]}, key=lesser), 403)
    assert heed.get("/v1/replies")["items"] == []
    path = heed.call("POST", "/v1/replies", {**body, "actions": [NOTE]}, key=lesser).headers["Location"]
    problem(heed.call("PATCH", path, {"actions": [sends]}, key=lesser), 403)
    assert heed.get(path)["actions"] == [NOTE]

    assert heed.call("PATCH", path, {"actions": [sends]}).json["actions"] == [sends]
    for wider in ({"match": "contains"}, {"keywords": ["a"]}, {"channel": "sms"}, {"sender": None, "reply": "Hi"}):
        problem(heed.call("PATCH", path, wider, key=lesser), 403)
    kept = heed.call("PATCH", path, {"priority": 7}, key=lesser)  # what it sets off stays, whoever changes the rest
    assert (kept.status_code, kept.json["priority"], kept.json["actions"]) == (200, 7, [sends])
