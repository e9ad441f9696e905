"""Direct sends: a call becomes a campaign of one step that starts at once. Only workers hand anything over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.campaigns import Campaign, Content
from connector.domain.contents import is_personal, lacking
from connector.domain.errors import Conflict, Invalid, NotFound
from connector.domain.ids import public_id
from connector.domain.recipients import Batch
from connector.domain.records import Sender
from connector.domain.results import Result
from connector.domain.words import Purpose
from connector.engine.audience import Numbered, Place, send_rows
from connector.engine.bypassing import named_groups
from connector.engine.directories import Directories, named_lists
from connector.engine.lanes import lanes_of
from connector.engine.origin import request_id
from connector.engine.ports import Clock, Hints
from connector.engine.report import delivery
from connector.engine.secrets import Secrets
from connector.engine.targets import Who
from connector.engine.templates import Templates
from connector.engine.waiting import Waiting
from connector.store import campaigns, reports, sends
from connector.store.database import Database

#: Up to so many recipients the caller may wait for the outcome.
_MOST_WAITED_FOR = 100
_WAIT_S = 10.0


class Direct:
    """Queues messages and reports what became of them."""

    def __init__(
        self,
        database: Database,
        directories: Directories,
        secrets: Secrets,
        clock: Clock,
        hints: Hints,
        waiting: Waiting,
        templates: Templates,
    ) -> None:
        self._database = database
        self._directories = directories
        self._secrets = secrets
        self._clock = clock
        self._hints = hints
        self._waiting = waiting
        self._templates = templates

    def send(
        self, who: Who, sender_name: str, batch: Batch, values: Mapping[str, Any], *, lists: Sequence[str],
        purpose: Purpose, require_opt_in: bool | str, bypass_groups: Sequence[str], reference: str | None,
        send_at: int | None, wait: bool,
    ) -> Result:  # fmt: skip
        """Check everything, queue, wait a little, report."""
        directory = self._directories.current(who.organisation)
        sender = directory.find_sender(sender_name)
        if sender is None:
            raise Invalid.at("/sender", "unknown_sender", "there is no such sender")
        content, faults = self._templates.content(who.organisation, sender.channel, values)
        if not faults and is_personal(content):
            found = (lacking(content, person.attributes, person.pointer) for person in batch.people)
            faults = [fault for fault in found if fault is not None]
        if faults:
            raise Invalid(faults)
        chosen = named_lists(directory, who.account, lists)
        row = {
            "org": who.organisation, "account": who.account, "kind": "direct", "name": reference or "Direct send",
            "sender": sender.id, "lists": [one.id for one in chosen], "purpose": purpose.value,
            "require_opt_in": str(require_opt_in).lower(), "on_opt_out": "exit", "status": "running",
            "bypass": named_groups(directory, bypass_groups) or None, "reference": reference, "idempotency": who.once,
        }  # fmt: skip
        number, buckets = self._queue(row, sender, content, batch, send_at)
        self._hints.give(lanes_of(buckets))
        done = (
            wait
            and len(batch.people) <= _MOST_WAITED_FOR
            and self._waiting.until(lambda: self._is_over(who.organisation, number), _WAIT_S)
        )
        result = self.report(who.organisation, number)
        return result if done else Result(result.body, f"/v1/sends/{result.body['id']}")

    def report(self, org: int, number: int) -> Result:
        """What became of a direct send, everybody in the order of the call."""
        directory = self._directories.current(org)
        with self._database.read() as connection:
            campaign = campaigns.find(connection, org, number)
            if campaign is None or campaign.kind != "direct":
                raise NotFound
            rows = reports.rows_of(connection, org, number, 0, 1001)
        return Result(delivery(directory, public_id("request", number), rows, self._clock()))

    def _queue(
        self, row: Mapping[str, Any], sender: Sender, content: Content, batch: Batch, send_at: int | None
    ) -> tuple[int, set[int]]:
        """Store the send, all or nothing; a repeat of a keyed request finds what the first one stored."""
        org, now = row["org"], self._clock()
        with self._database.write() as connection:
            number = campaigns.add(
                connection, {**row, "created_at": now, "started_at": now}, [campaigns.NewStep(0, content)]
            )
            if number is None:
                return _known(campaigns.find_by_idempotency(connection, org, row["idempotency"])), set()
            (step,) = reports.step_positions(connection, org, number)
            place = Place(org, number, step, max(now, send_at or now), now, request_id())
            rows = list(send_rows(batch, sender.channel, place, self._secrets.address, Numbered()))
            sends.add(connection, rows)
        return number, {one["bucket"] for one in rows if one["key"] is not None}

    def _is_over(self, org: int, number: int) -> bool:
        with self._database.read() as connection:
            return not reports.open_count(connection, org, number, self._clock())


def _known(campaign: Campaign | None) -> int:
    if campaign is None:
        raise Conflict("The first send with this idempotency key is still being stored.", code="in_progress")
    return campaign.id
