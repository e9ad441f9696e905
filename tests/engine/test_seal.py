"""The seal: whatever is done to the history behind Heed's back shows, and what Heed itself writes does not."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from connector.domain.words import FactKind
from connector.engine import seal
from connector.store.book import Head
from connector.store.tables import events, heads
from tests.engine.scenes import beside, numbers, target, who
from tests.heed import Heed


@pytest.fixture
def chain(heed: Heed) -> tuple[int, list[Any]]:
    """Five lines about one person; the bucket and the lines."""
    (person,) = numbers(1)
    for channel in ("sms", "whatsapp", "voice"):
        heed.act("add_to_opt_out", number=person, channel=channel, reason="a test")
    heed.act("remove_from_opt_out", number=person, channel="sms")
    heed.act("record_opt_in", number=person, channel="sms", evidence={"form": "newsletter"})
    return lines(heed)


def lines(heed: Heed) -> tuple[int, list[Any]]:
    with heed.house.database.read() as connection:
        found = connection.execute(select(events).order_by(events.c.seq)).all()
    return found[0].bucket, found


def details(heed: Heed) -> list[tuple[int, str]]:
    return [(one["line"], one["detail"]) for one in heed.house.history.verify_all()["breaches"]]


def behind_our_back(heed: Heed, *statements: Any) -> None:
    with heed.house.database.write() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_history_is_whole(heed: Heed, chain: Any) -> None:
    assert len(chain[1]) == 5
    assert heed.house.history.verify_all() == {"lines": 5, "breaches": []}


CHANGED = "the line was changed, or is not the one written after the line before it"
CHANGED_PERSONAL = "who, why or the evidence was changed"
PERSONAL = ("actor", "reason", "evidence")
CHANGES: dict[str, Any] = {
    "state": "in", "occurred_at": 1, "recorded_at": 1, "reason": "they never asked", "actor": "somebody else",
    "channel": 6, "evidence": {"form": "another"}, "source": "operator", "list_id": None, "key": bytes(16),
}  # fmt: skip


def test_a_changed_line_shows_whatever_is_changed(heed: Heed, chain: Any) -> None:
    was = chain[1][1]
    for name, value in CHANGES.items():
        behind_our_back(heed, update(events).where(events.c.seq == 2).values({name: value}))
        assert details(heed) == [(2, CHANGED_PERSONAL if name in PERSONAL else CHANGED)], name
        behind_our_back(heed, update(events).where(events.c.seq == 2).values({name: was._mapping[name]}))

    assert details(heed) == []


def test_a_removed_line_shows(heed: Heed, chain: Any) -> None:
    behind_our_back(heed, delete(events).where(events.c.seq == 3))

    assert details(heed)[0] == (3, "line 3 is missing; line 4 stands in its place")


def test_a_removed_first_line_shows(heed: Heed, chain: Any) -> None:
    behind_our_back(heed, delete(events).where(events.c.seq == 1))

    assert details(heed)[0][0] == 1


def test_a_line_put_in_shows(heed: Heed, chain: Any) -> None:
    _, rows = chain
    forged = {**rows[4]._mapping, "id": 999_999, "seq": 6, "state": "in"}
    behind_our_back(heed, insert(events).values(forged))

    assert {line for line, _ in details(heed)} >= {6}


def test_a_line_put_in_between_shows(heed: Heed, chain: Any) -> None:
    _, rows = chain
    later = [update(events).where(events.c.id == row.id).values(seq=row.seq + 1) for row in reversed(rows[2:])]
    forged = {**rows[1]._mapping, "id": 999_999, "seq": 3}
    behind_our_back(heed, *later, insert(events).values(forged))

    assert (3, CHANGED) in details(heed)


def test_two_lines_that_changed_places_show(heed: Heed, chain: Any) -> None:
    _, rows = chain
    ids = [row.id for row in rows]
    behind_our_back(
        heed,
        update(events).where(events.c.id == ids[1]).values(seq=99),
        update(events).where(events.c.id == ids[2]).values(seq=2),
        update(events).where(events.c.id == ids[1]).values(seq=3),
    )

    assert {line for line, _ in details(heed)} >= {2, 3}


def test_a_shortened_chain_shows(heed: Heed, chain: Any) -> None:
    behind_our_back(heed, delete(events).where(events.c.seq == 5))

    assert details(heed) == [(5, "the chain ends at line 4, but 5 were written")]


def test_a_shortened_chain_with_a_fitting_head_shows(heed: Heed, chain: Any) -> None:
    _, rows = chain
    behind_our_back(
        heed, delete(events).where(events.c.seq == 5), update(heads).values(seq=4, seal=rows[3].seal)
    )  # fmt: skip

    assert details(heed) == [(4, "the head is not signed by this service")]


def test_a_chain_without_its_head_shows_and_a_head_without_its_chain(heed: Heed, chain: Any) -> None:
    behind_our_back(heed, delete(heads))
    assert details(heed) == [(5, "the chain has lost its head")]


def test_a_chain_that_is_gone_altogether_shows(heed: Heed, chain: Any) -> None:
    behind_our_back(heed, delete(events))

    assert details(heed) == [(5, "the chain ends at line 0, but 5 were written")]


def test_a_chain_worked_out_anew_without_the_key_shows(heed: Heed, chain: Any) -> None:
    """Who can write the whole database still lacks the key, which is not in it."""
    bucket, rows = chain
    org, secret, before, statements = rows[0].org, b"a guess", seal.START, []
    for row in rows:
        said = {**row._mapping, "state": "in"}
        before = Head(row.seq, seal.link(secret, bucket, before, said, row.digest))
        forged = {"state": "in", "seal": before.seal}
        statements.append(update(events).where(events.c.id == row.id).values(forged))
    head = {"seal": before.seal, "signature": seal.sign(secret, org, bucket, before)}
    behind_our_back(heed, *statements, update(heads).values(head))

    assert [line for line, _ in details(heed)] == [1, 2, 3, 4, 5, 5]


def test_personal_fields_that_are_gone_without_an_erasure_show(heed: Heed, chain: Any) -> None:
    bare = {"actor": None, "reason": None, "evidence": None, "salt": b""}
    behind_our_back(heed, update(events).where(events.c.seq == 3).values(bare))

    assert details(heed) == [(3, "who, why and the evidence are gone, and no erasure tells of it")]


def test_writers_beside_each_other_leave_whole_chains(heed: Heed) -> None:
    people = numbers(6)

    def says(word: str) -> None:
        for person in people:
            heed.act(word, number=person, channel="sms")

    def blocks() -> None:
        for person in people:
            heed.house.services.book.set_fact(
                who(heed), FactKind.BLOCKED, [target(heed, person)], holds=True, reason=None
            )  # fmt: skip

    with beside(lambda: says("add_to_opt_out"), lambda: says("record_opt_in"), blocks):
        pass

    told = heed.house.history.verify_all()
    assert told["breaches"] == []
    assert told["lines"] >= 18
