"""Quiet hours: when a person is not to be disturbed, by the clock on their own wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import timezone

from connector.domain.timing import at_time_of_day, is_zone, minutes_of_day


@dataclass(frozen=True, slots=True)
class Quiet:
    """From a time of day until another, in minutes past midnight; most go over midnight."""

    start: int
    end: int

    def holds(self, minutes: int) -> bool:
        if self.start <= self.end:
            return self.start <= minutes < self.end
        return minutes >= self.start or minutes < self.end


#: By country, where a rule names hours. United States: no solicitation before 8 and after 21, local time of the called
#: party: 47 CFR 64.1200(c)(1); some of its states are stricter. Where no rule is known there are no quiet hours.
BY_COUNTRY: Mapping[str, Quiet] = {"US": Quiet(21 * 60, 8 * 60)}


def quiet_for(wanted: Any, kind: str, address: str) -> Quiet | None:
    """What a campaign asks for, ``"default"`` or hours of its own, as it holds for an address."""
    if isinstance(wanted, Mapping):
        return Quiet(int(wanted["from"]), int(wanted["to"]))
    if wanted == "default" and kind == "number":
        return BY_COUNTRY.get(phonenumbers.region_code_for_number(phonenumbers.parse(address)) or "")
    return None


def held_until(instant: int, quiet: Quiet, zones: Iterable[str]) -> int | None:
    """When the quiet hours are over in every zone where the person may be; None where they are awake in all."""
    until, found = instant, True
    several = tuple(zones)
    while found:  # the end in one zone may lie within the quiet hours of another
        ends = [at_time_of_day(until, quiet.end, zone) for zone in several if quiet.holds(minutes_of_day(until, zone))]
        found = bool(ends)
        if until - instant > _LONGEST:
            break  # they are never awake at the same time: better late than never
        until = max(ends, default=until)
    return until if until > instant else None


def zones_of(kind: str, address: str, attributes: Mapping[str, Any], otherwise: str) -> tuple[str, ...]:
    """Where a person may be: the zone in their attributes, or those of their number (libphonenumber), or another."""
    own = attributes.get("timezone")
    if isinstance(own, str) and is_zone(own):
        return (own,)
    if kind == "number":
        found = timezone.time_zones_for_number(phonenumbers.parse(address))
        # A number of no place in particular, such as a toll-free one, is taken as being at home with the sender.
        if "Etc/Unknown" not in found and len(found) <= _SEVERAL:
            return tuple(found)
    return (otherwise,)


_SEVERAL = 12
_LONGEST = 48 * 3600 * 1_000_000
