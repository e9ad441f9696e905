"""The fence: after an opt-out was answered with success, nothing goes out. The provider's record is the judge."""

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
    slowly,
    statuses,
    target,
    turn,
    who,
)
from tests.heed import Heed


def test_no_hand_off_begins_after_success_while_a_campaign_runs(heed: Heed, provider: Running) -> None:
    people = numbers(240)
    took = slowly(provider, *people, ms=60)
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
    # Begun after it, or not yet answered at it.
    late = [one for one in handed if one.to in settled and one.received + took > settled[one.to]]
    assert late == []
    told = report(heed, name)
    assert told["sent"] == len(handed) == len({one.to for one in handed})
    assert told["suppressed"] == len(people) - len(handed) > 3
    assert len(handed) > 3


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


def test_an_opt_out_that_deadlocks_with_another_writer_begins_again(heed: Heed) -> None:
    """Who cancels a campaign holds rows and no bucket, so the two can wait for each other."""
    database = heed.house.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    first, second = sorted(numbers(2), key=lambda one: target(heed, one).key)
    name = campaign(heed, None)
    enrol(heed, name, [first, second])
    turn(heed, name, "start")

    with database.write() as other:
        lock = "UPDATE sends SET attempts = 0 WHERE address = %(address)s"
        other.exec_driver_sql(lock, {"address": second})
        with beside(lambda: heed.act("add_to_opt_out", recipients=[{"number": first}, {"number": second}])):
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
            eventually(lambda: other.exec_driver_sql(waits).scalar_one())
            other.exec_driver_sql(lock, {"address": first})  # closes the circle; whoever waited longer is sent back
            other.commit()

    assert statuses(heed, [first, second]) == {first: "suppressed", second: "suppressed"}
