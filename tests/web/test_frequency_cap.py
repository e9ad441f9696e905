"""D11: how often a person is written to, over all campaigns of an account; what is over it waits and is asked again."""

import pytest

from connector import bootstrap
from connector.demo.launch import Running
from tests import statements
from tests.engine.scenes import (
    HOUR,
    SECOND,
    beside,
    campaign,
    enrol,
    link,
    numbers,
    report,
    result,
    seen,
    send_later,
    statuses,
    texts,
    turn,
)
from tests.heed import Heed

DAY = 24 * HOUR


def cap(heed: Heed, messages: int, per: str) -> None:
    account = heed.get("/v1/me")["account"]["id"]
    answer = heed.call("PATCH", f"/v1/accounts/{account}", {"frequency_cap": {"messages": messages, "per": per}})
    assert answer.json["frequency_cap"] == {"messages": messages, "per": per}, answer.text


def started(heed: Heed, sender: str, people: list[str], text: str, **values: object) -> str:
    name = campaign(heed, None, sender=sender, steps=[{"text": text}], **values)
    enrol(heed, name, people)
    turn(heed, name, "start")
    return name


def test_d11_over_all_campaigns_a_person_gets_so_many_and_the_rest_waits(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    cap(heed, 2, "P7D")
    for text in ("one", "two", "three"):
        name = started(heed, sender, [person], text)
        heed.work()
    assert texts(provider, person) == ["one", "two"]
    (held,) = heed.get(f"/v1/sends?campaign={name}")["items"]
    assert (held["status"], held["reasons"][0]["code"]) == ("scheduled", "frequency_cap")
    assert report(heed, name)["held"] == 1
    asked = heed.act("check_consent", number=person, channel="sms")
    assert (asked["allowed"], [one["code"] for one in asked["reasons"]]) == (False, ["frequency_cap"])

    heed.clock.pass_by(7 * DAY + SECOND)
    assert heed.act("check_consent", number=person, channel="sms")["allowed"]
    heed.work()
    assert texts(provider, person) == ["one", "two", "three"]


def test_d11_in_one_claim_too(heed: Heed, provider: Running) -> None:
    """Both messages are taken in hand at once: the second one counts the first."""
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    cap(heed, 1, "P1D")
    for text in ("one", "two", "three"):
        started(heed, sender, [person], text)
    heed.work()
    assert len(texts(provider, person)) == 1


def test_d11_two_claimers_that_meet_do_not_both_write_to_a_person(heed: Heed, provider: Running) -> None:
    people = numbers(30)
    sender = heed.sender(provider.url)["id"]
    cap(heed, 1, "P1D")
    for text in ("one", "two", "three", "four"):
        started(heed, sender, people, text)
    other = bootstrap.build(heed.settings, role="worker", clock=heed.clock)
    with beside(*[lambda h=h: h.sender.drain(range(256), h.incarnations.token, 20.0) for h in (heed.house, other)]):
        pass
    other.close()
    assert sorted(one.to for one in seen(provider, people)) == sorted(people)


def test_d11_what_is_held_is_asked_again_when_it_is_released(heed: Heed, provider: Running) -> None:
    leaves, stays = numbers(2)
    sender = heed.sender(provider.url)["id"]
    cap(heed, 1, "PT1H")
    started(heed, sender, [leaves, stays], "one")
    heed.work()
    started(heed, sender, [leaves, stays], "two")
    heed.work()
    heed.act("add_to_opt_out", number=leaves)
    heed.clock.pass_by(HOUR + SECOND)
    heed.work()
    assert texts(provider, leaves) == ["one"]
    assert texts(provider, stays) == ["one", "two"]
    assert statuses(heed, [leaves]) == {leaves: "suppressed"}


@pytest.mark.parametrize("purpose", ["transactional", "service"])
def test_d11_what_is_no_marketing_passes_and_is_not_counted(heed: Heed, provider: Running, purpose: str) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    cap(heed, 1, "P1D")
    path = "/in/" + sender["inbound_url"].rpartition("/")[2]
    heed.app.test_client().post(path, json={"id": "hello", "from": person, "text": "Is it open today?"})
    for text in ("a", "b"):
        send_later(heed, sender["id"], person, text=text, purpose=purpose)
        heed.work()
    assert heed.act("check_consent", number=person, channel="sms", purpose="transactional")["allowed"]
    assert heed.act("check_consent", number=person, channel="sms")["allowed"]
    started(heed, sender["id"], [person], "sale")
    heed.work()
    send_later(heed, sender["id"], person, text="c", purpose=purpose)
    heed.work()
    assert texts(provider, person) == ["a", "b", "sale", "c"]


def test_d11_what_failed_does_not_count_and_what_nobody_knows_of_does(heed: Heed, provider: Running) -> None:
    failed, unknown = numbers(2)
    sender = heed.sender(provider.url)["id"]
    cap(heed, 1, "P1D")
    provider.behave({failed: {"do": "400", "times": 1}, unknown: {"do": "reset-after", "times": 1}})
    started(heed, sender, [failed, unknown], "one")
    heed.work()
    assert statuses(heed, [failed, unknown]) == {failed: "failed", unknown: "unknown"}
    started(heed, sender, [failed, unknown], "two")
    heed.work()
    assert statuses(heed, [failed, unknown]) == {failed: "sent", unknown: "pending"}


def test_d11_a_person_s_other_addresses_count_along(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    known_as = "US.13491208655302741977"
    link(heed, person, known_as)
    cap(heed, 1, "P1D")
    started(heed, heed.sender(provider.url)["id"], [person], "by sms")
    heed.work()
    asked = heed.act("check_consent", whatsapp_id=known_as, channel="whatsapp")
    assert [one["code"] for one in asked["reasons"]] == ["frequency_cap"]


def test_d11_another_account_s_messages_do_not_count(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    cap(heed, 1, "P1D")
    made = heed.post("/v1/accounts", {"name": "Other"})
    assert made["frequency_cap"] is None
    key = heed.post("/v1/keys", {"name": "k", "scopes": ["read", "write", "send"], "account": made["id"]})["key"]
    sender = heed.sender(provider.url, account=made["id"])["id"]
    body = {"sender": sender, "number": person, "text": "theirs", "async": True}
    assert heed.call("POST", "/v1/actions/send_with_suppression", body, key=key).status_code == 202
    heed.work()
    mine = send_later(heed, heed.sender(provider.url)["id"], person, text="ours")
    heed.work()
    assert result(heed, mine)["status"] == "sent"


def test_d11_a_cap_costs_no_statement_of_its_own_in_a_check(heed: Heed) -> None:
    cap(heed, 3, "P7D")
    assert statements.of_check(heed, 1) == statements.of_check(heed, 1_000) == 1
    assert statements.of_claim(heed, "broadcast", 1) == statements.of_claim(heed, "broadcast", 1_000)


def test_d11_a_cap_is_checked_and_can_be_taken_away(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    account = heed.get("/v1/me")["account"]["id"]
    answer = heed.call("PATCH", f"/v1/accounts/{account}", {"frequency_cap": {"messages": 0, "per": "P900D"}})
    assert {one["pointer"] for one in answer.json["errors"]} == {"/frequency_cap/messages", "/frequency_cap/per"}
    cap(heed, 1, "P1D")
    sender = heed.sender(provider.url)["id"]
    started(heed, sender, [person], "one")
    heed.work()
    heed.call("PATCH", f"/v1/accounts/{account}", {"frequency_cap": None})
    started(heed, sender, [person], "two")
    heed.work()
    assert texts(provider, person) == ["one", "two"]
