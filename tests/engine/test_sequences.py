"""D02, plain: a sequence asks again before every step, and whoever has left does not come back by saying yes."""

import pytest

from connector.demo.launch import Running
from connector.domain.words import FactKind
from tests.engine.scenes import HOUR, beside, campaign, enrol, numbers, report, target, texts, turn, who, writes
from tests.heed import Heed

ALL = ["step 1", "step 2", "step 3"]


def an_hour_later(heed: Heed) -> None:
    heed.clock.pass_by(HOUR)
    heed.work()


def running(heed: Heed, provider: Running, people: list[str], **values: str) -> tuple[str, dict]:
    """A sequence whose first step has gone out; its name and its sender."""
    sender = heed.sender(provider.url)
    name = campaign(heed, None, "sequence", sender=sender["id"], **values)
    assert set(enrol(heed, name, people)) == {"enrolled"}
    turn(heed, name, "start")
    heed.work()
    return name, sender


def says_start(heed: Heed, sender: dict, person: str) -> None:
    heed.call("PATCH", "/v1/lists/default", {"opt_in_keywords": ["START"]})
    assert writes(heed, sender, person, "START").json["messages"][0]["outcome"] == "opted_in"


def test_d02_each_step_goes_out_when_it_is_due_and_not_before(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    name, _ = running(heed, provider, [one, two])
    assert texts(provider, one) == ALL[:1]

    heed.clock.pass_by(HOUR // 2)
    heed.work()
    assert texts(provider, one) == ALL[:1]
    an_hour_later(heed)
    an_hour_later(heed)
    an_hour_later(heed)

    assert texts(provider, one) == texts(provider, two) == ALL
    told = report(heed, name)
    assert (told["sent"], told["due"], told["scheduled"]) == (6, 0, 0)
    assert [step["sent"] for step in told["steps"]] == [2, 2, 2]


def test_d02_stop_between_steps_ends_it_for_this_person_only(heed: Heed, provider: Running) -> None:
    stops, stays = numbers(2)
    name, sender = running(heed, provider, [stops, stays])

    assert writes(heed, sender, stops, "stop.").json["messages"][0]["outcome"] == "opted_out"
    an_hour_later(heed)
    an_hour_later(heed)

    assert texts(provider, stops) == ALL[:1]
    assert texts(provider, stays) == ALL
    assert report(heed, name)["summary"] == "1 contacts skipped (opted-out)"


def test_d02_start_does_not_put_anybody_back(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    name, sender = running(heed, provider, [person])
    writes(heed, sender, person, "STOP")

    says_start(heed, sender, person)
    an_hour_later(heed)
    an_hour_later(heed)

    assert texts(provider, person) == ALL[:1]
    assert enrol(heed, name, [person]) == ["already"]
    an_hour_later(heed)
    assert texts(provider, person) == ALL[:1]


def test_d02_with_skip_a_person_misses_steps_and_goes_on_after_start(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    name, sender = running(heed, provider, [person], on_opt_out="skip")

    writes(heed, sender, person, "STOP")
    an_hour_later(heed)
    says_start(heed, sender, person)
    an_hour_later(heed)

    assert texts(provider, person) == ["step 1", "step 3"]
    assert [step["reasons"] for step in report(heed, name)["steps"]] == [{}, {"opted_out": 1}, {}]


@pytest.mark.parametrize(
    ("refuse", "reason"),
    [
        (lambda heed, person: heed.act("add_to_opt_out", number=person, lists=["news"]), "opted_out"),
        (lambda heed, person: heed.act("add_to_opt_out", number=person, channel="sms"), "opted_out"),
        (lambda heed, person: fact(heed, person, FactKind.BLOCKED), "blocked"),
        (lambda heed, person: fact(heed, person, FactKind.COMPLAINT), "complaint"),
    ],
    ids=["on a list of the sequence", "on the default list", "a block", "a complaint"],
)
def test_d02_every_step_asks_again(heed: Heed, provider: Running, refuse, reason: str) -> None:
    (person,) = numbers(1)
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["NONEWS"]})
    name, _ = running(heed, provider, [person], lists=["news"])

    refuse(heed, person)
    an_hour_later(heed)

    assert texts(provider, person) == ALL[:1]
    assert report(heed, name)["reasons"] == {reason: 1}


def fact(heed: Heed, person: str, kind: FactKind) -> None:
    assert heed.house.services.book.set_fact(who(heed), kind, [target(heed, person)], holds=True, reason="a test")


def test_d02_a_word_on_another_channel_or_list_stops_nothing(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    heed.post("/v1/lists", {"key": "news", "name": "News", "keywords": ["NONEWS"]})
    running(heed, provider, [person])

    heed.act("add_to_opt_out", number=person, lists=["news"])
    heed.act("add_to_opt_out", number=person, channel="whatsapp")
    an_hour_later(heed)

    assert texts(provider, person) == ALL[:2]


def test_d02_whoever_has_opted_out_is_not_taken_in(heed: Heed, provider: Running) -> None:
    out, fine = numbers(2)
    heed.act("add_to_opt_out", number=out)
    name = campaign(heed, provider, "sequence")

    assert enrol(heed, name, [out, fine, fine]) == ["opted_out", "enrolled", "already"]


def test_d02_the_actions_take_people_in_and_out(heed: Heed, provider: Running) -> None:
    goes, stays = numbers(2)
    name = campaign(heed, provider, "sequence")
    turn(heed, name, "start")

    added = heed.act("add_to_sequence", sequence=name, recipients=[{"number": goes}, {"number": stays}])
    heed.work()
    removed = heed.act("remove_from_sequence", sequence=name, number=goes)
    an_hour_later(heed)

    assert [one["status"] for one in added["results"]] == ["enrolled", "enrolled"]
    assert removed["results"][0]["status"] == "removed"
    assert heed.act("remove_from_sequence", sequence=name, number=goes)["results"][0]["status"] == "absent"
    assert texts(provider, goes) == ALL[:1]
    assert texts(provider, stays) == ALL[:2]
    assert report(heed, name)["cancelled"] == 1


def test_d02_stops_that_meet_the_sending_of_a_step_leave_nobody_on_the_way(heed: Heed, provider: Running) -> None:
    """STOP, then START, while the step before is being settled: whoever left must stay away at the next step."""
    people = numbers(40)
    provider.behave({one: {"do": "delay", "ms": 20} for one in people})
    sender = heed.sender(provider.url)
    heed.call("PATCH", "/v1/lists/default", {"opt_in_keywords": ["START"]})
    name = campaign(heed, None, "sequence", sender=sender["id"])
    enrol(heed, name, people)

    def stop_and_start(some: list[str]) -> None:
        for one in some:
            assert writes(heed, sender, one, "STOP").status_code == 200
            assert writes(heed, sender, one, "START").status_code == 200

    with heed.working():
        turn(heed, name, "start")
        with beside(lambda: stop_and_start(people[::2]), lambda: stop_and_start(people[1::2])):
            pass
    for _ in range(3):
        an_hour_later(heed)

    assert {text for one in people for text in texts(provider, one)} <= {"step 1"}
    told = report(heed, name)
    assert (told["due"], told["scheduled"]) == (0, 0)
    assert told["sent"] > 3
