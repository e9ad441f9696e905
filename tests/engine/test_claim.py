"""The claim: what is due is taken in hand once, a few at a time, and only under the fence's own rules."""

import random
import threading

import pytest
from sqlalchemy import func, select, update

from connector.demo.launch import Running
from connector.domain.addresses import bucket_of
from connector.engine.claim import BATCH
from connector.store import fence, tables
from tests.engine.scenes import (
    HOUR,
    beside,
    campaign,
    change_enrolments,
    claim,
    enrol,
    link,
    numbers,
    report,
    seen,
    send_later,
    statuses,
    target,
    turn,
    who,
)
from tests.heed import Heed


def of(works: list) -> list[str]:
    return [work.message.to for work in works]


def counted(heed: Heed, status: str) -> int:
    query = select(func.count()).select_from(tables.sends).where(tables.sends.c.status == status)
    with heed.house.database.read() as connection:
        return connection.execute(query).scalar_one()


def started(heed: Heed, people: list[str]) -> str:
    name = campaign(heed, None)
    enrol(heed, name, people)
    turn(heed, name, "start")
    return name


def test_another_isolation_than_read_committed_is_refused(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    started(heed, numbers(1))
    database = heed.house.database
    if database.is_sqlite:
        monkeypatch.setattr(database, "write", database.read)  # a claim that forgot to say it writes
    else:
        monkeypatch.setattr(database, "engine", database.engine.execution_options(isolation_level="REPEATABLE READ"))

    with pytest.raises(fence.WrongIsolation):
        claim(heed)

    with pytest.raises(fence.WrongIsolation), database.write() as connection:
        fence.close_buckets(connection, [1])
    monkeypatch.undo()
    assert counted(heed, "pending") == 1


def test_at_most_so_many_are_in_hand(heed: Heed) -> None:
    started(heed, numbers(BATCH + 5))

    _, few = claim(heed, limit=3)
    _, more = claim(heed)

    assert (len(few), len(more)) == (3, BATCH)
    assert counted(heed, "sending") == 3 + BATCH
    assert len({*of(few), *of(more)}) == 3 + BATCH


def test_nothing_due_is_none_and_nothing_allowed_is_an_empty_hand(heed: Heed) -> None:
    sender = heed.sender()["id"]
    (person,) = numbers(1)

    assert claim(heed)[1] is None

    heed.act("add_to_opt_out", number=person)
    send_later(heed, sender, person)
    assert claim(heed)[1] == []
    assert claim(heed)[1] is None


def test_what_is_to_be_sent_later_is_not_due_before(heed: Heed) -> None:
    (person,) = numbers(1)
    body = {"sender": heed.sender()["id"], "number": person, "text": "hi", "async": True}
    heed.post("/v1/actions/send_with_suppression", body | {"send_at": "2100-01-01T00:00:00Z"}, status=202)

    assert claim(heed)[1] is None

    heed.clock.pass_by(80 * 8766 * HOUR)
    assert of(claim(heed)[1]) == [person]


def test_workers_never_take_the_same_row(heed: Heed) -> None:
    people = numbers(150)
    started(heed, people)
    taken: list[str] = []
    together = threading.Barrier(4)

    def work(token: int) -> None:
        together.wait(10)
        while (works := heed.house.sender._claims.claim(range(256), token)) is not None:
            taken.extend(of(works))

    with beside(*[lambda token=token: work(token) for token in (101, 102, 103, 104)]):
        pass

    assert sorted(taken) == sorted(people)
    assert counted(heed, "sending") == 150


def test_a_bucket_does_not_wait_until_another_is_empty(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    org = who(heed).organisation
    crowds: dict[int, list[str]] = {}
    candidates = numbers(20_000)
    for one in candidates:
        crowds.setdefault(bucket_of(org, one), []).append(one)
    low, middle, high = sorted(crowds)[0], sorted(crowds)[100], sorted(crowds)[200]
    lonely = crowds[middle][0]
    started(heed, [*crowds[low][:30], lonely, *crowds[high][:30]])
    monkeypatch.setattr("connector.engine.claim.random", random.Random(7))

    taken: list[str] = []
    while lonely not in taken:
        taken += of(heed.house.sender._claims.claim([low, middle, high], 1, 1))

    assert len(taken) < 15


def test_a_claim_takes_the_message_of_its_own_organisation(heed: Heed) -> None:
    other = heed.post("/v1/organisations", {"name": "Another"})["admin_key"]
    (person,) = numbers(1)
    mine = heed.sender()["id"]
    heed.act("add_to_opt_out", number=person)
    send_later(heed, mine, person, text="mine")
    sender = heed.post("/v1/senders", {"channel": "sms", "number": "+15005550006", "provider": "console"},
                       Authorization=f"Bearer {other}")["id"]  # fmt: skip
    body = {"sender": sender, "number": person, "text": "theirs", "async": True}
    heed.post("/v1/actions/send_with_suppression", body, Authorization=f"Bearer {other}", status=202)

    taken: list[str | None] = []
    while (works := claim(heed)[1]) is not None:
        taken += [work.message.text for work in works]

    assert taken == ["theirs"]


def test_the_step_of_somebody_who_has_left_is_cancelled(heed: Heed, provider: Running) -> None:
    """A settle that runs beside an opt-out can make a next step nobody takes back; a START must not let it out."""
    (person,) = numbers(1)
    name = campaign(heed, provider, "sequence")
    enrol(heed, name, [person])
    turn(heed, name, "start")
    change_enrolments(heed, "opted_out")

    heed.work()

    assert statuses(heed, [person]) == {person: "cancelled"}
    assert seen(provider, [person]) == []


def test_a_sender_that_was_changed_since_is_read_anew(heed: Heed, provider: Running) -> None:
    """The directory of the claim is never older than the facts it is read with."""
    (person,) = numbers(1)
    sender = heed.sender("http://127.0.0.1:9/")["id"]
    send_later(heed, sender, person)
    heed.house.services.directories.current(who(heed).organisation)

    heed.call("PATCH", f"/v1/senders/{sender}", {"settings": {"url": provider.url}})
    heed.work()

    assert len(seen(provider, [person])) == 1


def test_an_address_linked_after_the_send_was_queued_counts(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    heed.act("add_to_opt_out", whatsapp_id="US.13491208655302741920")
    send_later(heed, sender, person)
    link(heed, person, "US.13491208655302741920")

    heed.work()

    assert statuses(heed, [person]) == {person: "suppressed"}
    assert target(heed, person).key


def test_a_row_that_another_holds_is_passed_over(heed: Heed) -> None:
    if heed.house.database.is_sqlite:
        pytest.skip("SQLite has one writer: nobody can hold a row while a claim looks")
    first, second = numbers(2)
    name = started(heed, [first, second])

    with heed.house.database.write() as connection:
        connection.execute(update(tables.sends).where(tables.sends.c.address == first).values(attempts=3))
        assert of(claim(heed)[1]) == [second]

    assert of(claim(heed)[1]) == [first]
    assert report(heed, name)["sent"] == 0
