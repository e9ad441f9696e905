"""Who lets whom pass: claims go side by side, a refusal goes alone, and only where the same people are meant."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, exc, text

from connector.store import fence
from tests.heed import Heed

Lock = Callable[[Connection], None]

ADA, SAME_LOCK, BOB = b"\x00\x00\x00\x01" + b"a" * 12, b"\x00\x00\x00\x01" + b"b" * 12, b"\x00\x00\x00\x02" + b"c" * 12
#: The classes of the three locks, as PostgreSQL shows them.
CAMPAIGNS, BUCKETS, PEOPLE = 1_782_351_310, 3_981_168_022, 1_051_208_262
LONG = 5_000_000_000  # campaign numbers are wider than locks


def claims(*buckets: int) -> Lock:
    return lambda connection: fence.share_buckets(connection, buckets)


def refuses(*buckets: int) -> Lock:
    return lambda connection: fence.close_buckets(connection, buckets)


def works_for(*campaigns: int) -> Lock:
    return lambda connection: fence.share_campaigns(connection, campaigns)


def stops(campaign: int) -> Lock:
    return lambda connection: fence.close_campaign(connection, campaign)


def counts(*people: bytes) -> Lock:
    return lambda connection: fence.close_people(connection, people)


# who holds, who comes, and whether the second waits for the first
PAIRS: dict[str, tuple[Lock, Lock, bool]] = {
    "a claim beside a claim": (claims(7), claims(7), False),
    "a claim waits for a refusal": (refuses(7), claims(7), True),
    "a refusal waits for a claim": (claims(7), refuses(7), True),
    "a refusal waits for a refusal": (refuses(7), refuses(7), True),
    "not for one about other people": (refuses(7), refuses(8), False),
    "nor does a claim of other people": (refuses(7), claims(8, 9), False),
    "one bucket of several is enough": (refuses(9, 3, 5), claims(5, 1), True),
    "each of several counts": (claims(1, 255, 4), refuses(255), True),
    "a claim for a campaign beside another": (works_for(7), works_for(7), False),
    "a pause waits for the claim": (works_for(7), stops(7), True),
    "a claim waits for the pause": (stops(7), works_for(7, 8), True),
    "two turns of a campaign, one after the other": (stops(7), stops(7), True),
    "the pause of another campaign stops nothing": (stops(7), works_for(8), False),
    "a long campaign number is a lock too": (stops(LONG), works_for(LONG), True),
    "and not that of another": (stops(LONG), works_for(LONG + 1), False),
    "who is counted is counted by one claim": (counts(ADA), counts(ADA), True),
    "the lock is of the key's first bytes": (counts(ADA), counts(SAME_LOCK), True),
    "others are counted beside": (counts(ADA), counts(BOB), False),
    "a bucket is no campaign": (refuses(7), stops(7), False),
    "nor a person": (refuses(1, 2), counts(ADA, BOB), False),
    "and a person no campaign": (counts(ADA), stops(1), False),
    "nobody locks nobody out": (refuses(), refuses(), False),
}


@pytest.mark.parametrize("case", PAIRS)
def test_who_waits_for_whom(heed: Heed, case: str) -> None:
    database = heed.house.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time, and BEGIN IMMEDIATE has put it in line")
    first, second, waits = PAIRS[case]

    with database.write() as holder:
        first(holder)
        with database.engine.connect() as comer:
            comer.execute(text("SET LOCAL lock_timeout = '60ms'"))
            if waits:
                with pytest.raises(exc.OperationalError, match="lock timeout"):
                    second(comer)
                comer.rollback()
            else:
                second(comer)
    with database.write() as later:  # the locks went with their transaction
        second(later)


def test_on_sqlite_only_a_writer_may_pass(heed: Heed) -> None:
    database = heed.house.database
    if not database.is_sqlite:
        pytest.skip("PostgreSQL has locks of its own")
    for lock in (claims(1), refuses(1), works_for(1), stops(1), counts(ADA)):
        with database.write() as writer:
            lock(writer)
        with pytest.raises(fence.WrongIsolation), database.read() as reader:
            lock(reader)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_under_an_older_snapshot_the_fence_does_not_hold_and_says_so(heed: Heed, level: str) -> None:
    if heed.house.database.is_sqlite:
        pytest.skip("SQLite has one isolation")
    strict = heed.house.database.engine.execution_options(isolation_level=level)
    for lock in (claims(1), refuses(1, 2), works_for(1), stops(1), counts(ADA)):
        with strict.connect() as connection, pytest.raises(fence.WrongIsolation):
            lock(connection)


def test_the_numbers_of_the_locks_stay_so_that_an_older_version_beside_this_one_meets_them(heed: Heed) -> None:
    if heed.house.database.is_sqlite:
        pytest.skip("SQLite has no such locks")
    with heed.house.database.write() as connection:
        for lock in (works_for(7), claims(8), counts(ADA)):
            lock(connection)
        held = "SELECT classid, objid, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        locks = {tuple(row) for row in connection.exec_driver_sql(held)}

    assert locks == {
        (CAMPAIGNS, 7, "ShareLock"), (BUCKETS, 8, "ShareLock"), (PEOPLE, 1, "ExclusiveLock"),
    }  # fmt: skip
