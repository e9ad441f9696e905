"""Members of groups taken into campaigns that run: a thousand at a time, each slice whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.contents import is_personal
from connector.domain.errors import Fault, Invalid
from connector.domain.ids import public_id
from connector.domain.recipients import Batch, Recipient, read_person
from connector.domain.records import Sender
from connector.domain.words import SendStatus
from connector.engine.audience import Numbered, send_row, target_for
from connector.engine.directories import Directories
from connector.engine.enrolling import Enrolling, fault_of
from connector.engine.lanes import lanes_of
from connector.engine.ports import Hints
from connector.engine.secrets import Secrets
from connector.store import campaigns, contacts, fence, sends
from connector.store.contacts import Stored
from connector.store.database import Connection, Database

_AT_ONCE = 1_000
#: So many members with a missing attribute are named when a start is refused.
_NAMED = 20


class Gathering:
    """Takes people in as the worker gets round to it; the audience is never held in memory."""

    def __init__(
        self, database: Database, directories: Directories, enrolling: Enrolling, secrets: Secrets, hints: Hints
    ) -> None:
        self._database = database
        self._directories = directories
        self._enrolling = enrolling
        self._secrets = secrets
        self._hints = hints

    def unfinished(self) -> list[int]:
        """Running campaigns that still take people in."""
        with self._database.read() as connection:
            return campaigns.unfilled(connection)

    def insist_complete(self, org: int, campaign: Campaign) -> None:
        """Invalid where members of its groups lack an attribute that a text needs: found before the first send."""
        if not any(is_personal(step.content) for step in campaign.steps):
            return
        directory = self._directories.current(org)
        sender, faults = directory.senders[campaign.sender], list[Fault]()
        with self._database.read() as connection:
            for group in campaign.groups:
                after = 0
                while members := contacts.page(connection, org, group, after, _AT_ONCE):
                    after = members[-1].id
                    found = (_lacks(campaign, sender, person_of(one)) for one in members)
                    faults += islice((fault for fault in found if fault), _NAMED - len(faults))
                    if len(faults) == _NAMED:
                        raise Invalid(faults)
        if faults:
            raise Invalid(faults)

    def work(self, number: int, slice_s: float) -> bool:
        """Go on with a campaign; True where the slice ended before the work did."""
        end = time.monotonic() + slice_s
        while time.monotonic() < end:
            with self._database.write() as connection:
                buckets = self._slice(connection, number)
            if buckets is None:
                return False
            self._hints.give(lanes_of(buckets))
        return True

    def _slice(self, connection: Connection, number: int) -> set[int] | None:
        """The next members, and how far that is, in one transaction; None where there is nothing to do now."""
        fence.share_campaigns(connection, (number,))
        place = campaigns.open_audience(connection, number)
        if place is None:
            return None
        org = place.org
        campaign = campaigns.find(connection, org, number)
        if campaign is None or campaign.status != "running":
            return None
        members = contacts.page(connection, org, place.group_id, place.after, _AT_ONCE)
        numbered = Numbered(place.taken)
        buckets = self._take(connection, org, campaign, members, numbered) if members else set()
        campaigns.audience_at(
            connection, org, number, place.group_id, after=members[-1].id if members else place.after,
            taken=numbered.ordinal, done=len(members) < _AT_ONCE,
        )  # fmt: skip
        return buckets

    def _take(
        self, connection: Connection, org: int, campaign: Campaign, members: Sequence[Stored], numbered: Numbered
    ) -> set[int]:
        sender = self._directories.fresh(connection, org).senders[campaign.sender]
        people = [person_of(one) for one in members]
        lacking = [person for person in people if _lacks(campaign, sender, person)]
        missed = {person.pointer for person in lacking}
        fit = Batch(tuple(person for person in people if person.pointer not in missed), False)
        _, buckets = self._enrolling.take_in(connection, org, campaign, sender, fit, numbered)
        place = self._enrolling.place(org, campaign)
        targets = [target_for(person, sender.channel, org, self._secrets.address) for person in lacking]
        sends.add_new(
            self._database, connection,
            [
                send_row(target, place, 0) | {
                    "status": SendStatus.FAILED.value, "error": "template: an attribute is missing",
                    "settled_at": place.now, "due_at": place.now,
                }
                for target in targets if target is not None
            ],
        )  # fmt: skip
        return buckets


def person_of(one: Stored) -> Recipient:
    """A contact as a recipient."""
    given: dict[str, Any] = {kind: address for kind, (address, _) in one.addresses.items()}
    return read_person({**given, "attributes": one.attributes}, f"/contacts/{public_id('contact', one.id)}", None)


def _lacks(campaign: Campaign, sender: Sender, person: Recipient) -> Fault | None:
    """The attribute that a text needs and this person, who can be reached, does not have."""
    fault = fault_of(campaign, sender, person)
    return fault if fault is not None and fault.code == "missing_attribute" else None
