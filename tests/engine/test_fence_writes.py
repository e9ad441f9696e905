"""What is written under the fence: what is taken back and what is not, for whom, and who is in the way."""

import time

import pytest

from connector.domain.words import FactKind
from connector.store import book, fence
from tests.engine.scenes import (
    beside,
    campaign,
    claim,
    enrol,
    eventually,
    link,
    numbers,
    result,
    seen,
    send_later,
    slowly,
    statuses,
    target,
    turn,
    who,
)
from tests.heed import Heed
from tests.oracles import row_counts
from tests.receiver import Receiver, receiving

WHATSAPP_ID = "US.13491208655302741931"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def block(heed: Heed, person: str, kind: FactKind = FactKind.BLOCKED) -> None:
    assert heed.house.services.book.set_fact(who(heed), kind, [target(heed, person)], holds=True, reason="a test")


def tell(heed: Heed) -> None:
    while heed.house.notify.work(5.0):
        pass


def ways(heed: Heed) -> dict[str, str]:
    """How the enrolments stand: address to status."""
    with heed.house.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT address, status FROM enrolments").all()
    return {row[0]: row[1] for row in rows}


def test_an_opt_in_takes_nothing_back(heed: Heed) -> None:
    """What waits to be looked at is looked at when it is due; the person may say yes to it before."""
    (person,) = numbers(1)
    send_later(heed, heed.sender()["id"], person)
    heed.call("PUT", "/v1/defaults", {"sms": "out"})

    heed.act("record_opt_in", number=person, channel="whatsapp")
    assert statuses(heed, [person]) == {person: "pending"}
    assert heed.house.services.book.set_fact(
        who(heed), FactKind.BLOCKED, [target(heed, person)], holds=False, reason="nothing to lift"
    )
    assert statuses(heed, [person]) == {person: "pending"}
    heed.act("record_opt_in", number=person, channel="sms")
    heed.work()

    assert statuses(heed, [person]) == {person: "sent"}


def test_what_a_person_writes_takes_nothing_back(heed: Heed) -> None:
    (person,) = numbers(1)
    sender = heed.sender()
    send_later(heed, sender["id"], person)
    heed.call("PUT", "/v1/defaults", {"sms": "out"})

    path = "/in/" + sender["inbound_url"].rpartition("/")[2]
    heed.app.test_client().post(path, json={"id": "in-1", "from": person, "text": "When do you open?"})

    assert statuses(heed, [person]) == {person: "pending"}


def test_who_writes_or_opts_out_is_remembered_with_the_address_they_have(heed: Heed) -> None:
    writer, out, silent = numbers(3)
    heed.act("add_to_opt_out", number=out)
    sender = heed.sender()
    path = "/in/" + sender["inbound_url"].rpartition("/")[2]
    for person, number in ((writer, "in-1"), (writer, "in-2")):
        heed.app.test_client().post(path, json={"id": number, "from": person, "text": "When do you open?"})

    with heed.house.database.read() as connection:
        known = [row[0] for row in connection.exec_driver_sql("SELECT canonical FROM addresses").all()]
    assert (known.count(writer), known.count(out)) == (1, 1)
    assert silent not in known


@pytest.mark.parametrize(("kind", "error"), [
    (FactKind.BLOCKED, "Blocked"), (FactKind.HARD_BOUNCE, "Hard bounce"), (FactKind.HELD_BACK, "Optout Number"),
])  # fmt: skip
def test_what_is_taken_back_says_why_and_when_and_under_the_name_people_know(
    heed: Heed, kind: FactKind, error: str
) -> None:
    (person,) = numbers(1)
    name = send_later(heed, heed.sender()["id"], person, send_at="2100-01-01T00:00:00Z")

    before = heed.clock()
    block(heed, person, kind)

    found = result(heed, name)
    assert (found["status"], found["error"]) == ("suppressed", error)
    assert len(found["reasons"]) == 1
    with heed.house.database.read() as connection:
        row = connection.exec_driver_sql("SELECT reason, due_at, settled_at FROM sends").one()
    assert row.reason == found["reasons"][0]["code"]
    assert before <= row.settled_at == row.due_at <= heed.clock()


def test_an_erased_person_s_messages_are_called_like_those_of_an_opted_out_one(heed: Heed) -> None:
    (person,) = numbers(1)
    name = campaign(heed, None)
    enrol(heed, name, [person])
    turn(heed, name, "start")

    heed.post("/v1/profiles/erase", {"number": person})

    with heed.house.database.read() as connection:
        row = connection.exec_driver_sql("SELECT status, reason, error FROM sends").one()
    assert tuple(row) == ("suppressed", "erased", "Optout Number")


def test_each_is_suppressed_by_their_own_word_and_nobody_else(heed: Heed) -> None:
    blocked, fine, transactional = numbers(3)
    sender = heed.sender()["id"]
    send_later(heed, sender, blocked)
    send_later(heed, sender, fine)
    send_later(heed, sender, transactional, purpose="transactional")

    heed.act("add_to_opt_out", recipients=[{"number": blocked}, {"number": transactional}])

    assert statuses(heed, [blocked, fine, transactional]) == {
        blocked: "suppressed", fine: "pending", transactional: "pending",
    }  # fmt: skip


def test_a_broadcast_is_taken_back_also_where_it_lets_people_stay(heed: Heed) -> None:
    """To stay after an opt-out means to miss a step; a broadcast has no other one."""
    (person,) = numbers(1)
    name = campaign(heed, None, on_opt_out="skip")
    enrol(heed, name, [person])
    turn(heed, name, "start")

    heed.act("add_to_opt_out", number=person)

    assert statuses(heed, [person]) == {person: "suppressed"}


def test_who_leaves_on_an_opt_out_leaves_and_who_stays_misses_a_step(heed: Heed) -> None:
    (person,) = numbers(1)
    leaves, stays = campaign(heed, None, "sequence"), campaign(heed, None, "sequence", on_opt_out="skip")
    sender = heed.get(f"/v1/campaigns/{leaves}")["sender"]
    enrol(heed, leaves, [person])
    heed.act("add_to_opt_out", number=person, channel="whatsapp")
    assert ways(heed) == {person: "active"}, "a word about another channel ends nothing"
    enrol(heed, stays, [person])
    send_later(heed, sender, person)

    heed.act("add_to_opt_out", number=person)

    with heed.house.database.read() as connection:
        ended = connection.exec_driver_sql("SELECT status, count(*) FROM enrolments GROUP BY status").all()
        rows = connection.exec_driver_sql("SELECT status, count(*) FROM sends GROUP BY status").all()
    assert dict(map(tuple, ended)) == {"active": 1, "opted_out": 1}
    assert dict(map(tuple, rows)) == {"suppressed": 2, "pending": 1}


def test_who_is_between_two_steps_leaves_too(heed: Heed) -> None:
    """Nothing of theirs is pending: the one message is in a worker's hands."""
    (person,) = numbers(1)
    heed.house.settling._limit_s = 0.05
    name = campaign(heed, None, "sequence")
    enrol(heed, name, [person])
    turn(heed, name, "start")
    assert len(claim(heed)[1]) == 1

    assert heed.act("add_to_opt_out", number=person)["settled"] is False

    assert ways(heed) == {person: "opted_out"}


def test_subscribers_hear_of_what_was_taken_back(heed: Heed, receiver: Receiver) -> None:
    heed.post("/v1/webhooks", {"url": receiver.url, "events": ["message.skipped"]}, status=201)
    (person,) = numbers(1)
    send_later(heed, heed.sender()["id"], person)

    heed.act("add_to_opt_out", number=person)
    tell(heed)

    (told,) = (one.json for one in receiver.heard)
    assert told["type"] == "message.skipped"
    assert (told["data"]["status"], told["data"]["error"]) == ("suppressed", "Optout Number")


def test_an_opt_out_begins_when_the_claim_that_holds_its_bucket_has_ended(heed: Heed) -> None:
    database = heed.house.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    person, other = numbers(2)
    bucket = target(heed, person).bucket
    assert bucket != target(heed, other).bucket
    answers: list[str] = []
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    with database.write() as claiming:
        fence.share_buckets(claiming, [bucket])
        heed.act("add_to_opt_out", number=other)
        with beside(lambda: answers.append(heed.act("add_to_opt_out", number=person)["results"][0]["status"])):
            eventually(lambda: claiming.exec_driver_sql(waiting).scalar_one())
            assert answers == []
            claiming.commit()

    assert answers == ["added"]


def test_both_addresses_of_a_person_in_one_call_are_one_opt_out(heed: Heed) -> None:
    (person,) = numbers(1)
    link(heed, person, WHATSAPP_ID)

    answer = heed.act("add_to_opt_out", recipients=[{"number": person}, {"whatsapp_id": WHATSAPP_ID}])

    assert [one["status"] for one in answer["results"]] == ["added", "added"]
    assert answer["settled"] is True


def test_links_that_do_not_stand_still_are_answered_with_503_and_nothing_is_written(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = numbers(1)
    rows = row_counts(heed)
    asked: list[int] = []

    def another(_connection: object, _org: int, keys: list[bytes]) -> dict[bytes, list[tuple[bytes, int]]]:
        asked.append(1)
        return {keys[0]: [(b"%016d" % len(asked), 100 + len(asked))]}

    monkeypatch.setattr(book, "linked", another)
    answer = heed.call("POST", "/v1/actions/add_to_opt_out", {"number": person})

    assert answer.status_code == 503, answer.text
    assert 2 <= len(asked) <= 20
    monkeypatch.undo()
    assert row_counts(heed) == rows


def test_who_is_known_by_key_alone_is_not_remembered_as_an_address_without_letters(heed: Heed) -> None:
    (person,) = numbers(1)
    heed.act("add_to_opt_out", number=person)
    heed.post("/v1/profiles/erase", {"number": person})
    heed.act("record_opt_in", number=person, channel="sms")

    with heed.house.database.read() as connection:
        texts = [row[0] for row in connection.exec_driver_sql("SELECT canonical FROM addresses").all()]
    assert "" not in texts


def test_what_is_asked_not_to_wait_does_not(heed: Heed, provider) -> None:
    """Whoever hands over must not wait for hand-offs: it would wait for itself."""
    (person,) = numbers(1)
    heed.house.settling._limit_s = 5.0
    slowly(provider, person, ms=1500)
    sender = heed.sender(provider.url)["id"]
    book_of = heed.house.services.book

    with heed.working():
        send_later(heed, sender, person)
        eventually(lambda: seen(provider, [person]))
        began = time.monotonic()
        answer = book_of.set_fact(
            who(heed), FactKind.PROVIDER_BLOCKED, [target(heed, person)], holds=True, reason="21610", wait=False
        )
        assert time.monotonic() - began < 1.0
        assert answer is True, "there was nothing it was asked to wait for"
        waited = book_of.set_fact(who(heed), FactKind.COMPLAINT, [target(heed, person)], holds=True, reason="spam")
        assert time.monotonic() - began > 1.0
    assert waited is True
