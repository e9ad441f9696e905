"""What is said back: confirmations of lists and accounts, answers after an opt-out, and robots that fall silent."""

import threading
from typing import Any

import pytest

from connector.demo.launch import Running
from connector.domain.errors import Unavailable
from connector.domain.instants import DAY, HOUR, MINUTE
from connector.store import journal
from tests.actions.people import says
from tests.engine.scenes import beside, numbers, writes
from tests.heed import Heed
from tests.web.test_public_forms import confirm_path, filled, made

OUT, BACK = {"text": "You are off {{ list }}."}, {"text": "Welcome back."}
MESSAGES = {"first_opt_out": OUT, "first_opt_in": BACK, "already_opt_out": {"text": "You were off."}}
#: What phones and mailboxes answer by themselves, in several languages.
AUTOMATIC = [
    "I'm driving right now - I'll get back to you later.",
    "Auto-reply: I am out of the office until Monday.",
    "Automatic reply: this number is not monitored. Reply STOP to unsubscribe.",
    "Estoy conduciendo, te llamo luego.",
    "Je suis au volant, je te rappelle.",
    "Automatische Antwort: Ich bin nicht im Büro.",
    "自動返信：ただいま不在です。",
    "Your message could not be delivered.",
]  # fmt: skip


def texts(provider: Running, person: str) -> list[str | None]:
    return [one.text for one in provider.handoffs() if one.to == person]


def hears(heed: Heed, sender: Any, text: str, person: str, **values: Any) -> str:
    said: str = says(heed, sender, text, person, **values)["outcome"]
    heed.work()
    return said


def account_of(heed: Heed) -> str:
    return str(heed.get("/v1/me")["account"]["id"])


def test_r03_confirmations_are_set_for_an_account_and_a_lists_own_come_first(heed: Heed, provider: Running) -> None:
    one, two, three = numbers(3)
    sender = heed.sender(provider.url)
    account = f"/v1/accounts/{account_of(heed)}"
    changed = heed.call("PATCH", account, {"messages": MESSAGES}).json
    assert (changed["messages"], changed["send_response"]) == (MESSAGES, False)

    assert hears(heed, sender, "STOP", one) == "opted_out"
    assert texts(provider, one) == [], "not before it is switched on"
    heed.call("PATCH", account, {"send_response": True, "messages": {"already_opt_out": None}})
    assert "already_opt_out" not in heed.get(account)["messages"]
    assert hears(heed, sender, "STOP", two) == "opted_out"
    assert texts(provider, two) == ["You are off Default."]
    heed.call("PATCH", "/v1/lists/default", {"messages": {"first_opt_out": {"text": "Mine."}}, "send_response": True})
    assert hears(heed, sender, "STOP", three) == "opted_out"
    assert hears(heed, sender, "START", three) == "opted_in"
    assert texts(provider, three) == ["Mine.", "Welcome back."]
    assert heed.faults("/v1/accounts", {"name": "x", "messages": {"hello": OUT}}) == {
        "/messages/hello": "unknown_field"
    }


def test_r03_each_change_is_confirmed_once_however_quickly_it_follows(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})

    for place, text in enumerate(("STOP", "stop", "Stop.", "START", "STOP")):
        hears(heed, sender, text, person, id=f"m-{place}")

    out, back = "You are off Default.", "Welcome back."
    assert texts(provider, person) == [out, "You were off.", back, out]


def test_r03_a_message_that_is_delivered_again_after_a_crash_is_answered_once(
    heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})

    with monkeypatch.context() as crash:  # the word is written and its answer queued, and nobody notes that it is
        crash.setattr(journal, "dealt_with", unreachable)
        assert writes(heed, sender, person, "STOP", id="m-1").status_code == 503
    heed.work()
    assert hears(heed, sender, "STOP", person, id="m-1") == "opted_out"

    assert texts(provider, person) == ["You are off Default."]
    assert [one["state"] for one in heed.get(f"/v1/history?number=%2B{person[1:]}")["items"]] == ["out"]


def unreachable(*_: Any) -> None:
    raise Unavailable


def test_r03_two_robots_that_answer_each_other_fall_silent(heed: Heed, provider: Running) -> None:
    """The other side is a program that sends back whatever it gets, and says STOP or START besides."""
    (robot,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})
    heed.post("/v1/replies", {"keywords": ["you"], "match": "contains", "reply": "And what do you mean by that?"})

    hears(heed, sender, "hello you", robot, id="first")
    answered = 0
    for turn in range(50):
        news = texts(provider, robot)[answered:]
        answered += len(news)
        for place, text in enumerate(news):
            hears(heed, sender, ("STOP", "START", text or "")[turn % 3], robot, id=f"r-{turn}-{place}")

    assert 1 <= answered <= 5
    assert texts(provider, robot)[answered:] == [], "nobody has anything left to answer"


@pytest.mark.parametrize("hold", [False, True])
def test_r01_an_automatic_reply_is_no_word(heed: Heed, provider: Running, hold: bool) -> None:
    people = numbers(len(AUTOMATIC))
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})
    heed.call("PATCH", f"/v1/accounts/{account_of(heed)}", {"hold_unclear": hold})

    heard = {hears(heed, sender, text, person) for text, person in zip(AUTOMATIC, people, strict=True)}

    assert heard == {"none"}
    assert [text for person in people for text in texts(provider, person)] == []
    assert all(heed.act("check_consent", number=person, channel="sms")["allowed"] for person in people)


def test_r06_who_opted_out_may_write_and_is_answered(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.post("/v1/replies", {"keywords": ["hours"], "match": "contains", "reply": "9 to 5."})
    hears(heed, sender, "STOP", person)

    assert hears(heed, sender, "What are your hours?", person) == "replied"
    assert texts(provider, person) == ["9 to 5."]
    answer = {"sender": sender["id"], "number": person, "text": "Anything else?", "purpose": "service"}
    with heed.working():
        assert heed.act("send_with_suppression", **answer)["sent"] == 1
        assert heed.act("send_with_suppression", **{**answer, "purpose": "marketing"})["suppressed"] == 1
        heed.clock.pass_by(DAY + HOUR)
        assert heed.act("send_with_suppression", **answer)["suppressed"] == 1, "the conversation is over"
    assert heed.act("check_consent", number=person, channel="sms")["allowed"] is False
    assert texts(provider, person) == ["9 to 5.", "Anything else?"]


def test_d07_a_confirmation_passes_the_list_it_confirms_and_nothing_else_does(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})

    assert hears(heed, sender, "STOP", person) == "opted_out"
    assert hears(heed, sender, "STOP", person) == "duplicate"

    assert texts(provider, person) == ["You are off Default."]
    call = {"sender": sender["id"], "number": person, "text": "hi"}
    assert heed.faults("/v1/actions/send_with_suppression", {**call, "purpose": "confirmation"}) == {
        "/purpose": "not_allowed"
    }
    with heed.working():
        assert heed.act("send_with_suppression", **call)["suppressed"] == 1
    assert texts(provider, person) == ["You are off Default."]


def test_d07_who_is_blocked_gets_not_even_a_confirmation(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})
    heed.call("PUT", "/v1/profiles/block", {"number": person, "blocked": True})

    assert hears(heed, sender, "STOP", person) == "opted_out"

    assert texts(provider, person) == []


def test_r05_a_message_delivered_by_four_at_once_runs_its_actions_once(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["NO NEWS"]})
    actions = [
        {"action": "add_to_opt_out", "mapping": {"number": "{{ contact.number }}", "lists": ["news"]}},
        {"action": "record_opt_in", "mapping": {"number": "{{ contact.number }}", "reason": "{{ message.id }}"}},
    ]
    heed.post("/v1/replies", {"keywords": ["swap"], "reply": "Done.", "actions": actions})
    together, statuses = threading.Barrier(4), list[int]()

    def deliver() -> None:
        together.wait(10)
        statuses.append(writes(heed, sender, person, "swap", id="m-1").status_code)

    with beside(*[deliver] * 4):
        pass
    assert 200 in statuses
    assert set(statuses) <= {200, 503}, "who comes while it is dealt with is asked to come again"
    assert says(heed, sender, "swap", person, id="m-1")["outcome"] == "duplicate"
    heed.work()

    events = heed.act("get_consent_history", number=person)["events"]
    assert sorted((one["state"], one["list"]["key"]) for one in events) == [("in", "default"), ("out", "news")]
    assert next(one for one in events if one["state"] == "in")["reason"] == "m-1"
    assert texts(provider, person) == ["Done."]
    assert hears(heed, sender, "swap", person, id="m-2") == "replied"
    assert texts(provider, person) == ["Done.", "Done."]


def test_r10_what_waits_for_review_holds_messages_back_until_it_is_decided(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    sender = heed.sender(provider.url)
    heed.call("PATCH", f"/v1/accounts/{account_of(heed)}", {"hold_unclear": True})
    assert hears(heed, sender, "lasst mich in Ruhe", one) == "to_review"
    assert hears(heed, sender, "no me escriban más", two) == "to_review"
    call = {"sender": sender["id"], "recipients": [{"number": one}, {"number": two}], "text": "hi"}

    with heed.working():
        held = heed.act("send_with_suppression", **call)
        assert held["sent"] == 0
        newest, oldest = heed.get("/v1/reviews")["items"]
        heed.post(f"/v1/reviews/{oldest['id']}", {"decision": "dismiss"})
        heed.post(f"/v1/reviews/{newest['id']}", {"decision": "opt_out"})
        decided = heed.act("send_with_suppression", **call)

    assert {row["recipient"]["number"]: row["status"] for row in decided["results"]} == {one: "sent", two: "suppressed"}
    assert texts(provider, one) == ["hi"]
    assert texts(provider, two) == []


def test_r01_a_bare_yes_may_answer_another_question(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"opt_in_keywords": ["START", "YES"]})
    for person in (one, two):
        assert hears(heed, sender, "STOP", person) == "opted_out"
    heed.clock.pass_by(MINUTE)
    asks = {"sender": sender["id"], "number": one, "text": "Shall we deliver on Friday?", "purpose": "transactional"}
    with heed.working():
        assert heed.act("send_with_suppression", **asks)["sent"] == 1

    assert hears(heed, sender, "Yes", one) == "none", "it is Friday that was meant"
    assert hears(heed, sender, "Yes", two) == "opted_in"
    assert hears(heed, sender, "START", one) == "opted_in"


def test_r01_s08_a_bare_yes_confirms_the_opt_in_that_waits_for_it(heed: Heed) -> None:
    person = "+14155550123"
    sender = heed.sender()
    heed.call("PATCH", "/v1/lists/default", {"opt_in_keywords": ["START", "YES"]})
    filled(heed, made(heed, double_opt_in=True, sender=sender["id"]), person)
    confirm_path(heed)

    assert says(heed, sender, "YES", "+14155550199")["outcome"] == "none"
    assert says(heed, sender, "YES", person)["outcome"] == "opted_in"
    asked = {"number": person, "channel": "sms", "require_opt_in": "explicit"}
    assert heed.act("check_consent", **asked)["allowed"] is True


def test_r03_a_confirmation_that_could_not_go_out_within_five_minutes_does_not(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": MESSAGES, "send_response": True})

    assert writes(heed, sender, person, "STOP").json["messages"][0]["outcome"] == "opted_out"
    heed.clock.pass_by(6 * MINUTE)
    heed.work()

    assert texts(provider, person) == []
    (late,) = heed.get(f"/v1/sends?number=%2B{person[1:]}")["items"]
    assert late["status"] == "cancelled"
