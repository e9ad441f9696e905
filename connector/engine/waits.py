"""Whether a bare yes can be meant as an opt-in: it answers whatever was asked last, and that need not be us."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.forms import CONFIRM_WITHIN
from connector.domain.instants import DAY
from connector.domain.records import OptOutList
from connector.domain.words import State
from connector.store import book, forms, reports
from connector.store.database import Connection

#: A message that went out within this time may be the question that a yes answers.
_ASKED_WITHIN = DAY


def waits(connection: Connection, org: int, key: bytes, chosen: Sequence[OptOutList], now: int) -> bool:
    """Whether this person is out of one of these lists, or was asked to confirm an opt-in to all of them.

    And not where a message that is no confirmation went to them after the "no": then the yes may answer that one.
    """
    numbers = [one.id for one in chosen]
    if set(numbers) <= forms.asked_into(connection, org, key, now - CONFIRM_WITHIN):
        return True
    outs = [word.since for word in book.current(connection, org, [key], numbers).values() if word.state == State.OUT]
    if not outs:
        return False
    return not reports.was_written_to(connection, org, key, max(*outs, now - _ASKED_WITHIN))
