"""The work in an order in which a death matters. Each of these must be caught, or the proof proves nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from sqlalchemy import update

from connector.domain.messages import Accepted
from connector.engine.claim import Claims, Work
from connector.engine.house import House
from connector.engine.send import Sender, Settled
from connector.store import hooks, journal, sends
from connector.store.hooks import Delivery
from connector.store.journal import Noted
from connector.store.tables import deliveries


@dataclass(frozen=True)
class Mutant:
    """What is done in another order, and the scene in which a death shows it."""

    change: Callable[[House], Any]
    scene: str


@contextmanager
def marked_late(_house: House) -> Iterator[None]:
    """A send is marked as in hand when it has been handed over."""
    mark, write = sends.mark_sending, Sender._write

    def mark_and_write(self: Sender, token: int, settled: Sequence[Settled]) -> None:
        with self._database.write() as connection:
            ids = [one.work.due.id for one in settled]
            mark(connection, settled[0].work.org, ids, token, self._clock() + 8_000_000)
        write(self, token, settled)

    with ExitStack() as stack:
        stack.enter_context(patch.object(sends, "mark_sending", lambda *_: None))
        stack.enter_context(patch.object(Sender, "_write", mark_and_write))
        yield


@contextmanager
def settled_first(house: House) -> Iterator[None]:
    """A send is settled as sent, and then handed over."""
    plain = Claims.claim

    def claim_and_settle(self: Claims, buckets: Sequence[int], token: int, *more: Any) -> list[Work] | None:
        works = plain(self, buckets, token, *more)
        if works:
            house.sender._write(token, [Settled(work, Accepted(None)) for work in works])
        return works

    with patch.object(Claims, "claim", claim_and_settle):
        yield


@contextmanager
def told_first(_house: House) -> Iterator[None]:
    """A webhook counts as delivered when it is taken in hand."""
    plain = hooks.take_due

    def take(connection: Any, *values: Any) -> list[Delivery]:
        taken = plain(connection, *values)
        for one in taken:
            connection.execute(update(deliveries).where(deliveries.c.id == one.id).values(status="delivered"))
        return taken

    with patch.object(hooks, "take_due", take):
        yield


@contextmanager
def heard_first(_house: House) -> Iterator[None]:
    """A message that comes in counts as dealt with when it is noted."""
    plain = journal.receive

    def receive(db: Any, connection: Any, org: int, sender: int, message: str, key: Any, now: int) -> Noted:
        noted = plain(db, connection, org, sender, message, key, now)
        if noted.outcome is None:
            journal.dealt_with(connection, org, sender, message, "opted_out", now)
        return noted

    with patch.object(journal, "receive", receive):
        yield


MUTANTS: Mapping[str, Mutant] = {
    "marked late": Mutant(marked_late, "broadcast"),
    "settled first": Mutant(settled_first, "broadcast"),
    "told first": Mutant(told_first, "telling"),
    "heard first": Mutant(heard_first, "stopping"),
}
