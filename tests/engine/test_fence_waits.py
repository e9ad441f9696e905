"""An opt-out is answered with success only when nothing is in flight to the person, by the provider's own clock."""

import threading
import time

import pytest

from connector.demo.launch import Running
from tests.engine.scenes import beside, eventually, link, numbers, seen, send_later, slowly, writes
from tests.heed import Heed
from tests.web.test_observed import metrics, rise


def test_d08_an_opt_out_waits_for_the_hand_off_that_hangs(heed: Heed, provider: Running) -> None:
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
        answered = time.monotonic_ns()

    assert answered >= handed.received + took


def test_d08_saying_it_again_waits_too(heed: Heed, provider: Running) -> None:
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
        answered = time.monotonic_ns()

    assert again["results"][0]["status"] == "already"
    assert again["settled"] is True
    assert answered >= handed.received + took


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
        answered = time.monotonic_ns()

    assert again.json["messages"][0]["outcome"] == "duplicate"
    assert again.status_code == 200
    assert answered >= handed.received + took


def test_it_waits_for_a_hand_off_to_the_linked_address(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    took = slowly(provider, person)
    link(heed, person, "US.13491208655302741919")
    sender = heed.sender(provider.url)["id"]

    with heed.working():
        send_later(heed, sender, person)
        (handed,) = eventually(lambda: seen(provider, [person]))
        assert heed.act("add_to_opt_out", whatsapp_id="US.13491208655302741919")["settled"] is True
        answered = time.monotonic_ns()

    assert answered >= handed.received + took


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
        answered = time.monotonic_ns()

    assert answer["settled"] is True
    assert answered >= handed.received + took


def test_how_long_it_waited_is_measured_and_whether_that_was_enough(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    name = "heed_opt_out_wait_seconds"
    before = metrics(heed)
    heed.act("add_to_opt_out", number=person, channel="whatsapp")
    assert rise(heed, name + "_count{settled=yes}", before) == 1
    assert rise(heed, name + "_sum{settled=yes}", before) < 3

    heed.house.settling._limit_s = 0.1
    slowly(provider, person, ms=1200)
    with heed.working():
        send_later(heed, sender, person)
        eventually(lambda: seen(provider, [person]))
        heed.act("add_to_opt_out", number=person)

    assert rise(heed, name + "_count{settled=no}", before) == 1
    assert 0.1 <= rise(heed, name + "_sum{settled=no}", before) < 3
