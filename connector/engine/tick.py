"""The ticker: every second any worker looks at the database for what is due, and tells Redis. Redis may forget."""

from __future__ import annotations

from connector.engine.lanes import lanes_of
from connector.engine.ports import Clock, Hints
from connector.engine.reap import reap
from connector.store import schedule
from connector.store.database import Database


def tick(database: Database, clock: Clock, hints: Hints) -> list[int]:
    """Reap the dead, hint at every lane where something is due; answers the lanes."""
    reap(database, clock)
    with database.read() as connection:
        lanes = lanes_of(schedule.buckets_due(connection, clock()))
    hints.give(lanes)
    return lanes
