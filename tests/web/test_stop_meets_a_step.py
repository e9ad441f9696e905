"""A STOP that comes in while a sequence's step is on its way is answered when that hand-off is over, and not before."""

import time

import pytest

from connector.demo.launch import Running
from connector.domain.instants import HOUR, MINUTE
from tests.engine.scenes import campaign, enrol, eventually, numbers, report, seen, slowly, texts, turn, writes
from tests.heed import Heed

CONFIRMED = {"first_opt_out": {"text": "You are out."}}


@pytest.mark.parametrize("text", ["STOP", "stop.\n\nSent from my phone", "ＳＴＯＰ"])
def test_d08_r01_a_stop_is_answered_only_when_the_step_has_been_handed_over(
    heed: Heed, provider: Running, text: str
) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"messages": CONFIRMED, "send_response": True})
    name = campaign(heed, None, "sequence", sender=sender["id"])
    enrol(heed, name, [person])
    turn(heed, name, "start")

    with heed.working():
        eventually(lambda: report(heed, name)["sent"] == 1)
        took = slowly(provider, person)
        heed.clock.pass_by(HOUR + MINUTE)
        eventually(lambda: len(seen(provider, [person])) == 2)
        asked = time.monotonic_ns()
        answer = writes(heed, sender, person, text)
        answered = time.monotonic_ns()
        eventually(lambda: len(seen(provider, [person])) == 3)
        heed.clock.pass_by(5 * HOUR)
        eventually(lambda: report(heed, name)["due"] == 0)

    assert (answer.status_code, answer.json["messages"][0]["outcome"]) == (200, "opted_out")
    _, step, confirmation = seen(provider, [person])
    assert step.text == "step 2"
    assert step.received < asked < step.received + took <= answered, "it met the hand-off and waited for its end"
    assert step.ended is not None
    assert step.ended <= answered
    assert confirmation.text == "You are out.", "only what confirms the stop goes out after it"
    assert texts(provider, person) == ["step 1", "step 2", "You are out."]


def test_d08_a_stop_that_must_not_wait_longer_says_so_and_turns_true(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)
    name = campaign(heed, None, "sequence", sender=sender["id"])
    enrol(heed, name, [person])
    took = slowly(provider, person, ms=1500)
    heed.house.settling._limit_s = 0.1

    with heed.working():
        turn(heed, name, "start")
        (step,) = eventually(lambda: seen(provider, [person]))
        first = writes(heed, sender, person, "STOP", id="one")
        again = eventually(lambda: _when_quiet(heed, sender, person))

    assert (first.status_code, first.json["messages"][0]["outcome"]) == (202, "opted_out")
    assert again >= step.received + took
    assert texts(provider, person) == ["step 1"]


def _when_quiet(heed: Heed, sender: dict[str, str], person: str) -> int | None:
    """The provider delivers the message again until it is answered with 200; when that was."""
    answer = writes(heed, sender, person, "STOP", id="one")
    return time.monotonic_ns() if answer.status_code == 200 else None
