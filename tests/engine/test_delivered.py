"""What a provider says after the hand-off: believed once, in any order, and never against the fence."""

import itertools
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from connector.demo.launch import Running
from connector.domain.errors import Unavailable
from connector.domain.ids import row_number
from connector.domain.messages import Delivery, InboundStatus, Kind
from connector.engine.delivered import ARROWS, Delivered
from connector.engine.waiting import Waiting
from connector.store import tables
from tests.engine.scenes import campaign, enrol, eventually, numbers, send_later, turn
from tests.heed import Heed

ACCEPTED = ("accepted", None)
DELIVERED = ("delivered", None)
FAILED = ("failed", Kind.PROVIDER)
GONE = ("failed", Kind.INVALID_RECIPIENT)
OUT = ("failed", Kind.OPTED_OUT)
STOPPED = ("failed", Kind.MARKETING_STOPPED)


def test_every_order_and_every_repeat_ends_alike(heed: Heed, provider: Running) -> None:
    """From unknown and from sent: all orders of up to three different words, the last one said twice."""
    sender = heed.sender(provider.url)["id"]
    words = [DELIVERED, FAILED, OUT]
    orders = [
        order for count in (1, 2, 3) for chosen in itertools.combinations(words, count)
        for order in itertools.permutations(chosen)
    ]  # fmt: skip
    people = numbers(2 * len(orders))
    provider.behave(dict.fromkeys(people[: len(orders)], "500-after"))
    names = handed_over(heed, sender, people)

    for name, order in zip(names, orders * 2, strict=True):
        for word in (*order, order[-1]):
            hear(heed, sender, name, *word)

    for name, order, first in zip(names, orders * 2, ["unknown"] * len(orders) + ["sent"] * len(orders), strict=True):
        refused = any(delivery == "failed" for delivery, _ in order)
        status, error, _ = row(heed, name)
        assert status == ("failed" if refused else "sent"), (first, order)
        assert error == (f"opted_out: code {21610}" if OUT in order else "provider: code 21610" if refused else None)
    for person, order in zip(people, orders * 2, strict=True):
        blocked = codes(heed, person) == ["provider_blocked"]
        assert blocked is (OUT in order), order
        assert len(history(heed, person)) == (1 if OUT in order else 0), order


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([ACCEPTED, DELIVERED, FAILED, GONE, OUT, STOPPED]), min_size=1, max_size=8))
def test_whatever_is_said_the_end_does_not_depend_on_the_order(heed: Heed, words: list) -> None:
    sender = the_console(heed)
    one, other = handed_over(heed, sender, numbers(2))

    for word in words:
        hear(heed, sender, one, *word)
    for word in reversed(words):
        hear(heed, sender, other, *word)

    assert row(heed, one)[0] == row(heed, other)[0] == ("failed" if any(w[0] == "failed" for w in words) else "sent")


def test_only_these_steps_are_taken(heed: Heed, provider: Running) -> None:
    sender = heed.sender(provider.url)["id"]
    statuses = ["pending", "suppressed", "cancelled", "failed", "unknown", "sent"]
    for status in statuses:
        for delivery in Delivery:
            name = handed_over(heed, sender, numbers(1))[0]
            force(heed, name, status)
            heard = hear(heed, sender, name, delivery.value, Kind.PROVIDER if delivery is Delivery.FAILED else None)
            expected = next((to.value for (of, said), to in ARROWS.items() if (of, said) == (status, delivery)), status)
            assert (row(heed, name)[0], heard) == (expected, expected)


def test_what_was_unknown_gets_the_providers_name_for_it_and_what_has_one_keeps_it(
    heed: Heed, provider: Running
) -> None:
    sender = heed.sender(provider.url)["id"]
    person, other = numbers(2)
    provider.behave({person: "500-after"})
    unknown, sent = handed_over(heed, sender, [person, other])
    before = row(heed, sent)[2]

    hear(heed, sender, unknown, *DELIVERED)
    hear(heed, sender, sent, *FAILED)

    assert row(heed, unknown) == ("sent", None, "SM1")
    assert row(heed, sent) == ("failed", "provider: code 21610", before)
    assert heed.get(f"/v1/sends/{unknown}")["status"] == "sent"


def test_nobody_speaks_of_another_senders_messages(heed: Heed, provider: Running) -> None:
    mine, other = heed.sender(provider.url)["id"], heed.sender(provider.url)["id"]
    name = handed_over(heed, mine, numbers(1))[0]

    found = [hear(heed, other, name, *FAILED), hear(heed, mine, "msg_000000000000", *FAILED),
             hear(heed, mine, "nonsense", *FAILED)]  # fmt: skip

    assert found == ["no_such_send"] * 3
    assert row(heed, name)[0] == "sent"


def test_a_marketing_stop_is_an_opt_out_on_its_channel_and_a_block_concerns_the_sender(
    heed: Heed, provider: Running
) -> None:
    whatsapp, other = (heed.sender(provider.url, channel="whatsapp")["id"] for _ in range(2))
    stopped, blocked = numbers(2)
    first, second = handed_over(heed, whatsapp, [stopped, blocked])

    hear(heed, whatsapp, first, *STOPPED)
    hear(heed, whatsapp, second, *OUT)

    assert codes(heed, stopped, "whatsapp") == ["opted_out"]
    assert codes(heed, stopped, "sms") == []
    assert [status(heed, one, person) for person in (stopped, blocked) for one in (whatsapp, other)] == [
        "suppressed", "suppressed", "suppressed", "sent",
    ]  # fmt: skip
    (event,) = history(heed, stopped)
    assert (event["source"], event["channel"], event["state"]) == ("provider", "whatsapp", "out")
    assert heed.act("check_consent", number=stopped, channel="whatsapp", purpose="transactional")["allowed"] is True


@pytest.mark.parametrize(("word", "left"), [(GONE, True), (OUT, True), (FAILED, False)])
def test_who_cannot_be_reached_leaves_a_sequence_though_it_turns_out_late(
    heed: Heed, provider: Running, word: tuple, left: bool
) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    name = campaign(heed, provider, "sequence", sender=sender)
    enrol(heed, name, [person])
    turn(heed, name, "start")
    heed.work()
    first = heed.get(f"/v1/sends?number={person.replace('+', '%2B')}&status=sent")["items"][0]["id"]

    hear(heed, sender, first, *word)
    heed.clock.pass_by(3_600_000_000)
    heed.work()

    sent = [one for one in provider.handoffs() if one.to == person]
    assert len(sent) == (1 if left else 2)


def test_a_callback_that_is_quicker_than_the_answer_waits_for_it(heed: Heed, provider: Running) -> None:
    """Else the answer, written down later, would be believed."""
    (person,) = numbers(1)
    provider.behave({person: {"do": "delay", "ms": 700}})
    sender = heed.sender(provider.url)["id"]
    name = send_later(heed, sender, person)
    worker = threading.Thread(target=heed.work)
    worker.start()
    message = eventually(lambda: sending(heed, person))

    assert hear(heed, sender, message, *FAILED) == "failed"

    worker.join()
    assert row(heed, message)[0] == "failed"
    assert name


def test_a_hand_off_that_does_not_end_is_answered_with_later(heed: Heed, provider: Running) -> None:
    sender = heed.sender(provider.url)["id"]
    name = handed_over(heed, sender, numbers(1))[0]
    force(heed, name, "sending")
    impatient = Delivered(
        heed.house.database, heed.house.services.directories, heed.house.services.book, Waiting(4), heed.clock, 0.05
    )

    with pytest.raises(Unavailable):
        impatient.hear(*where(heed, sender), InboundStatus(name, "SM1", Delivery.DELIVERED))
    assert row(heed, name)[0] == "sending"


def test_many_at_once_agree(heed: Heed, provider: Running) -> None:
    sender = heed.sender(provider.url)["id"]
    (person,) = numbers(1)
    name = handed_over(heed, sender, [person])[0]
    words = [ACCEPTED, DELIVERED, FAILED, OUT] * 3
    threads = [threading.Thread(target=hear, args=(heed, sender, name, *word)) for word in words]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert row(heed, name)[0] == "failed"
    assert codes(heed, person) == ["provider_blocked"]


def where(heed: Heed, sender: str) -> tuple:
    directory = heed.house.services.directories.current(1)
    return 1, directory.find_sender(sender)


def hear(heed: Heed, sender: str, name: str, delivery: str, kind: Kind | None) -> str:
    detail = "code 21610" if kind else ""
    said = InboundStatus(name, "SM1", Delivery(delivery), kind, detail)
    return heed.house.inbox.receiver._delivered.hear(*where(heed, sender), said)


def handed_over(heed: Heed, sender: str, people: list[str]) -> list[str]:
    """The ids of one message to each, handed over."""
    for person in people:
        send_later(heed, sender, person)
    while heed.get("/v1/sends?status=pending")["items"]:
        heed.work()
        heed.clock.pass_by(2_000_000)  # where this machine was too busy to connect in time
    return [heed.get(f"/v1/sends?number={one.replace('+', '%2B')}")["items"][0]["id"] for one in people]


def the_console(heed: Heed) -> str:
    found = [one["id"] for one in heed.get("/v1/senders")["items"] if one["provider"] == "console"]
    return found[0] if found else heed.sender()["id"]


def sending(heed: Heed, person: str) -> str | None:
    found = heed.get(f"/v1/sends?number={person.replace('+', '%2B')}")["items"][0]
    with heed.house.database.read() as connection:
        query = select(tables.sends.c.status).where(tables.sends.c.id == row_number("send", found["id"]))
        return found["id"] if connection.execute(query).scalar_one() == "sending" else None


def row(heed: Heed, name: str) -> tuple:
    sends = tables.sends.c
    with heed.house.database.read() as connection:
        query = select(sends.status, sends.error, sends.provider_id).where(sends.id == row_number("send", name))
        return tuple(connection.execute(query).one())


def force(heed: Heed, name: str, status: str) -> None:
    with heed.house.database.write() as connection:
        connection.execute(
            update(tables.sends).where(tables.sends.c.id == row_number("send", name)).values(status=status, token=None)
        )


def codes(heed: Heed, person: str, channel: str = "sms") -> list[str]:
    """Why a marketing message would be refused, a block by the provider included."""
    answer = heed.act("check_consent", number=person, channel=channel)
    facts = [one for one in history(heed, person) if one["state"] == "provider_blocked"]
    return [one["code"] for one in answer["reasons"]] or (["provider_blocked"] if facts else [])


def history(heed: Heed, person: str) -> list:
    return heed.act("get_consent_history", number=person)["events"]


def status(heed: Heed, sender: str, person: str) -> str:
    with heed.working():
        answer = heed.act("send_with_suppression", sender=sender, number=person, text="Again")
    return answer["results"][0]["status"]
