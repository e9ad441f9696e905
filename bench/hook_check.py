"""Whether a soak of webhooks kept every promise, and whether its kills met anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    """What callers were told: who is recorded, and the id of the event, where it was the first call that answered."""

    people: list[str] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)


def faults(told: Told, people: Sequence[str], heard: Sequence[Any], found: dict[str, Any]) -> Iterator[str]:
    """Everything that was promised and does not hold."""
    if sorted(told.people) != sorted(people):
        yield f"{len(people)} people opted out, {len(told.people)} were answered"
    bodies: dict[str, set[str]] = {}
    for one in heard:
        bodies.setdefault(one["id"], set()).add(one["body"])
    if changed := [name for name, several in bodies.items() if len(several) > 1]:
        yield f"{len(changed)} bodies differ between attempts"
    ids: dict[str, list[str]] = {}
    for name, several in bodies.items():
        ids.setdefault(json.loads(min(several))["data"]["number"], []).append(name)
    missing = set(people) - set(ids)
    if len(missing) > found["still_lent"]:
        yield f"{len(missing)} people's events never arrived, {found['still_lent']} are still to come"
    if strange := set(ids) - set(people):
        yield f"{len(strange)} people's events arrived who had not opted out"
    if doubled := [number for number, several in ids.items() if len(several) > 1]:
        yield f"{len(doubled)} people's events arrived under several ids"
    if wrong := [number for number, name in told.events.items() if ids.get(number, [name]) != [name]]:
        yield f"{len(wrong)} events arrived under another id than their caller was told"
    if unverified := sum(not one["verified"] for one in heard):
        yield f"{unverified} signatures did not verify"
    if found["dead"] or found["disabled"]:
        yield f"{found['dead']} deliveries were given up; the webhook was disabled: {found['disabled']}"


def vacuous(found: dict[str, Any], whole: bool) -> Iterator[str]:
    """What shows that the kills met something."""
    for part, hands in found["in_hand_at_kill"].items():
        if not all(hands):
            yield f"a kill of the {part} met no delivery on its way"
    if not found["calls_repeated"]:
        yield "no call met a killed service"
    if not found["failed_then_delivered"]:
        yield "no delivery met a killed receiver"
    if not found["lent_then_delivered" if whole else "still_lent"]:
        yield "no delivery was in the hands of a killed worker"
