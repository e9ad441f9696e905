"""The claim: under the fence's shared locks, decide once more for everything due, and take in hand what is allowed.

It is the only place that makes a ``Permit``. The row stands there as ``sending`` before the first byte can leave.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.consent import ALLOWED, Decision, Reason, decide
from connector.domain.contents import message_of
from connector.domain.expressions import ExpressionFailed
from connector.domain.ids import public_id
from connector.domain.instants import MINUTE, SECOND
from connector.domain.messages import Kind, Message, Permit
from connector.domain.records import Sender
from connector.domain.words import Purpose, ReasonCode, SendStatus
from connector.engine import meters, step
from connector.engine.bypassing import Bypassing, groups_around, is_needed
from connector.engine.calm import disturbed, known_for_claim, later
from connector.engine.directories import Directories
from connector.engine.fenced import suppressed
from connector.engine.guard import Guard
from connector.engine.judge import question_for, reason_rows
from connector.engine.links import Links
from connector.engine.marks import held, left, waiting
from connector.engine.pacing import Pacing, is_plain
from connector.engine.ports import Clock
from connector.engine.tags import Tagging
from connector.engine.telling import tell_ends
from connector.store import campaigns, fence, links_out, sends
from connector.store.database import Connection, Database
from connector.store.directory import Directory
from connector.store.lookup import Lookup
from connector.store.sends import Candidate, Due
from connector.uptime import uptime

#: How many sends one worker has in its hands at the same time, and so how many a kill can leave unknown at most.
#: Half of the cost of a claim does not depend on it; hands are threads that wait for a provider.
BATCH = 32
#: A hand-off takes at most this long, provider's answer included.
PROVIDER_S = 5.0
#: A row that was claimed is handed over or given back within this time.
HAND_OFF_S = 8.0
#: A change is confirmed so soon or not at all: 47 CFR 64.1200(a)(12).
CONFIRMED_WITHIN = 5 * MINUTE
#: The person was erased while this was on its way: nobody knows where to any more.
_ERASED = Decision((Reason(ReasonCode.ERASED),))


@dataclass(frozen=True, slots=True)
class Work:
    """A send in hand: the message, how it leaves, and the right to hand it over."""

    org: int
    due: Due
    message: Message
    sender: Sender
    permit: Permit


class Claims:
    """Takes due sends in hand, a few at a time."""

    def __init__(
        self, database: Database, lookup: Lookup, directories: Directories, bypassing: Bypassing, clock: Clock,
        guard: Guard, links: Links,
    ) -> None:  # fmt: skip
        self._database = database
        self._lookup = lookup
        self._directories = directories
        self._bypassing = bypassing
        self._clock = clock
        self._guard = guard
        self._links = links
        self._pacing = Pacing(database)

    def claim(self, buckets: Sequence[int], token: int, limit: int = BATCH) -> list[Work] | None:
        """Up to ``limit`` sends that may go out now; None where nothing was due (so an empty list means: ask again)."""
        if not self._guard.is_home(token):
            return None
        first = random.choice(buckets)  # noqa: S311 - a lottery, so that no bucket waits for another to run dry
        found = self._peek(buckets, first, limit)
        if not found:
            return None
        org = found[0].org
        mine = [one for one in found if one.org == org]
        with self._database.write() as connection:
            fence.share_campaigns(connection, {one.campaign for one in mine})
            fence.share_buckets(connection, {one.bucket for one in mine})
            began, now = uptime(), self._clock()
            # New statements from here on: their snapshot is younger than the locks.
            of = campaigns.load(connection, org, {one.campaign for one in mine})
            resting = {one.sender: one.free_at for one in mine if one.free_at > now}
            running = [
                number for number, campaign in of.items()
                if campaign.status == "running" and not (campaign.sender in resting and is_plain(campaign))
            ]  # fmt: skip
            due: list[Due] = []
            for part in _turned(sorted({one.bucket for one in mine}), first):
                if len(due) < limit:
                    due += sends.lock_due(connection, org, running, part, now, limit - len(due))
            directory, taken, untold, tired = self._take(connection, org, due, of, resting, token, began, now)
            self._pacing.put_off(
                connection, org, of.values(), {*resting, *tired}, {one.bucket for one in mine}, now
            )  # fmt: skip
            count = self._guard.count(connection) if taken else None
        self._guard.counted(count)
        if untold:
            self._bypassing.tell(org, untold, of, directory)
        return taken

    def is_awaited(self) -> bool:
        """Whether something that was put off here may leave by now."""
        return self._pacing.is_awaited(self._clock())

    def _peek(self, buckets: Sequence[int], first: int, limit: int) -> list[Candidate]:
        """Where something is due, beginning with one bucket and going around."""
        found: list[Candidate] = []
        with self._database.read() as connection:
            for part in _turned(sorted(buckets), first):
                if len(found) < limit:
                    found += sends.peek(connection, part, self._clock(), 4 * limit)
        return found

    def _take(
        self, connection: Connection, org: int, due: Sequence[Due], of: Mapping[int, Campaign],
        resting: Mapping[int, int], token: int, began: float, now: int,
    ) -> tuple[Directory, list[Work], list[Due], frozenset[int]]:  # fmt: skip
        """What is taken in hand; what would pass an opt-out and has no line of history that says so yet; the senders
        that may send no more for now."""
        keys = [row.key for row in due]
        known, directory = known_for_claim(self._lookup, self._directories, connection, org, keys, now)
        walking = [row.enrolment for row in due if row.enrolment is not None]
        active = campaigns.still_active(connection, org, walking) if walking else set()
        groups = groups_around(connection, org, of.values(), keys)
        ready, untold, marks, ended, decided = [], [], [], [], []
        for row in due:
            campaign = of[row.campaign]
            question = question_for(directory, campaign, now, row.kind, groups.get(row.key, frozenset()))
            facts = disturbed(known.of(row.key), campaign, row, directory, now)
            decision = decide(facts, question) if row.address else _ERASED
            decided.append(decision.reasons)
            if row.enrolment is not None and (row.enrolment, row.copy) not in active:
                marks.append(left(row, decision, now))
            elif campaign.purpose is Purpose.CONFIRMATION and now > (row.ripe_at or row.due_at) + CONFIRMED_WITHIN:
                marks.append(left(row, ALLOWED, now))
            elif (until := later(campaign, row)) is not None and (decision.allowed or decision.held):
                marks.append(waiting(row, until))
            elif decision.held:
                marks.append(held(row, decision))
            elif not decision.allowed:
                marks.append(suppressed(row.id, reason_rows(decision), now))
                ended.append(step.Ended(row.id, SendStatus.SUPPRESSED, refused=True))
            elif row.bypass is None and is_needed(known.of(row.key), question):
                untold.append(row)
            else:
                ready.append(row)
                if directory.longest_cap and question.purpose is Purpose.MARKETING:
                    known.note(row.key, campaign.account, now)
        shares = self._pacing.share(connection, org, directory, of, ready, resting, now)
        tagging = Tagging(self._links, directory, now)
        taken = []
        for row in shares.passing:
            work = self._hand_in(org, row, of[row.campaign], tagging, token, began)
            if isinstance(work, Work):
                taken.append(work)
            else:
                marks.append(work)
                ended.append(step.Ended(row.id, SendStatus.FAILED))
        sends.mark_sending(connection, org, [w.due.id for w in taken], token, now + int(HAND_OFF_S * SECOND))
        sends.mark(connection, [*marks, *shares.marks])
        tell_ends(connection, directory, ((one["row_id"], one["status"]) for one in marks), now)
        meters.decided("send", decided)
        links_out.add(self._database, connection, tagging.given)
        step.go_on(self._database, connection, org, {row.id: row for row in due}, of, ended, now)
        return directory, taken, untold, shares.exhausted

    def _hand_in(
        self, org: int, row: Due, campaign: Campaign, tagging: Tagging, token: int, began: float
    ) -> Work | dict[str, Any]:  # fmt: skip
        """The work for an allowed send, or the mark for one that can't be rendered."""
        now = self._clock()
        sender = tagging.directory.senders[campaign.sender]
        content = next(one.content for one in campaign.steps if one.id == row.step)
        try:
            message = message_of(
                public_id("send", row.id), sender, row.address, content, row.attributes,
                tagging.of(row, campaign, sender, content), tagging.unsubscribe_url(row, campaign, sender),
                tagging.mark(row, sender),
            )  # fmt: skip
        except ExpressionFailed:
            return {
                "row_id": row.id, "status": SendStatus.FAILED.value, "reason": None, "reasons": None,
                "error": f"{Kind.TEMPLATE.value}: an attribute is missing", "settled_at": now, "due_at": now,
            }  # fmt: skip
        return Work(org, row, message, sender, Permit(row.id, token, began + HAND_OFF_S))


def _turned(buckets: Sequence[int], first: int) -> list[list[int]]:
    """These from ``first`` on, then those before it."""
    parts = [one for one in buckets if one >= first], [one for one in buckets if one < first]
    return [part for part in parts if part]
