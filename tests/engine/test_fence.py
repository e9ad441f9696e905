"""The fence: after an opt-out was answered with success, nothing goes out. The provider's record is the judge."""

import threading
import time

import pytest

from connector.demo.launch import Running
from connector.domain.words import FactKind
from tests.engine.scenes import (
    beside,
    campaign,
    enrol,
    eventually,
    link,
    numbers,
    report,
    seen,
    send_later,
    statuses,
    target,
    turn,
    who,
    writes,
)
from tests.heed import Heed


def slowly(provider: Running, *people: str, ms: int = 700) -> int:
    """The provider takes so long for these; answers it in ns of its clock."""
    provider.behave({one: {"do": "delay", "ms": ms} for one in people})
    return ms * 1_000_000


def test_an_opt_out_waits_for_the_hand_off_that_hangs(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person)
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        asked = time.monotonic_ns()
        answer = heed.act("add_to_opt_out", number=person)
        answered = time.monotonic_ns()

    assert answer["settled"] is True
    assert asked < handed.received + took <= answered


def test_at_the_wait_limit_it_is_202_and_the_place_to_ask_turns_true(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person, ms=1200)
    sender = heed.sender(provider.url)["id"]
    heed.house.settling._limit_s = 0.1

    with heed.working():
        send_later(heed, sender, person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        answer = heed.call("POST", "/v1/actions/add_to_opt_out", {"number": person})
        assert (answer.status_code, answer.json["settled"]) == (202, False)
        place = answer.headers["Location"]
        assert heed.get(place) == {"settled": False}
        eventually(lambda: heed.get(place)["settled"])

    assert time.monotonic_ns() >= handed.received + took


def test_saying_it_again_waits_too(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person, ms=1200)
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        heed.house.settling._limit_s = 0.1
        assert heed.act("add_to_opt_out", number=person)["settled"] is False
        heed.house.settling._limit_s = 5.0
        again = heed.act("add_to_opt_out", number=person)

    assert again["results"][0]["status"] == "already"
    assert again["settled"] is True
    assert time.monotonic_ns() >= handed.received + took


def test_a_stop_that_is_delivered_twice_waits_twice(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person, ms=1200)
    sender = heed.sender(provider.url)

    with heed.working():
        send_later(heed, sender["id"], person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        heed.house.settling._limit_s = 0.1
        assert writes(heed, sender, person, "STOP", id="one").status_code == 202
        heed.house.settling._limit_s = 5.0
        again = writes(heed, sender, person, "STOP", id="one")

    assert again.json["messages"][0]["outcome"] == "duplicate"
    assert again.status_code == 200
    assert time.monotonic_ns() >= handed.received + took


def test_no_hand_off_begins_after_success_while_a_campaign_runs(heed: Heed, provider: Running) -> None:
    people = numbers(120)
    provider.behave({one: {"do": "delay", "ms": 15} for one in people})
    name = campaign(heed, provider)
    enrol(heed, name, people)
    settled: dict[str, int] = {}

    def opt_out(some: list[str]) -> None:
        for one in some:
            answer = heed.act("add_to_opt_out", number=one)
            assert answer["settled"] is True
            settled[one] = time.monotonic_ns()

    with heed.working():
        turn(heed, name, "start")
        eventually(lambda: seen(provider, people))
        with beside(lambda: opt_out(people[::3]), lambda: opt_out(people[1::3])):
            pass
        eventually(lambda: report(heed, name)["due"] == 0)

    handed = seen(provider, people)
    # Begun after it, or not yet answered at it: the provider takes 15 ms for each.
    late = [one for one in handed if one.to in settled and one.received + 15_000_000 > settled[one.to]]
    assert late == []
    told = report(heed, name)
    assert told["sent"] == len(handed) == len({one.to for one in handed})
    assert told["suppressed"] == len(people) - len(handed) > 10
    assert len(handed) > 10


def test_what_is_claimed_after_an_opt_out_is_suppressed_with_its_reason(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    heed.act("add_to_opt_out", number=person, channel="sms")

    with heed.working():
        (result,) = heed.act("send_with_suppression", sender=sender, number=person, text="hi")["results"]

    assert (result["status"], result["error"]) == ("suppressed", "Optout Number")
    (reason,) = result["reasons"]
    assert (reason["code"], reason["channel"], reason["list"]["key"]) == ("opted_out", "sms", "default")
    assert seen(provider, [person]) == []


def test_what_is_pending_is_taken_back_in_the_opt_out_itself(heed: Heed, provider: Running) -> None:
    out, stays = numbers(2)
    name = campaign(heed, provider)
    enrol(heed, name, [out, stays])
    turn(heed, name, "start")

    heed.act("add_to_opt_out", number=out)

    assert statuses(heed, [out, stays]) == {out: "suppressed", stays: "pending"}
    heed.work()
    assert [one.to for one in seen(provider, [out, stays])] == [stays]


def test_an_opt_out_of_one_address_blocks_the_linked_one(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    link(heed, person, "US.13491208655302741918")
    sender = heed.sender(provider.url)["id"]
    send_later(heed, sender, person)

    heed.act("add_to_opt_out", whatsapp_id="US.13491208655302741918")

    assert target(heed, person).bucket != target(heed, "US.13491208655302741918").bucket
    assert statuses(heed, [person]) == {person: "suppressed"}
    send_later(heed, sender, person)
    heed.work()
    assert statuses(heed, [person]) == {person: "suppressed"}
    assert seen(provider, [person]) == []


def test_it_waits_for_a_hand_off_to_the_linked_address(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person)
    link(heed, person, "US.13491208655302741919")
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        assert heed.act("add_to_opt_out", whatsapp_id="US.13491208655302741919")["settled"] is True

    assert time.monotonic_ns() >= handed.received + took


def test_transactional_passes_an_opt_out_but_not_a_block(heed: Heed, provider: Running) -> None:
    out, blocked = numbers(2)
    sender = heed.sender(provider.url)["id"]
    heed.act("add_to_opt_out", number=out)
    book = heed.house.services.book
    assert book.set_fact(who(heed), FactKind.BLOCKED, [target(heed, blocked)], holds=True, reason="asked by letter")

    for person in (out, blocked):
        send_later(heed, sender, person, purpose="transactional")
    heed.work()

    assert statuses(heed, [out, blocked]) == {out: "sent", blocked: "suppressed"}
    assert [one.to for one in seen(provider, [out, blocked])] == [out]


def test_after_an_opt_in_new_messages_go_out_and_old_ones_do_not(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    send_later(heed, sender, person, text="before")
    heed.act("add_to_opt_out", number=person)
    send_later(heed, sender, person, text="between")
    heed.work()

    heed.act("record_opt_in", number=person)
    send_later(heed, sender, person, text="after")
    heed.work()

    assert [one.text for one in seen(provider, [person])] == ["after"]


def test_at_most_half_of_the_threads_wait_and_the_others_are_told_at_once(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    slowly(provider, person, ms=2000)
    sender = heed.sender(provider.url)["id"]
    answers: list[tuple[bool, int]] = []
    together = threading.Barrier(7)

    def opt_out() -> None:
        together.wait(10)
        answer = heed.call("POST", "/v1/actions/add_to_opt_out", {"number": person})
        answers.append((answer.json["settled"], answer.status_code))

    with heed.working():
        send_later(heed, sender, person)
        eventually(lambda: seen(provider, [person]))
        with beside(*[opt_out] * 7):
            eventually(lambda: len(answers) >= 3)
            assert set(answers[:3]) == {(False, 202)}  # the places of eight threads are four

    assert sorted(answers) == [(False, 202)] * 3 + [(True, 200)] * 4


@pytest.mark.parametrize("channel", ["sms", "all"])
def test_an_opt_out_in_a_batch_waits_for_everybody(heed: Heed, provider: Running, channel: str) -> None:
    people = numbers(3)
    took = slowly(provider, people[1])
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, people[1])
        (handed,) = eventually(lambda: seen(provider, people))
        answer = heed.act("add_to_opt_out", recipients=[{"number": one} for one in people], channel=channel)

    assert answer["settled"] is True
    assert time.monotonic_ns() >= handed.received + took
