"""The life of broadcasts and sequences: made, filled, started, paused, resumed, cancelled, reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.errors import Conflict, Fault, Invalid, NotFound
from connector.domain.ids import row_number
from connector.engine.bypassing import insist_bypass, named_audience, named_groups
from connector.engine.directories import Directories, named_lists, named_sender
from connector.engine.lanes import LANES
from connector.engine.ports import Clock, Hints
from connector.engine.report import campaign_report
from connector.engine.targets import Who
from connector.engine.templates import Templates
from connector.engine.waiting import Waiting
from connector.store import campaigns, fence, schedule, sends
from connector.store.database import Connection, Database
from connector.store.schedule import PARKED

_SLICE = 5_000
_WAIT_S = 10.0

#: From which states a campaign may go to another.
_FROM = {
    "running": ("draft", "paused"), "paused": ("running",), "cancelled": ("draft", "running", "paused"),
}  # fmt: skip


#: What may change while people are on their way, beside the lists that govern.
_CHANGEABLE = ("name", "on_opt_out", "timezone", "quiet_hours", "exit_on_reply", "re_entry")
#: What a decision rests on.
_DECIDING = {"lists", "bypass", "require_opt_in"}


class Campaigns:
    """Campaigns of one organisation after another; people enter here, and only workers send."""

    def __init__(
        self, database: Database, directories: Directories, clock: Clock, hints: Hints, waiting: Waiting,
        templates: Templates,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._clock = clock
        self._hints = hints
        self._waiting = waiting
        self._templates = templates

    def make(self, who: Who, values: Mapping[str, Any]) -> Campaign:
        """A draft from validated values; Invalid names the sender, lists and steps that don't fit."""
        if values["bypass_groups"]:
            insist_bypass(who)
        directory = self._directories.current(who.organisation)
        sender = named_sender(directory, values["sender"])
        chosen = named_lists(directory, who.account, values["lists"])
        contents = [
            self._templates.content(who.organisation, sender.channel, step, f"/steps/{index}")
            for index, step in enumerate(values["steps"])
        ]
        made = [
            campaigns.NewStep(step["delay"], content, step["at"])
            for step, (content, _) in zip(values["steps"], contents, strict=True)
        ]
        audience = named_audience(directory, values["groups"])
        faults = [fault for _, found in contents for fault in found]
        if values["kind"] == "broadcast" and len(made) != 1:
            faults.append(Fault("/steps", "too_many", "a broadcast has one step"))
        if faults:
            raise Invalid(faults)
        row = {
            "org": who.organisation, "account": who.account, "kind": values["kind"], "name": values["name"],
            "sender": sender.id, "lists": [one.id for one in chosen], "purpose": values["purpose"].value,
            "require_opt_in": str(values["require_opt_in"]).lower(), "on_opt_out": values["on_opt_out"],
            "bypass": named_groups(directory, values["bypass_groups"]) or None, "status": "draft",
            "groups": audience or None, "timezone": values["timezone"], "quiet_hours": values["quiet_hours"],
            "exit_on_reply": values["exit_on_reply"],
            "re_entry": values["re_entry"],
            "created_at": self._clock(),
        }  # fmt: skip
        with self._database.write() as connection:
            number = campaigns.add(connection, row, made) or 0
            campaigns.add_audience(connection, who.organisation, number, audience)
            return found(connection, who.organisation, number)

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> tuple[Campaign, bool]:
        """Merge; what was decided before is over when this answers True, so a list that was added holds at once."""
        org, directory = who.organisation, self._directories.current(who.organisation)
        if values.get("bypass_groups"):
            insist_bypass(who)
        columns = {field: values[field] for field in _CHANGEABLE if field in values}
        if "lists" in values:
            columns["lists"] = [one.id for one in named_lists(directory, who.account, values["lists"])]
        if "bypass_groups" in values:
            columns["bypass"] = named_groups(directory, values["bypass_groups"]) or None
        if "require_opt_in" in values:
            columns["require_opt_in"] = str(values["require_opt_in"]).lower()
        campaign = self.find(org, name)
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            if found(connection, org, campaign.id).status == "cancelled":
                raise Conflict("The campaign was cancelled.", code="campaign_cancelled")
            if columns:
                campaigns.change(connection, org, campaign.id, **columns)
            campaign = found(connection, org, campaign.id)
        return campaign, self._quiet(org, campaign.id) if columns.keys() & _DECIDING else True

    def find(self, org: int, name: str, *, kinds: Sequence[str] = ("broadcast", "sequence")) -> Campaign:
        """A campaign by its public id; NotFound."""
        number = row_number("campaign", name)
        with self._database.read() as connection:
            found = campaigns.find(connection, org, number) if number else None
        if found is None or found.kind not in kinds:
            raise NotFound
        return found

    def start(self, org: int, campaign: Campaign) -> bool:
        return self._run(org, campaign, by=self._clock() - PARKED, allowed=("draft",))

    def resume(self, org: int, campaign: Campaign) -> bool:
        return self._run(org, campaign, by=-PARKED, allowed=("paused",))

    def pause(self, org: int, campaign: Campaign) -> bool:
        """After this has answered True, nothing of the campaign is in flight and nothing of it goes out."""
        self._turn(org, campaign, "paused")
        self._shift(org, campaign.id, PARKED, parked=False, being=("paused",))
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
        if campaign.status == "running":
            return True
        self._shift(org, campaign.id, by, parked=True, being=allowed)
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            present = found(connection, org, campaign.id)
            if present.status == "running":
                return True
            if present.status not in allowed:
                raise Conflict(f"The campaign is {present.status}.", code="wrong_state")
            schedule.shift(connection, org, campaign.id, by, 0, parked=True, limit=1 << 31)
            campaigns.change(connection, org, campaign.id, status="running", started_at=self._clock())
        self._hints.give(range(LANES))
        return True

    def _turn(self, org: int, campaign: Campaign, status: str) -> None:
        with self._database.write() as connection:
            fence.close_campaign(connection, campaign.id)
            present = found(connection, org, campaign.id)
            if present.status not in (*_FROM[status], status):
                raise Conflict(f"The campaign is {present.status}.", code="wrong_state")
            campaigns.change(connection, org, campaign.id, status=status)
            if status == "cancelled":
                now = self._clock()
                schedule.cancel_pending(connection, org, campaign.id, now)
                campaigns.end_all(connection, org, campaign.id, "cancelled", now)

    def _shift(self, org: int, number: int, by: int, *, parked: bool, being: Sequence[str]) -> None:
        """Slice by slice while the campaign stays as it is: rows parked after a resume would wait for ever."""
        after, moved = 0, _SLICE
        while moved == _SLICE:
            with self._database.write() as connection:
                fence.share_campaigns(connection, (number,))
                if found(connection, org, number).status not in being:
                    return
                moved, after = schedule.shift(connection, org, number, by, after, parked=parked, limit=_SLICE)

    def _quiet(self, org: int, number: int) -> bool:
        return self._waiting.until(lambda: self._is_quiet(org, number), _WAIT_S)

    def _is_quiet(self, org: int, number: int) -> bool:
        with self._database.read() as connection:
            return not sends.in_flight_of_campaign(connection, org, number)


def found(connection: Connection, org: int, number: int) -> Campaign:
    """A campaign by its number; NotFound."""
    campaign = campaigns.find(connection, org, number)
    if campaign is None:
        raise NotFound
    return campaign
