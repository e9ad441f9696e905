"""The ticker: every second any worker looks at the database for what is due, and tells Redis. Redis may forget."""

from __future__ import annotations

from connector.domain.instants import DAY
from connector.engine.lanes import lanes_of
from connector.engine.ports import Clock, Hints
from connector.engine.reap import reap
from connector.store import journal, schedule
from connector.store.database import Database


def tick(database: Database, clock: Clock, hints: Hints) -> list[int]:
    """Reap the dead, hint at every lane where something is due; answers the lanes."""
    reap(database, clock)
    with database.read() as connection:
        lanes = lanes_of(schedule.buckets_due(connection, clock()))
    hints.give(lanes)
    return lanes


def tidy(database: Database, clock: Clock) -> int:
    """Forget the answers of keyed requests after a day."""
    with database.write() as connection:
        return journal.forget_older(connection, clock() - DAY)
