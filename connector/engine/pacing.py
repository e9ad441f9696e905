"""The pace of senders: within the claim, so that it holds over all workers whatever they are doing.

What a sender may not send yet gets a later time and leaves the claims free for others. Marketing is spread behind what
waits already; what a person waits for is due again as soon as one more may leave.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.instants import MINUTE
from connector.domain.pace import pace_of
from connector.domain.words import Purpose
from connector.engine.marks import waiting
from connector.store import paces
from connector.store.database import Connection, Database
from connector.store.directory import Directory
from connector.store.paces import Reached
from connector.store.sends import Due

#: How far what waits is spread at most. What waits longer is moved again; a campaign that is cancelled leaves a gap of
#: this length at most.
_FURTHEST = 10 * MINUTE
#: How many rows one claim moves at most beside its own.
_MOVED = 1000


@dataclass(frozen=True, slots=True)
class Shares:
    """Who may leave now, the marks of those who wait, and the senders that have somebody waiting."""

    passing: Sequence[Due]
    marks: Sequence[dict[str, Any]]
    exhausted: frozenset[int]


class Pacing:
    """Shares out what senders with a pace may send now, and keeps the rest out of the way until then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._soonest: int | None = None

    def is_awaited(self, now: int) -> bool:
        """Whether something that was put off here may leave by now; true once, then somebody is expected to look."""
        if self._soonest is None or self._soonest > now:
            return False
        self._soonest = None
        return True

    def share(
        self, connection: Connection, org: int, directory: Directory, of: Mapping[int, Campaign], ready: Sequence[Due],
        resting: Mapping[int, int], now: int,
    ) -> Shares:  # fmt: skip
        """Two statements, and none where no sender has a pace. Their rows are held until the claim commits.

        ``resting``: senders that were not to send when we peeked, and until when.
        """
        by_sender: dict[int, list[Due]] = {}
        for row in ready:
            by_sender.setdefault(of[row.campaign].sender, []).append(row)
        paced = {one: pace for one in by_sender if (pace := pace_of(directory.senders[one].settings))}
        marks = [
            waiting(row, until, ripe_at=row.due_at)
            for one, until in resting.items() if one not in paced
            for row in by_sender.get(one, ())
        ]  # fmt: skip
        if paced:
            before = paces.lock(self._database, connection, org, paced)
            after: dict[int, Reached] = {}
            for one, pace in paced.items():
                rows = sorted(by_sender[one], key=lambda row: (_is_marketing(of[row.campaign]), row.due_at))
                count, free_at = pace.granted(before[one].free_at, len(rows), now)
                after[one], late = _spread(rows[count:], of, replace(before[one], free_at=free_at, gap=pace.gap), now)
                marks += late
                if late:
                    self._expect(free_at)
            paces.put(connection, org, after)
        late_ids = {mark["row_id"] for mark in marks}
        exhausted = frozenset(of[row.campaign].sender for row in ready if row.id in late_ids)
        return Shares([row for row in ready if row.id not in late_ids], marks, exhausted)

    def put_off(
        self, connection: Connection, org: int, of: Iterable[Campaign], senders: Container[int],
        buckets: Iterable[int], now: int,
    ) -> None:  # fmt: skip
        """Everything that is due by senders that have to wait makes room, in one statement. Call it after the marks."""
        waits = [one for one in of if one.sender in senders and one.status == "running" and is_plain(one)]
        if waits:
            spread = {one.id: one.sender for one in waits if _is_marketing(one)}
            numbers = [one.id for one in waits]
            paces.put_off(connection, org, numbers, spread, buckets, now, now + _FURTHEST, _MOVED)

    def _expect(self, at: int) -> None:
        self._soonest = at if self._soonest is None else min(at, self._soonest)


def is_plain(campaign: Campaign) -> bool:
    """No step waits for a time of day: such rows are looked at one by one, for only then is their time known."""
    return all(step.at is None for step in campaign.steps)


def _spread(
    rows: Sequence[Due], of: Mapping[int, Campaign], reached: Reached, now: int
) -> tuple[Reached, list[dict[str, Any]]]:  # fmt: skip
    """Marketing goes behind what waits already; what a person waits for is due as soon as one more may leave."""
    marks, tail = [], reached.tail
    for row in rows:
        due_at = reached.free_at
        if _is_marketing(of[row.campaign]):
            due_at = tail = min(max(tail + reached.gap, reached.free_at), max(now + _FURTHEST, reached.free_at))
        marks.append(waiting(row, due_at, ripe_at=row.due_at))
    return replace(reached, tail=tail), marks


def _is_marketing(campaign: Campaign) -> bool:
    return campaign.purpose is Purpose.MARKETING
