"""The pace of a sender holds over all who claim, takes nothing away and holds nobody else up."""

import time

import pytest
from sqlalchemy import select

from connector import bootstrap
from connector.demo.launch import Running
from connector.store import tables
from tests.engine.scenes import (
    HOUR,
    SECOND,
    beside,
    campaign,
    claim,
    enrol,
    eventually,
    numbers,
    report,
    result,
    seen,
    send_later,
    statuses,
    turn,
)
from tests.heed import Heed

#: Between the claim, where the pace is kept, and the provider's own note some time passes, not always the same.
SHAKE_NS = 250_000_000


def paced(heed: Heed, provider: Running | None, messages: int, per_s: float) -> str:
    settings = {"url": provider.url} if provider else {}
    rate = {"messages": messages, "per_s": per_s}
    name = "http_api" if provider else "console"
    return str(heed.sender(provider=name, settings={**settings, "rate": rate})["id"])


def most_within(times: list[int], span_ns: int) -> int:
    """The most in any half-open span of this length."""
    return max(sum(first <= at < first + span_ns for at in times) for first in times)


@pytest.mark.parametrize("rate", [(5, 1.0), (40, 2.0)], ids=str)
def test_d11_the_limit_holds_over_two_claimers_by_the_provider_s_own_clock(
    heed: Heed, provider: Running, rate: tuple[int, float]
) -> None:
    messages, per_s = rate
    people = numbers(3 * messages)
    name = campaign(heed, provider, sender=paced(heed, provider, messages, per_s))
    enrol(heed, name, people)
    turn(heed, name, "start")
    houses = [heed.house, bootstrap.build(heed.settings, role="worker", clock=heed.clock)]

    def work(number: int) -> None:
        here, end = houses[number], time.monotonic() + 30
        while report(heed, name)["sent"] < len(people) and time.monotonic() < end:
            here.sender.drain(range(256), here.incarnations.token, 1.0)
            time.sleep(0.003)

    with beside(lambda: work(0), lambda: work(1)):
        pass
    houses[1].close()

    handed = seen(provider, people)
    assert sorted(one.to for one in handed) == sorted(people), "nothing is lost and nothing sent twice"
    times = [one.received for one in handed]
    assert most_within(times, int(per_s * 1e9) - SHAKE_NS) <= messages
    assert max(times) - min(times) >= 1.5 * per_s * 1e9
    assert max(times) - min(times) <= 9 * per_s * 1e9


def test_d11_what_is_over_the_limit_waits_as_scheduled_and_others_pass(heed: Heed, provider: Running) -> None:
    many, (other,) = numbers(40), numbers(1)
    name = campaign(heed, provider, sender=paced(heed, provider, 2, 3600))
    enrol(heed, name, many)
    turn(heed, name, "start")
    send_later(heed, heed.sender(provider.url)["id"], other)

    heed.work()

    assert len(seen(provider, many)) == 1
    assert len(seen(provider, [other])) == 1
    told = report(heed, name)
    assert (told["sent"], told["scheduled"], told["due"], told["status"]) == (1, 39, 0, "running")


def test_d11_one_claim_moves_all_that_waits(heed: Heed) -> None:
    """Else every worker would take the same rows in hand again and again, and put them back."""
    people = numbers(300)
    name = campaign(heed, None, sender=paced(heed, None, 1, 3600))
    enrol(heed, name, people)
    turn(heed, name, "start")

    _, taken = claim(heed)
    looks = 0
    while (works := claim(heed)[1]) is not None:
        assert works == []
        looks += 1

    assert len(taken) == 1
    assert looks <= 20
    assert report(heed, name)["due"] == 1  # the one in hand


def test_d11_what_a_person_waits_for_comes_before_marketing(heed: Heed, provider: Running) -> None:
    many, (asked,) = numbers(30), numbers(1)
    sender = paced(heed, provider, 1, 60)
    name = campaign(heed, provider, sender=sender)
    enrol(heed, name, many)
    turn(heed, name, "start")
    heed.work()
    code = send_later(heed, sender, asked, purpose="transactional", text="Your code")
    assert len(seen(provider, many)) == 1

    heed.work()
    heed.clock.pass_by(60 * SECOND)
    heed.work()

    assert result(heed, code)["status"] == "sent"
    assert len(seen(provider, many)) == 1


def test_d11_an_opt_out_while_it_waits_is_heeded(heed: Heed, provider: Running) -> None:
    people = numbers(4)
    name = campaign(heed, provider, sender=paced(heed, provider, 1, 60))
    enrol(heed, name, people)
    turn(heed, name, "start")
    heed.work()
    (first,) = [one.to for one in seen(provider, people)]
    gone, *others = [one for one in people if one != first]

    heed.act("add_to_opt_out", number=gone)
    for _ in range(4):
        heed.clock.pass_by(61 * SECOND)
        heed.work()

    assert statuses(heed, people) == {gone: "suppressed", first: "sent"} | dict.fromkeys(others, "sent")


def test_d11_a_provider_that_asks_for_a_pause_gets_it_from_the_whole_sender(heed: Heed, provider: Running) -> None:
    first, *others = numbers(5)
    sender = heed.sender(provider.url)["id"]
    provider.behave({first: {"do": "429", "times": 1, "retry_after": 30}})
    send_later(heed, sender, first)
    heed.work()
    for one in others:
        send_later(heed, sender, one)
    heed.work()
    assert [one.to for one in seen(provider, [first, *others])] == [first]

    heed.clock.pass_by(31 * SECOND)
    heed.work()
    assert sorted(one.to for one in seen(provider, [first, *others])) == sorted([first, first, *others])


def test_d11_a_step_for_a_time_of_day_is_not_put_off_to_another_day(heed: Heed, provider: Running) -> None:
    """The pace moves it by seconds; its own time has come and counts as come."""
    one, two = numbers(2)
    sender = paced(heed, provider, 1, 30)
    steps = [{"text": "Morning", "at": "09:30"}]
    made = heed.post("/v1/campaigns", {"kind": "sequence", "name": "Daily", "sender": sender, "steps": steps})["id"]
    turn(heed, made, "start")
    for person in (one, two):
        heed.act("add_to_sequence", sequence=made, number=person)
    heed.work()
    (due,) = {row.due_at for row in _sends(heed)}
    heed.clock.pass_by(due - heed.clock() + SECOND)
    heed.work()
    assert len(seen(provider, [one, two])) == 1
    assert all(row.due_at < due + HOUR for row in _sends(heed))

    heed.clock.pass_by(31 * SECOND)
    heed.work()
    assert len(seen(provider, [one, two])) == 2


def test_d11_a_worker_looks_again_as_soon_as_one_more_may_leave(heed: Heed) -> None:
    people = numbers(3)
    name = campaign(heed, None, sender=paced(heed, None, 1, 1))
    enrol(heed, name, people)
    turn(heed, name, "start")
    heed.work()
    assert not heed.house.sender.is_awaited()

    eventually(heed.house.sender.is_awaited, 3.0)
    assert not heed.house.sender.is_awaited(), "it says so once"
    heed.work()
    assert report(heed, name)["sent"] == 2


def test_d11_a_rate_is_checked_and_can_be_taken_away(heed: Heed, provider: Running) -> None:
    body = {"channel": "sms", "number": "+15005550006", "provider": "console"}
    assert heed.faults("/v1/senders", {**body, "settings": {"rate": {"messages": 0, "per_s": 1, "x": 1}}}) == {
        "/settings/rate/messages": "invalid", "/settings/rate/x": "unknown_field",
    }  # fmt: skip
    people = numbers(5)
    sender = paced(heed, provider, 1, 3600)
    assert heed.get(f"/v1/senders/{sender}")["settings"]["rate"] == {"messages": 1, "per_s": 3600}
    heed.call("PATCH", f"/v1/senders/{sender}", {"settings": {"rate": None}})
    for one in people:
        send_later(heed, sender, one)

    heed.work()

    assert len(seen(provider, people)) == 5


def _sends(heed: Heed) -> list:
    with heed.house.database.read() as connection:
        return list(connection.execute(select(tables.sends).where(tables.sends.c.status == "pending")))
