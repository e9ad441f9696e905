"""Many rows at once leave the same behind as one at a time."""

import os
from typing import Any

import pytest
from sqlalchemy import select, text

from connector.domain.addresses import Address, AddressKind
from connector.domain.errors import Unavailable
from connector.store import book, bulk
from connector.store.database import among
from connector.store.tables import addresses, entries, events, outbox
from tests.heed import Heed

MANY = bulk.FROM + 50
NASTY = ["\\", "\\N", "a\tb", "line\nline", '"quoted"', "'", "\\x41", "", "日本語 \U0001f600", None]


def event(org: int, place: int, reason: str | None) -> dict[str, Any]:
    return {
        "org": org, "bucket": 3, "seq": place + 1, "key": place.to_bytes(16, "big"), "list_id": None, "channel": 0,
        "state": "out", "source": "api", "actor": "test", "reason": reason, "evidence": {"why": reason, "n": [place]},
        "occurred_at": 1, "recorded_at": 2, "salt": b"", "digest": b"\x00\xff", "seal": b"\\x",
    }  # fmt: skip


def head(org: int, seq: int) -> dict[str, Any]:
    return {"org": org, "bucket": 3, "seq": seq, "seal": b"", "signature": b""}


@pytest.mark.parametrize("count", [len(NASTY), MANY])
def test_events_are_numbered_in_the_order_given_and_read_back_as_they_were(heed: Heed, count: int) -> None:
    given = [event(7, place, NASTY[place % len(NASTY)]) for place in range(count)]
    with heed.house.database.write() as connection:
        numbers = book.append(heed.house.database, connection, [dict(row) for row in given], [head(7, count)])
        # One more, the usual way: it comes after them.
        last = book.append(heed.house.database, connection, [event(7, count, "x")], [head(7, count + 1)])
    assert numbers == sorted(set(numbers))
    assert last[0] > numbers[-1]
    with heed.house.database.read() as connection:
        query = select(events).where(events.c.org == 7).order_by(events.c.id)
        found = [dict(row._mapping) for row in connection.execute(query)][:-1]
    assert found == [{"id": number, **row} for number, row in zip(numbers, given, strict=True)]


def test_words_are_written_over_and_addresses_are_remembered_once(heed: Heed) -> None:
    keys = [os.urandom(16) for _ in range(MANY)]
    known = {key: Address(AddressKind.EMAIL, f"{key.hex()}\\@x", "w") for key in keys}
    rows = [
        {"org": 7, "key": key, "list_id": 1, "channel": 0, "state": 1, "since": 5, "expires_at": None, "event": 1}
        for key in keys
    ]
    database = heed.house.database
    with database.write() as connection:
        book.put_entries(database, connection, rows)
        book.put_entries(database, connection, [{**row, "state": 2, "since": 6, "event": 2} for row in rows])
        for now in (1, 2):
            book.remember(database, connection, 7, known, 1, now)
        book.put_outbox(
            connection, [{"org": 7, "event": place, "list_id": 1, "created_at": 1} for place in range(MANY)]
        )
    with database.read() as connection:
        words = {(row.state, row.since, row.event) for row in connection.execute(select(entries))}
        people = connection.execute(select(addresses).where(addresses.c.org == 7)).all()
        found = connection.execute(select(entries.c.key).where(among(connection, entries.c.key, keys[:99]))).scalars()
        assert set(found) == set(keys[:99])
        told = connection.execute(select(outbox.c.event).where(outbox.c.org == 7).order_by(outbox.c.id)).scalars()
        assert list(told) == list(range(MANY))
    assert words == {(2, 6, 2)}
    assert {row.canonical for row in people} == {one.canonical for one in known.values()}
    assert {row.created_at for row in people} == {1}


@pytest.mark.parametrize("heed", ["postgresql"], indirect=True)
def test_a_connection_lost_on_the_way_is_unavailable_and_writes_nothing(heed: Heed) -> None:
    database = heed.house.database
    rows = [{"org": 7, "event": place, "list_id": 1, "created_at": 1} for place in range(MANY)]

    def lose_it() -> None:
        with database.write() as connection:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with database.read() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
            bulk.insert(connection, outbox, rows)

    with pytest.raises(Unavailable):
        lose_it()
    with database.read() as connection:
        assert connection.execute(select(outbox.c.id).where(outbox.c.org == 7)).first() is None
