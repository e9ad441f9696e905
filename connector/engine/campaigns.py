"""The life of broadcasts and sequences: made, filled, started, paused, resumed, cancelled, reported."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.domain.consent import decide
from connector.domain.contents import content_faults, is_personal, lacking
from connector.domain.errors import Conflict, Fault, Invalid, NotFound
from connector.domain.ids import row_number
from connector.domain.recipients import Batch, Recipient
from connector.domain.records import Campaign, Content, Sender
from connector.domain.results import Result
from connector.engine.audience import Numbered, Place, faults_of, send_row, send_rows, target_for
from connector.engine.consent_book import rejected
from connector.engine.directories import Directories, named_lists, named_sender
from connector.engine.judge import question_for
from connector.engine.lanes import LANES, lanes_of
from connector.engine.ports import Clock, Hints
from connector.engine.report import campaign_report
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who
from connector.store import campaigns, fence, sends
from connector.store.database import Connection, Database
from connector.store.lookup import Lookup
from connector.store.sends import PARKED

_SLICE = 5_000
_WAIT_S = 10.0

#: From which states a campaign may go to another.
_FROM = {
    "running": ("draft", "paused"), "paused": ("running",), "cancelled": ("draft", "running", "paused"),
}  # fmt: skip


class Campaigns:
    """Campaigns of one organisation after another; people enter here, and only workers send."""

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

    def make(self, who: Who, values: Mapping[str, Any]) -> Campaign:
        """A draft from validated values; Invalid names the sender, lists and steps that don't fit."""
        directory = self._directories.current(who.organisation)
        sender = named_sender(directory, values["sender"])
        chosen = named_lists(directory, who.account, values["lists"])
        contents = [(step["delay"], Content(step["text"], step["subject"], step["html"])) for step in values["steps"]]
        faults = [
            fault
            for index, step in enumerate(values["steps"])
            for fault in content_faults(step, sender.channel, f"/steps/{index}")
        ]
        if values["kind"] == "broadcast" and len(contents) != 1:
            faults.append(Fault("/steps", "too_many", "a broadcast has one step"))
        if faults:
            raise Invalid(faults)
        row = {
            "org": who.organisation, "account": who.account, "kind": values["kind"], "name": values["name"],
            "sender": sender.id, "lists": [one.id for one in chosen], "purpose": values["purpose"].value,
            "require_opt_in": str(values["require_opt_in"]).lower(), "on_opt_out": values["on_opt_out"],
            "status": "draft", "created_at": self._clock(),
        }  # fmt: skip
        with self._database.write() as connection:
            number = campaigns.add(connection, row, contents)
            assert number is not None
            return self._found(connection, who.organisation, number)

    def find(self, org: int, name: str, *, kinds: Sequence[str] = ("broadcast", "sequence")) -> Campaign:
        """A campaign by its public id; NotFound."""
        number = row_number("campaign", name)
        with self._database.read() as connection:
            found = campaigns.find(connection, org, number) if number else None
        if found is None or found.kind not in kinds:
            raise NotFound
        return found

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
        refused = {person.pointer: fault for person in people if (fault := _fault(campaign, sender, person))}
        if batch.single and refused:
            raise Invalid(list(refused.values()))
        fit = Batch(tuple(person for person in people if person.pointer not in refused), batch.single)
        with self._database.write() as connection:
            fence.share_campaigns(connection, (campaign.id,))
            campaign = self._found(connection, who.organisation, campaign.id)
            if campaign.status == "cancelled":
                raise Conflict("The campaign was cancelled.", code="campaign_cancelled")
            take = self._enrol_all if campaign.kind == "sequence" else self._add_all
            statuses, buckets = take(connection, who.organisation, campaign, sender, fit, numbered)
        if campaign.status == "running":
            self._hints.give(lanes_of(buckets))
        return [_line(person, statuses.get(person.pointer), refused.get(person.pointer), sender) for person in people]

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
            sends.cancel_enrolments(connection, who.organisation, [one[0] for one in active], now)
        gone = {key for _, _, key, _ in active}
        statuses = {pointer: "removed" if target.key in gone else "absent" for pointer, target in targets.items()}
        return [_line(person, statuses.get(person.pointer), None, sender) for person in batch.people]

    def start(self, org: int, campaign: Campaign) -> bool:
        return self._run(org, campaign, by=self._clock() - PARKED, allowed=("draft",))

    def resume(self, org: int, campaign: Campaign) -> bool:
        return self._run(org, campaign, by=-PARKED, allowed=("paused",))

    def pause(self, org: int, campaign: Campaign) -> bool:
        """After this has answered True, nothing of the campaign is in flight and nothing of it goes out."""
        self._turn(org, campaign, "paused")
        self._shift(org, campaign.id, PARKED, parked=False)
        return self._quiet(org, campaign.id)

    def cancel(self, org: int, campaign: Campaign) -> bool:
        """As pause, for good: what is pending is cancelled."""
        self._turn(org, campaign, "cancelled")
        return self._quiet(org, campaign.id)

    def report(self, org: int, campaign: Campaign) -> dict[str, Any]:
        with self._database.read() as connection:
            return campaign_report(connection, org, campaign, self._clock())

    def _run(self, org: int, campaign: Campaign, by: int, allowed: Sequence[str]) -> bool:
        """Give parked rows their time back while no claim may look at them, then let the campaign run."""
        if campaign.status not in allowed:
            raise Conflict(f"The campaign is {campaign.status}.", code="wrong_state")
        self._shift(org, campaign.id, by, parked=True)
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            found = self._found(connection, org, campaign.id)
            if found.status not in allowed:
                raise Conflict(f"The campaign is {found.status}.", code="wrong_state")
            sends.shift(connection, org, campaign.id, by, 0, parked=True, limit=1 << 31)
            campaigns.change(connection, org, campaign.id, status="running", started_at=self._clock())
        self._hints.give(range(LANES))
        return True

    def _turn(self, org: int, campaign: Campaign, status: str) -> None:
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            found = self._found(connection, org, campaign.id)
            if found.status not in (*_FROM[status], status):
                raise Conflict(f"The campaign is {found.status}.", code="wrong_state")
            campaigns.change(connection, org, campaign.id, status=status)
            if status == "cancelled":
                now = self._clock()
                sends.cancel_pending(connection, org, campaign.id, now)
                campaigns.end_all(connection, org, campaign.id, "cancelled", now)

    def _shift(self, org: int, number: int, by: int, *, parked: bool) -> None:
        after, moved = 0, _SLICE
        while moved == _SLICE:
            with self._database.write() as connection:
                moved, after = sends.shift(connection, org, number, by, after, parked=parked, limit=_SLICE)

    def _quiet(self, org: int, number: int) -> bool:
        pause, end = 0.005, time.monotonic() + _WAIT_S
        while True:
            with self._database.read() as connection:
                if not sends.in_flight_of_campaign(connection, org, number):
                    return True
            if time.monotonic() > end:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def _add_all(
        self, connection: Connection, org: int, campaign: Campaign, sender: Sender, batch: Batch, numbered: Numbered
    ) -> tuple[dict[str, str], set[int]]:
        """A broadcast: a row for everybody, the unreachable among them in the report."""
        targets = self._targets(batch, sender, org)
        known = sends.keys_at(connection, org, campaign.id, [target.key for target in targets.values()])
        for key in known:
            numbered.seen.setdefault(key, 0)
        fresh = Batch(
            tuple(p for p in batch.people if p.pointer not in targets or targets[p.pointer].key not in known), False
        )
        place = self._place(org, campaign)
        rows = list(send_rows(fresh, sender.channel, place, self._secrets.address, numbered))
        sends.add_new(self._database, connection, rows)
        statuses = dict.fromkeys(targets, "already") | {
            person.pointer: "already" if row["copy"] else "enrolled" if row["key"] else "rejected"
            for person, row in zip(fresh.people, rows, strict=True)
        }
        return statuses, {row["bucket"] for row in rows if row["key"]}

    def _enrol_all(
        self, connection: Connection, org: int, campaign: Campaign, sender: Sender, batch: Batch, _numbered: Numbered
    ) -> tuple[dict[str, str], set[int]]:
        """A sequence: who may be spoken to now sets out; each step will ask again."""
        targets = self._targets(batch, sender, org)
        place = self._place(org, campaign)
        known = self._lookup.known_within(connection, org, [target.key for target in targets.values()])
        directory = self._directories.at(org, known.version, connection)
        statuses: dict[str, str] = {}
        willing: dict[bytes, tuple[str, Target]] = {}
        for pointer, target in targets.items():
            decision = decide(
                known.of(target.key), question_for(directory, campaign, place.now, target.address.kind.value)
            )
            if target.key in willing:
                statuses[pointer] = "already"
            elif decision.allowed or decision.held:
                willing[target.key] = (pointer, target)
            else:
                statuses[pointer] = "opted_out"
        rows = [_enrolment(target, place) for _, target in willing.values()]
        made = campaigns.enrol(self._database, connection, rows)
        statuses |= {pointer: "enrolled" if key in made else "already" for key, (pointer, _) in willing.items()}
        sends.add_new(
            self._database, connection,
            [send_row(willing[key][1], place, 0, enrolment=number) for key, number in made.items()],
        )  # fmt: skip
        return statuses, {willing[key][1].bucket for key in made}

    def _place(self, org: int, campaign: Campaign) -> Place:
        """Where the first step stands: due after its delay, or parked until the campaign runs."""
        now, first = self._clock(), campaign.steps[0]
        base = {"running": now, "draft": PARKED}.get(campaign.status, PARKED + now)
        return Place(org, campaign.id, first.id, base + first.delay, now)

    def _targets(self, batch: Batch, sender: Sender, org: int) -> dict[str, Target]:
        found = ((p.pointer, target_for(p, sender.channel, org, self._secrets.address)) for p in batch.people)
        return {pointer: target for pointer, target in found if target is not None}

    def _found(self, connection: Connection, org: int, number: int) -> Campaign:
        found = campaigns.find(connection, org, number)
        if found is None:
            raise NotFound
        return found


class People:
    """The way into and out of a sequence, as actions see it."""

    def __init__(self, of: Campaigns) -> None:
        self._of = of

    def enrol(self, who: Who, name: str, batch: Batch, attributes: Mapping[str, Any] | None) -> Result:
        return Result({"results": self._of.enrol(who, self._sequence(who, name), batch, Numbered(), attributes)})

    def remove(self, who: Who, name: str, batch: Batch) -> Result:
        return Result({"results": self._of.remove(who, self._sequence(who, name), batch)})

    def _sequence(self, who: Who, name: str) -> Campaign:
        try:
            return self._of.find(who.organisation, name, kinds=("sequence",))
        except NotFound:
            raise Invalid.at("/sequence", "unknown_sequence", "there is no such sequence") from None


def _with(person: Recipient, attributes: Mapping[str, Any] | None) -> Recipient:
    return replace(person, attributes={**attributes, **person.attributes}) if attributes else person


def _fault(campaign: Campaign, sender: Sender, person: Recipient) -> Fault | None:
    """Why a person can't be taken in: no address for the channel, or an attribute that a text needs."""
    for fault in faults_of(person, sender.channel):
        return fault
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
