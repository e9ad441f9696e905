"""What people write, understood: packs, rules, a bare yes, unclear replies, one confirmation (R01-R03, R08, R10)."""

from typing import Any

import pytest

from connector.demo.launch import Running
from tests.actions.people import says
from tests.engine.scenes import numbers
from tests.heed import Heed
from tests.oracles import pointers

MINUTE = 60 * 1_000_000
MESSAGES = {
    "first_opt_out": {"text": "You are off {{ list }}."}, "already_opt_out": {"text": "You were off already."},
    "first_opt_in": {"text": "Welcome to {{ list }}."}, "already_opt_in": {"text": "You are on it."},
}  # fmt: skip


def texts(provider: Running, number: str) -> list[str]:
    return [one.text for one in provider.handoffs() if one.to == number]


def talking(heed: Heed, provider: Running) -> dict[str, Any]:
    """A default list that answers, and the sender it hears."""
    sender = heed.sender(provider.url)
    values = {"messages": MESSAGES, "send_response": True, "opt_in_keywords": ["START", "YES"]}
    assert heed.call("PATCH", "/v1/lists/default", values).status_code == 200
    return sender


def outcome(heed: Heed, sender: Any, text: str, number: str, **values: Any) -> str:
    said: str = says(heed, sender, text, number, **values)["outcome"]
    heed.work()
    return said


def test_r03_l04_a_change_is_confirmed_once_and_who_was_out_already_hears_that(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = talking(heed, provider)
    assert outcome(heed, sender, "STOP", person) == "opted_out"
    assert outcome(heed, sender, "STOP", person) == "duplicate"
    assert outcome(heed, sender, "Stop!", person) == "opted_out"
    assert texts(provider, person) == ["You are off Default.", "You were off already."]
    assert outcome(heed, sender, "stop", person) == "opted_out"
    assert len(texts(provider, person)) == 2, "the same thing is not said twice within five minutes"
    assert outcome(heed, sender, "START", person) == "opted_in"
    assert texts(provider, person)[2:] == ["Welcome to Default."]


def test_r03_l03_a_list_that_does_not_answer_is_silent(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES})
    assert outcome(heed, sender, "STOP", person) == "opted_out"
    assert texts(provider, person) == []


def test_r03_robots_are_not_talked_with(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = talking(heed, provider)
    heed.post("/v1/replies", {"keywords": ["hello"], "match": "contains", "reply": "Hello to you!"})
    for count in range(12):
        outcome(heed, sender, f"hello {count}", person)
    assert 1 <= len(texts(provider, person)) <= 5
    heed.clock.pass_by(6 * MINUTE)
    before = len(texts(provider, person))
    outcome(heed, sender, "hello again", person)
    assert len(texts(provider, person)) == before + 1


def test_r08_a_pack_adds_the_words_of_a_language_and_names_their_source(heed: Heed) -> None:
    packs = {one["name"]: one for one in heed.get("/v1/keyword-packs")["items"]}
    assert packs["lang:fr"]["source"].startswith("https://")
    assert "ARRET" in packs["lang:fr"]["opt_out"]
    one, two = numbers(2)
    sender = heed.sender()
    assert outcome(heed, sender, "arrêt", one) == "none"
    assert heed.call("PATCH", "/v1/lists/default", {"keyword_packs": ["lang:fr"]}).json["keyword_packs"] == ["lang:fr"]
    assert outcome(heed, sender, "Arrêt.", two) == "opted_out"
    refused = heed.call("PATCH", "/v1/lists/default", {"keyword_packs": ["lang:xx"]})
    assert refused.json["errors"][0]["pointer"] == "/keyword_packs/0"
    clash = heed.call("PATCH", "/v1/lists/default", {"keyword_packs": ["country:MX"], "keywords": ["ALTA"]})
    assert clash.status_code == 422


def test_r02_a_rule_understands_the_beginning_of_a_message(heed: Heed, provider: Running) -> None:
    one, two, three = numbers(3)
    sender, other = heed.sender(provider.url), heed.sender(provider.url, number="+15005550009")
    heed.post("/v1/lists", {"name": "News", "keywords": ["STOP NEWS"]})
    rule = {"begins_with": "no thanks", "state": "out", "lists": ["news"], "channel": "sms", "number": sender["number"]}
    made = heed.post("/v1/rules", rule)
    heed.post("/v1/rules", {"begins_with": "sign me up", "state": "in"})
    assert heed.get("/v1/rules")["items"][0] == made

    assert outcome(heed, sender, "No thanks, not for me", one) == "opted_out"
    assert [entry["number"] for entry in heed.get("/v1/lists/news/entries")["items"]] == [one]
    assert outcome(heed, other, "No thanks, not for me", two) == "none", "the rule is another sender's"
    assert outcome(heed, sender, "Sign me up please", three) == "opted_in"
    heed.call("DELETE", f"/v1/rules/{made['id']}")
    assert outcome(heed, sender, "No thanks!", two) == "none"
    assert heed.faults("/v1/rules", {"begins_with": "x", "state": "out", "number": "+1999"}) == {
        "/number": "unknown_sender"
    }


def test_r02_a_rule_is_given_to_another_sender_by_its_number(heed: Heed) -> None:
    one, other = heed.sender(), heed.sender(number="+15005550009")
    made = heed.post("/v1/rules", {"begins_with": "no thanks", "state": "out", "sender": one["id"]})
    path = f"/v1/rules/{made['id']}"

    assert heed.call("PATCH", path, {"number": other["number"]}).json["sender"] == other["id"]
    assert heed.get(path)["sender"] == other["id"]
    assert heed.call("PATCH", path, {"begins_with": "no more"}).json["sender"] == other["id"]
    both = {"sender": one["id"], "number": other["number"]}
    assert pointers(heed.call("PATCH", path, both)) == {"/number": "contradicts"}
    assert pointers(heed.call("PATCH", path, {"number": "+1999"})) == {"/number": "unknown_sender"}
    assert heed.get(path)["sender"] == other["id"]
    assert heed.call("PATCH", path, {"number": None}).json["sender"] is None


def test_r02_keywords_go_before_rules_and_out_before_in(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = talking(heed, provider)
    heed.post("/v1/rules", {"begins_with": "start", "state": "out"})
    heed.post("/v1/rules", {"begins_with": "stop", "state": "in"})
    assert outcome(heed, sender, "STOP", person) == "opted_out"
    assert outcome(heed, sender, "start over", person, id="m2") == "opted_out"
    assert outcome(heed, sender, "START", person) == "opted_out", "an opt-out rule goes before an opt-in keyword"


def test_r01_a_bare_yes_is_an_opt_in_only_of_somebody_who_is_out(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    sender = talking(heed, provider)
    assert outcome(heed, sender, "yes", one) == "none"
    assert outcome(heed, sender, "STOP", two) == "opted_out"
    assert outcome(heed, sender, "YES", two) == "opted_in"


@pytest.mark.parametrize("hold", [False, True])
def test_r10_an_unclear_reply_waits_for_somebody_to_read_it(heed: Heed, provider: Running, hold: bool) -> None:
    one, two = numbers(2)
    sender = heed.sender(provider.url)
    account = heed.get("/v1/me")["account"]["id"]
    assert heed.call("PATCH", f"/v1/accounts/{account}", {"hold_unclear": hold}).json["hold_unclear"] is hold
    assert outcome(heed, sender, "please leave me alone", one) == "to_review"
    assert outcome(heed, sender, "Why do you keep texting me? Stop texting me", two) == "to_review"

    second, first = heed.get("/v1/reviews")["items"]
    assert (first["text"], first["number"], first["held"]) == ("please leave me alone", one, hold)
    for person in (one, two):
        assert heed.act("check_consent", number=person, channel="sms")["allowed"] is not hold
    decided = heed.post(f"/v1/reviews/{first['id']}", {"decision": "opt_out"})
    assert (decided["status"], decided["settled"]) == ("opted_out", True)
    heed.post(f"/v1/reviews/{second['id']}", {"decision": "dismiss"})
    assert not heed.act("check_consent", number=one, channel="sms")["allowed"]
    assert heed.act("check_consent", number=two, channel="sms")["allowed"]
    newest = heed.get(f"/v1/history?number=%2B{one[1:]}")["items"]
    assert newest[-1 if not hold else -2]["evidence"]["text"] == "please leave me alone"
    assert heed.get("/v1/reviews")["items"] == []
    assert heed.call("POST", f"/v1/reviews/{first['id']}", {"decision": "dismiss"}).status_code == 409


def test_r05_a_try_out_shows_what_would_match_and_why_without_effect(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    mapping = {"number": "{{ contact.number }}", "lists": ["default"]}
    heed.post("/v1/replies", {
        "keywords": ["hours"], "match": "contains", "reply": "9 to 5",
        "actions": [{"action": "add_to_opt_out", "mapping": mapping}],
    })  # fmt: skip

    def tried(text: str) -> Any:
        return heed.post("/v1/replies/try", {"sender": sender, "number": person, "text": text})

    stop = tried("Stop, please")
    assert (stop["outcome"], stop["word"]) == ("opt_out", "STOP")
    assert "'STOP'" in stop["why"]
    asked = tried("what are your hours?")
    assert (asked["outcome"], asked["reply"]["text"]) == ("reply", "9 to 5")
    assert asked["actions"][0]["input"]["number"] == person
    assert tried("leave me alone")["outcome"] == "unclear"
    assert tried("good morning")["why"] == "nothing matches"
    assert heed.get(f"/v1/history?number=%2B{person[1:]}")["items"] == []
