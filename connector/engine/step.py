"""A person's way through a campaign: when a step has ended, the next one is due, or the way ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.campaigns import Campaign, Step
from connector.domain.words import SendStatus
from connector.engine.audience import Place
from connector.store import campaigns, sends
from connector.store.database import Connection, Database
from connector.store.sends import Due


@dataclass(frozen=True, slots=True)
class Ended:
    """A send that has come to its end, and whether it was refused by what is known of the person."""

    id: int
    status: SendStatus
    refused: bool = False


def go_on(
    database: Database, connection: Connection, org: int, rows: Mapping[int, Due], of: Mapping[int, Campaign],
    ended: Sequence[Ended], now: int,
) -> None:  # fmt: skip
    """Make the next sends of those who are still on their way, and end the way of those who leave or are done."""
    walking = [(rows[one.id], one) for one in ended if rows[one.id].enrolment is not None]
    if not walking:
        return
    active = campaigns.still_active(connection, org, [row.enrolment for row, _ in walking if row.enrolment])
    leaving: dict[str, list[int]] = {}
    following: list[dict[str, Any]] = []
    for row, one in walking:
        campaign, enrolment = of[row.campaign], row.enrolment
        if enrolment is None or (enrolment, row.copy) not in active:
            continue
        upcoming = next_step(campaign, row.step)
        if one.refused and campaign.on_opt_out == "exit":
            leaving.setdefault("opted_out", []).append(enrolment)
        elif upcoming is None:
            leaving.setdefault("done", []).append(enrolment)
        else:
            following.append(_next(row, Place(org, campaign.id, upcoming.id, now + upcoming.delay, now)))
    for status, numbers in leaving.items():
        campaigns.end_enrolments(connection, org, numbers, status, now)
    sends.add_new(database, connection, following)


def next_step(campaign: Campaign, after: int) -> Step | None:
    """The step that follows another; None where it was the last."""
    position = next(one.position for one in campaign.steps if one.id == after)
    return next((one for one in campaign.steps if one.position > position), None)


def _next(row: Due, place: Place) -> dict[str, Any]:
    return {
        "org": place.org, "campaign": place.campaign, "step": place.step, "enrolment": row.enrolment, "ordinal": 0,
        "copy": row.copy, "key": row.key, "bucket": row.bucket, "kind": row.kind, "address": row.address,
        "attributes": dict(row.attributes) or None, "status": SendStatus.PENDING.value, "reason": None,
        "reasons": None, "error": None, "due_at": place.due_at, "settled_at": None, "request": row.request,
    }  # fmt: skip
