"""L08, S01, S02, S03, S04, S10: flags and lists of a person by hand, defaults, and what an opt-out does not stop."""

import time
from typing import Any

import pytest

from connector.demo.launch import Running
from connector.store import sends
from tests.actions.people import ADA, MAIL, a_list, codes, numbers, says, statuses
from tests.engine.scenes import eventually, seen, send_later, slowly
from tests.engine.scenes import numbers as fresh
from tests.heed import Heed
from tests.oracles import pointers, problem, row_counts


def flag(heed: Heed, state: str, channel: str = "sms", **values: Any) -> Any:
    answer = heed.call("PUT", "/v1/profiles/channels", {"number": ADA, "channel": channel, "state": state, **values})
    assert answer.status_code == 200, answer.text
    return answer.json


def lists(heed: Heed, **values: Any) -> Any:
    answer = heed.call("PUT", "/v1/profiles/lists", {"number": ADA, **values})
    assert answer.status_code == 200, answer.text
    return answer.json


def on(profile: Any) -> set[tuple[str, str, str]]:
    return {(one["key"], one["channel"], one["state"]) for one in profile["lists"]}


def test_s01_s04_a_flag_is_turned_by_hand_and_holds_at_once(heed: Heed) -> None:
    out = flag(heed, "out", reason="asked at the desk")
    refused = heed.act("check_consent", number=ADA, channel="sms")
    back = flag(heed, "in")

    assert (out["channels"]["sms"]["state"], out["channels"]["sms"]["source"], out["settled"]) == (
        "out",
        "operator",
        True,
    )
    assert out["channels"]["whatsapp"]["state"] == "none"
    assert codes(refused) == ["opted_out"]
    assert (statuses(back), back["channels"]["sms"]["state"]) == (["added"], "in")
    assert heed.act("check_consent", number=ADA, channel="sms", require_opt_in="explicit")["allowed"] is True
    told = heed.get(f"/v1/history?number={ADA}")["items"]
    assert [(e["state"], e["source"], e["reason"]) for e in told] == [
        ("in", "operator", None), ("out", "operator", "asked at the desk"),
    ]  # fmt: skip


def test_s01_a_flag_that_cannot_be_is_refused(heed: Heed) -> None:
    path = "/v1/profiles/channels"

    assert set(pointers(heed.call("PUT", path, {"number": ADA}))) == {"/channel", "/state"}
    assert set(pointers(heed.call("PUT", path, {"number": ADA, "channel": "fax", "state": "cleared"}))) == {
        "/channel", "/state",
    }  # fmt: skip
    assert pointers(heed.call("PUT", path, {"number": ADA, "channel": "email", "state": "out"})) == {
        "/number": "invalid_address"
    }
    assert pointers(heed.call("PUT", path, {"channel": "email", "state": "out"})) == {"": "invalid_address"}


def test_s10_a_locked_word_is_not_turned_by_an_operator(heed: Heed) -> None:
    sender = heed.sender()
    heed.call("PATCH", "/v1/lists/default", {"protect": "person"})
    flag(heed, "out")

    kept = flag(heed, "in")

    assert (statuses(kept), kept["channels"]["sms"]["state"]) == (["refused"], "out")
    assert statuses(lists(heed, remove=["default"], channel="sms")) == ["refused"]
    says(heed, sender, "START")
    assert heed.get(f"/v1/profiles?number={ADA}")["channels"]["sms"]["state"] == "in"


def test_s10_with_evidence_where_the_list_asks_for_it(heed: Heed) -> None:
    heed.call("PATCH", "/v1/lists/default", {"protect": "evidence"})
    flag(heed, "out")

    assert statuses(flag(heed, "in")) == ["refused"]
    assert statuses(flag(heed, "in", evidence={"form": "shop"})) == ["added"]


def test_l08_all_lists_of_an_address_are_seen_and_changed_in_one_go(heed: Heed) -> None:
    offers = a_list(heed)
    for name in ("News", "Polls"):
        a_list(heed, name)
    lists(heed, add=["default", "polls"], channel="sms")

    changed = lists(
        heed, add=["news", offers["id"], "offers"], remove=["polls", "default"], channel="sms", reason="rang"
    )

    assert [(one["list"]["key"], one["status"]) for one in changed["results"]] == [
        ("news", "added"), ("offers", "added"), ("polls", "removed"), ("default", "removed"),
    ]  # fmt: skip
    assert on(changed) == {
        ("default", "sms", "cleared"), ("offers", "sms", "out"), ("news", "sms", "out"), ("polls", "sms", "cleared"),
    }  # fmt: skip
    assert on(heed.get(f"/v1/profiles?number={ADA}")) == on(changed)


def test_l08_it_is_all_or_nothing(heed: Heed) -> None:
    a_list(heed)
    rows = row_counts(heed)
    path = "/v1/profiles/lists"

    assert pointers(heed.call("PUT", path, {"number": ADA, "add": ["offers", "x"], "remove": ["y"]})) == {
        "/add/1": "unknown_list", "/remove/0": "unknown_list",
    }  # fmt: skip
    both = {"number": ADA, "add": ["offers"], "remove": [heed.get("/v1/lists/offers")["id"]]}
    assert pointers(heed.call("PUT", path, both)) == {"/remove/0": "repeated"}
    assert pointers(heed.call("PUT", path, {"number": ADA})) == {"": "required"}
    assert pointers(heed.call("PUT", path, {"email": MAIL, "add": ["offers"], "channel": "sms"})) == {
        "/email": "invalid_address"
    }
    assert row_counts(heed) == rows


def test_s02_defaults_hold_for_who_never_said_anything(heed: Heed) -> None:
    assert heed.get("/v1/defaults") == {
        "sms": "none", "whatsapp": "none", "rcs": "none", "truecaller": "none", "voice": "none", "email": "none",
    }  # fmt: skip
    heed.act("record_opt_in", number=ADA, channel="sms")
    (other,) = numbers(1)

    put = heed.call("PUT", "/v1/defaults", {"sms": "out", "whatsapp": "in"})

    assert (put.status_code, put.json["sms"], put.json["whatsapp"], put.json["email"]) == (200, "out", "in", "none")
    assert codes(heed.act("check_consent", number=other, channel="sms")) == ["no_consent"]
    assert heed.act("check_consent", number=other, channel="whatsapp", require_opt_in=True)["allowed"] is True
    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"] is True
    assert heed.act("check_consent", number=other, channel="sms", purpose="transactional")["allowed"] is True
    heed.call("PUT", "/v1/defaults", {"sms": "none"})
    assert heed.act("check_consent", number=other, channel="sms")["allowed"] is True
    assert set(pointers(heed.call("PUT", "/v1/defaults", {"sms": "maybe", "all": "in"}))) == {"/sms", "/all"}
    problem(heed.call("PUT", "/v1/defaults", {}), 422)


def test_s02_a_default_of_out_is_answered_when_what_was_decided_before_is_over(heed: Heed, provider: Running) -> None:
    first, second = fresh(2)
    took = slowly(provider, first)
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, first)
        (handed,) = eventually(lambda: seen(provider, [first]))
        answer = heed.call("PUT", "/v1/defaults", {"sms": "out"})
        answered = time.monotonic_ns()
        late = heed.act("send_with_suppression", sender=sender, number=second, text="hi")

    assert (answer.status_code, answer.json["settled"]) == (200, True)
    assert answered >= handed.received + took
    assert codes(late["results"][0]) == ["no_consent"]
    assert seen(provider, [second]) == []


def test_s02_at_the_wait_limit_it_is_202_and_says_where_to_look(heed: Heed, provider: Running) -> None:
    (person,) = fresh(1)
    slowly(provider, person, ms=1200)
    sender = heed.sender(provider.url)["id"]
    heed.house.settling._limit_s = 0.1

    with heed.working():
        send_later(heed, sender, person)
        eventually(lambda: seen(provider, [person]))
        answer = heed.call("PUT", "/v1/defaults", {"sms": "out"})
        assert (answer.status_code, answer.json["settled"], answer.json["sms"]) == (202, False, "out")
        eventually(lambda: heed.get(answer.headers["Location"])["settled"])


def test_s02_a_claim_that_has_read_the_old_default_is_waited_for_too(
    heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has decided, and nothing shows that yet: only the fence knows of it."""
    (person,) = fresh(1)
    sender = heed.sender(provider.url)["id"]
    decided, mark = [], sends.mark_sending

    def slow(*args: Any) -> None:
        if args[2]:
            decided.append(1)
            time.sleep(0.4)
        mark(*args)

    monkeypatch.setattr(sends, "mark_sending", slow)
    with heed.working():
        send_later(heed, sender, person)
        eventually(lambda: decided)
        assert heed.call("PUT", "/v1/defaults", {"sms": "out"}).status_code == 200
        answered = time.monotonic_ns()

    (handed,) = seen(provider, [person])
    assert handed.received < answered


def test_s03_whatscloud_1_who_opted_out_and_asks_is_answered(heed: Heed, provider: Running) -> None:
    (person,) = fresh(1)
    sender = heed.sender(provider.url)
    heed.post("/v1/replies", {"keywords": ["order status"], "match": "contains", "reply": "It is on its way."})
    says(heed, sender, "STOP", person)
    says(heed, sender, "Hi, what's my order status?", person)
    heed.post("/v1/actions/send_with_suppression", {"sender": sender["id"], "number": person, "text": "Anything else?",
                                                    "purpose": "service", "async": True})  # fmt: skip
    send_later(heed, sender["id"], person, text="Our sale starts today")
    heed.work()

    assert {one.text for one in seen(provider, [person])} == {"It is on its way.", "Anything else?"}


def test_s03_whatscloud_2_a_campaign_leaves_out_the_fifty_who_opted_out(heed: Heed, provider: Running) -> None:
    everyone = [{"number": one} for one in fresh(1000)]
    heed.act("add_to_opt_out", recipients=everyone[::20], channel="sms")
    body = {"kind": "broadcast", "name": "Sale", "sender": heed.sender(provider.url)["id"], "steps": [{"text": "Sale"}]}
    campaign = heed.post("/v1/campaigns", body)["id"]
    heed.post(f"/v1/campaigns/{campaign}/enrol", {"recipients": everyone})

    heed.post(f"/v1/campaigns/{campaign}/start")
    heed.work()

    report = heed.get(f"/v1/campaigns/{campaign}/report")
    assert (report["total"], report["sent"], report["suppressed"]) == (1000, 950, 50)
    assert report["summary"] == "50 contacts skipped (opted-out)"
    out = {one["number"] for one in everyone[::20]}
    assert {one.to for one in seen(provider, [one["number"] for one in everyone])} == {
        one["number"] for one in everyone
    } - out


def test_s03_d03_whatscloud_3_who_opted_out_and_buys_hears_of_the_order_and_of_nothing_else(
    heed: Heed, provider: Running
) -> None:
    (person,) = fresh(1)
    sender = heed.sender(provider.url)
    says(heed, sender, "STOP", person)
    for text in ("Order confirmed", "Shipped", "Delivered"):
        send_later(heed, sender["id"], person, text=text, purpose="transactional")
    send_later(heed, sender["id"], person, text="Check out these related products")
    heed.work()

    assert sorted(str(one.text) for one in seen(provider, [person])) == ["Delivered", "Order confirmed", "Shipped"]
