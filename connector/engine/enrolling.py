"""Who is on the way: people taken into broadcasts and sequences, and taken off again. Nobody is taken in twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.consent import decide
from connector.domain.contents import is_personal, lacking
from connector.domain.errors import Conflict, Fault, Invalid
from connector.domain.recipients import Batch, Recipient
from connector.domain.records import Sender
from connector.engine.audience import Numbered, Place, faults_of, send_row, send_rows, target_for
from connector.engine.bypassing import groups_around
from connector.engine.campaigns import found
from connector.engine.directories import Directories
from connector.engine.judge import question_for
from connector.engine.lanes import lanes_of
from connector.engine.origin import request_id
from connector.engine.ports import Clock, Hints
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who
from connector.engine.words_written import rejected
from connector.store import campaigns, fence, schedule, sends
from connector.store.database import Connection, Database
from connector.store.lookup import Lookup
from connector.store.schedule import PARKED


class Enrolling:
    """Takes people in, a batch at a time; only workers send."""

    def __init__(
        self, database: Database, directories: Directories, lookup: Lookup, secrets: Secrets, clock: Clock,
        hints: Hints,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._lookup = lookup
        self._secrets = secrets
        self._clock = clock
        self._hints = hints

    def enrol(
        self,
        who: Who,
        campaign: Campaign,
        batch: Batch,
        numbered: Numbered,
        attributes: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Take people in; answers a status for each. Nobody is taken in twice."""
        directory = self._directories.current(who.organisation)
        sender = directory.senders[campaign.sender]
        people = [_with(person, attributes) for person in batch.people]
        batch = Batch(tuple(people), batch.single)
        refused = {person.pointer: fault for person in people if (fault := fault_of(campaign, sender, person))}
        if batch.single and refused:
            raise Invalid(list(refused.values()))
        fit = Batch(tuple(person for person in people if person.pointer not in refused), batch.single)
        with self._database.write() as connection:
            fence.share_campaigns(connection, (campaign.id,))
            campaign = found(connection, who.organisation, campaign.id)
            if campaign.status == "cancelled":
                raise Conflict("The campaign was cancelled.", code="campaign_cancelled")
            statuses, buckets = self.take_in(connection, who.organisation, campaign, sender, fit, numbered)
        if campaign.status == "running":
            self._hints.give(lanes_of(buckets))
        return [_line(person, statuses.get(person.pointer), refused.get(person.pointer), sender) for person in people]

    def take_in(
        self, connection: Connection, org: int, campaign: Campaign, sender: Sender, batch: Batch, numbered: Numbered
    ) -> tuple[dict[str, str], set[int]]:
        """People who can be spoken to; a status by their pointers, and the buckets where something is due now."""
        if campaign.kind == "sequence":
            return self._enrol_all(connection, org, campaign, sender, batch)
        return self._add_all(connection, org, campaign, sender, batch, numbered)

    def remove(self, who: Who, campaign: Campaign, batch: Batch) -> list[dict[str, Any]]:
        """Take people off their way; what has not gone out is cancelled."""
        directory = self._directories.current(who.organisation)
        sender = directory.senders[campaign.sender]
        batch.insist(sender.channel) if batch.single else None
        targets = self._targets(batch, sender, who.organisation)
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            keys = [target.key for target in targets.values()]
            active = campaigns.active_enrolments(connection, who.organisation, keys, campaign.id)
            now = self._clock()
            campaigns.end_enrolments(connection, who.organisation, [one[0] for one in active], "removed", now)
            schedule.cancel_enrolments(connection, who.organisation, [one[0] for one in active], now)
        gone = {key for _, _, key, _ in active}
        statuses = {pointer: "removed" if target.key in gone else "absent" for pointer, target in targets.items()}
        return [_line(person, statuses.get(person.pointer), None, sender) for person in batch.people]

    def _add_all(
        self, connection: Connection, org: int, campaign: Campaign, sender: Sender, batch: Batch, numbered: Numbered
    ) -> tuple[dict[str, str], set[int]]:
        """A broadcast: a row for everybody, the unreachable among them in the report."""
        targets = self._targets(batch, sender, org)
        known = sends.keys_at(connection, org, campaign.id, [target.key for target in targets.values()])
        fresh = Batch(
            tuple(p for p in batch.people if p.pointer not in targets or targets[p.pointer].key not in known), False
        )
        place = self.place(org, campaign)
        rows = list(send_rows(fresh, sender.channel, place, self._secrets.address, numbered))
        sends.add_new(self._database, connection, rows)
        statuses = dict.fromkeys(targets, "already") | {
            person.pointer: "already" if row["copy"] else "enrolled" if row["key"] else "rejected"
            for person, row in zip(fresh.people, rows, strict=True)
        }
        return statuses, {row["bucket"] for row in rows if row["key"]}

    def _enrol_all(
        self, connection: Connection, org: int, campaign: Campaign, sender: Sender, batch: Batch
    ) -> tuple[dict[str, str], set[int]]:
        """A sequence: who may be spoken to now sets out; each step will ask again."""
        targets = self._targets(batch, sender, org)
        # An opt-out is before us and refuses, or after us and ends what we begin.
        fence.share_buckets(connection, {target.bucket for target in targets.values()})
        place = self.place(org, campaign)
        known = self._lookup.known_within(connection, org, [target.key for target in targets.values()])
        directory = self._directories.at(org, known.version, connection)
        groups = groups_around(connection, org, [campaign], [target.key for target in targets.values()])
        statuses: dict[str, str] = {}
        willing: dict[bytes, tuple[str, Target]] = {}
        for pointer, target in targets.items():
            kind = target.address.kind.value
            question = question_for(directory, campaign, place.now, kind, groups.get(target.key, frozenset()))
            decision = decide(known.of(target.key), question)
            if target.key in willing:
                statuses[pointer] = "already"
            elif decision.allowed or decision.held:
                willing[target.key] = (pointer, target)
            else:
                statuses[pointer] = "opted_out"
        rows = [_enrolment(willing[key][1], place) for key in sorted(willing)]  # one order for all: no deadlock
        made = campaigns.enrol(self._database, connection, rows, again=campaign.re_entry == "after_end")
        statuses |= {pointer: "enrolled" if key in made else "already" for key, (pointer, _) in willing.items()}
        sends.add_new(
            self._database, connection,
            [send_row(willing[key][1], place, 0, copy=-way, enrolment=one) for key, (one, way) in made.items()],
        )  # fmt: skip
        return statuses, {willing[key][1].bucket for key in made}

    def place(self, org: int, campaign: Campaign) -> Place:
        """Where the first step stands: due after its delay, or parked until the campaign runs."""
        now, first = self._clock(), campaign.steps[0]
        base = {"running": now, "draft": PARKED}.get(campaign.status, PARKED + now)
        return Place(org, campaign.id, first.id, base + first.delay, now, request_id())

    def _targets(self, batch: Batch, sender: Sender, org: int) -> dict[str, Target]:
        found = ((p.pointer, target_for(p, sender.channel, org, self._secrets.address)) for p in batch.people)
        return {pointer: target for pointer, target in found if target is not None}


def _with(person: Recipient, attributes: Mapping[str, Any] | None) -> Recipient:
    return person._replace(attributes={**attributes, **person.attributes}) if attributes else person


def fault_of(campaign: Campaign, sender: Sender, person: Recipient) -> Fault | None:
    """Why a person can't be taken in: no address for the channel, or an attribute that a text needs."""
    if faults := faults_of(person, sender.channel):
        return faults[0]
    for step in campaign.steps:
        if is_personal(step.content) and (fault := lacking(step.content, person.attributes, person.pointer)):
            return fault
    return None


def _line(person: Recipient, status: str | None, fault: Fault | None, sender: Sender) -> dict[str, Any]:
    if fault is not None:
        return {**person.public, "status": "rejected", "errors": [{"code": fault.code, "detail": fault.detail}]}
    if status is None:
        return rejected(person, sender.channel)
    return {**person.public, "status": status}


def _enrolment(target: Target, place: Place) -> dict[str, Any]:
    return {
        "org": place.org, "campaign": place.campaign, "key": target.key, "bucket": target.bucket,
        "kind": target.address.kind.value, "address": target.address.wire,
        "attributes": dict(target.person.attributes) or None, "status": "active", "entered_at": place.now,
    }  # fmt: skip
