"""People and the sequences they are in, as actions and inbound messages see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.errors import Invalid, NotFound
from connector.domain.recipients import Batch
from connector.domain.results import Result
from connector.engine.audience import Numbered
from connector.engine.campaigns import Campaigns
from connector.engine.enrolling import Enrolling
from connector.engine.fenced import Fenced
from connector.engine.targets import Target, Who
from connector.store import campaigns, schedule
from connector.store.database import Connection, Database


class People:
    """The way into and out of a sequence, as actions see it."""

    def __init__(self, database: Database, campaigns: Campaigns, enrolling: Enrolling, fenced: Fenced) -> None:
        self._database = database
        self._campaigns = campaigns
        self._enrolling = enrolling
        self._fenced = fenced

    def enrol(self, who: Who, name: str, batch: Batch, attributes: Mapping[str, Any] | None) -> Result:
        return Result({"results": self._enrolling.enrol(who, self._sequence(who, name), batch, Numbered(), attributes)})

    def replied(self, who: Who, sender: int, target: Target) -> None:
        """A person has written to a sender: who leaves on a reply, leaves, before the next message can begin."""
        org = who.organisation

        def write(connection: Connection, now: int) -> None:
            mine = campaigns.left_on_reply(connection, org, sender, target.key)
            campaigns.end_enrolments(connection, org, mine, "replied", now)
            schedule.cancel_enrolments(connection, org, mine, now)

        with self._database.read() as connection:
            concerned = campaigns.left_on_reply(connection, org, sender, target.key)
        if concerned:
            self._fenced.refuse(org, [target], write, wait=False)

    def remove(self, who: Who, name: str, batch: Batch) -> Result:
        return Result({"results": self._enrolling.remove(who, self._sequence(who, name), batch)})

    def _sequence(self, who: Who, name: str) -> Campaign:
        try:
            return self._campaigns.find(who.organisation, name, kinds=("sequence",))
        except NotFound:
            raise Invalid.at("/sequence", "unknown_sequence", "there is no such sequence") from None
