"""The reaper: what a dead worker had in hand becomes ``unknown``: never sent twice, never lost in silence."""

from __future__ import annotations

import structlog

from connector.domain.instants import SECOND
from connector.domain.words import SendStatus
from connector.engine import step
from connector.engine.ports import Clock
from connector.store import campaigns, fence, reaping
from connector.store.database import Database
from connector.store.liveness import is_dead

log = structlog.get_logger()

#: How far a hand-off may be past its deadline before anybody looks.
MARGIN = 2 * SECOND


def reap(database: Database, clock: Clock) -> int:
    """Give up what is overdue in the hands of the dead; a worker that only stands still keeps its rows."""
    now = clock()
    with database.read() as connection:
        overdue = reaping.overdue_tokens(connection, now - MARGIN)
    return sum(_give_up(database, token, now) for token in overdue if is_dead(database, token))


def _give_up(database: Database, token: int, now: int) -> int:
    with database.write() as connection:
        # Shared with claims and settling, so that no next step is made behind the back of a cancel.
        fence.share_campaigns(connection, reaping.campaigns_in_hand(connection, token))
        given_up = reaping.give_up(connection, token, now - MARGIN, now)
        for org in {org for org, _ in given_up}:
            rows = reaping.by_ids(connection, org, [number for one, number in given_up if one == org])
            of = campaigns.load(connection, org, {row.campaign for row in rows.values()})
            ended = [step.Ended(number, SendStatus.UNKNOWN) for number in rows]
            step.go_on(database, connection, org, rows, of, ended, now)
    if given_up:
        log.warning("hand_offs_unknown", count=len(given_up), token=token)
    return len(given_up)
