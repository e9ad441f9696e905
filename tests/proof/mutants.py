"""The protocol with one thing taken out of it. Each of these must be caught, or the proof proves nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from connector.engine import reap
from connector.engine.claim import Claims
from connector.engine.house import House
from connector.engine.settling import Settling
from connector.store import fence, lookup, sends
from connector.store.lookup import Known, Lookup
from connector.store.sends import Candidate, Due
from tests.proof.scheduler import acting

Change = Callable[[House], Any]


@dataclass(frozen=True)
class Mutant:
    """What is taken out, and the scene and the databases in which that matters."""

    change: Change
    scene: str = "enrolment"
    databases: tuple[str, ...] = ("postgresql",)


@contextmanager
def no_lock(_house: House) -> Iterator[None]:
    """Neither claims nor opt-outs lock the bucket."""
    with patch.object(fence, "share_buckets", _nothing), patch.object(fence, "close_buckets", _nothing):
        yield


@contextmanager
def lock_in_the_reading_statement(_house: House) -> Iterator[None]:
    """The claim locks the bucket in the statement that reads what is known: its snapshot is older than the wait."""
    kept: dict[Any, list[int]] = {}
    plain = Lookup._statement

    def later(_connection: Any, buckets: Iterable[int]) -> None:
        kept[acting()] = sorted(buckets)

    def lock_and_read(self: Lookup, driver: Any, organisation: int, keys: list[bytes], since: int | None) -> list[Any]:
        if (buckets := kept.pop(acting(), None)) is None:
            return plain(self, driver, organisation, keys, since)
        values = {"org": organisation, "keys": keys, "class": fence._BUCKETS, "locks": buckets}
        return list(driver.execute(_LOCK_AND_READ, values, binary=True).fetchall())

    with patch.object(fence, "share_buckets", later), patch.object(Lookup, "_statement", lock_and_read):
        yield


_LOCK_AND_READ = f"""
    WITH locked AS MATERIALIZED (
        SELECT pg_advisory_xact_lock_shared(%(class)s, lock) FROM unnest(%(locks)s::int[]) AS lock)
    SELECT found.* FROM (SELECT count(*) AS held FROM locked) AS one,
        ({lookup._POSTGRES}) AS found(key, list_id, channel, state, since, expires_at)
    WHERE one.held > 0
"""  # noqa: S608 - constants


@contextmanager
def repeatable_read(house: House) -> Iterator[None]:
    """Every transaction keeps the snapshot of its first statement, and nobody asserts that it does not."""
    database = house.database
    strict = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with patch.object(database, "engine", strict), patch.object(fence, "_lock", _lock_at_any_isolation):
        yield


@contextmanager
def no_wait(_house: House) -> Iterator[None]:
    """The opt-out is answered as soon as it is written."""
    with patch.object(Settling, "wait", _at_once):
        yield


@contextmanager
def memory_batch(house: House) -> Iterator[None]:
    """Who is due and what is known of them is read where they are looked for, and held in memory until the claim."""
    rows: dict[Any, list[Due]] = {}
    facts: dict[Any, Known] = {}
    peek, lock_due, within = Claims._peek, sends.lock_due, Lookup.known_within

    def peek_and_read(self: Claims, buckets: Any, first: int, limit: int) -> list[Candidate]:
        found = peek(self, buckets, first, limit)
        if found and acting() is not None:
            org, campaigns = found[0].org, {one.campaign for one in found}
            with house.database.read() as connection:
                held = rows[acting()] = lock_due(connection, org, campaigns, buckets, self._clock(), limit)
                facts[acting()] = within(self._lookup, connection, org, [row.key for row in held])
        return found

    def held_rows(*values: Any) -> list[Due]:
        return rows.pop(acting(), None) or lock_due(*values)

    def held_facts(*values: Any) -> Known:
        return facts.pop(acting(), None) or within(*values)

    with ExitStack() as stack:
        stack.enter_context(patch.object(Claims, "_peek", peek_and_read))
        stack.enter_context(patch.object(sends, "lock_due", held_rows))
        stack.enter_context(patch.object(Lookup, "known_within", held_facts))
        yield


@contextmanager
def lease_only(_house: House) -> Iterator[None]:
    """Whoever is past the deadline counts as dead, though it still holds its liveness lock."""
    with patch.object(reap, "is_dead", lambda _database, _token: True):
        yield


@contextmanager
def cancel_only(house: House) -> Iterator[None]:
    """An opt-out takes back what is pending, without lock and without wait."""
    with ExitStack() as stack:
        stack.enter_context(no_lock(house))
        stack.enter_context(no_wait(house))
        yield


_BOTH = ("postgresql", "sqlite")

#: SQLite has one writer and one isolation: what is about locks and snapshots has no counterpart there.
MUTANTS: Mapping[str, Mutant] = {
    "no lock": Mutant(no_lock),
    "lock in the reading statement": Mutant(lock_in_the_reading_statement),
    "repeatable read": Mutant(repeatable_read),
    "no wait": Mutant(no_wait, databases=_BOTH),
    "memory batch": Mutant(memory_batch, databases=_BOTH),
    "lease only": Mutant(lease_only, "stalled", _BOTH),
    "cancel only": Mutant(cancel_only),
}


def _nothing(*_values: Any) -> None: ...


def _at_once(*_values: Any) -> bool:
    return True


def _lock_at_any_isolation(connection: Any, statement: Any, kind: int, locks: Iterable[int]) -> None:
    connection.execute(statement, {"class": kind, "locks": sorted(set(locks))}).all()
