"""Quiet hours: when a person is not to be disturbed, by the clock on their own wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import timezone

from connector.domain.timing import at_time_of_day, first_open, is_zone, minutes_of_day


@dataclass(frozen=True, slots=True)
class Quiet:
    """From a time of day until another, in minutes past midnight; most go over midnight."""

    start: int
    end: int

    def over(self, instant: int, zone: str) -> int:
        """The first moment from ``instant`` on that is not quiet by a clock in the zone."""
        minutes = minutes_of_day(instant, zone)
        if self.start <= self.end:
            quiet = self.start <= minutes < self.end
        else:
            quiet = minutes >= self.start or minutes < self.end
        return at_time_of_day(instant, self.end, zone) if quiet else instant


@dataclass(frozen=True, slots=True)
class Week:
    """When it is not quiet, Monday first: from a time of day until another, or not at all."""

    days: tuple[tuple[int, int] | None, ...]

    def over(self, instant: int, zone: str) -> int:
        return first_open(instant, self.days, zone)


def _week(weekdays: tuple[int, int], saturday: tuple[int, int] | None, sunday: tuple[int, int] | None) -> Week:
    """From these hours to those, past midnight."""
    hours = (weekdays,) * 5 + (saturday, sunday)
    return Week(tuple((day[0] * 60, day[1] * 60) if day else None for day in hours))


#: By country, where a rule or the carriers name hours for advertising by message; public holidays are not among them.
#: Where no rule is known there are no quiet hours. Last looked up in November 2026.
BY_COUNTRY: Mapping[str, Quiet | Week] = {
    # Carriers, as told by Twilio's guidelines for the Emirates: no advertising from 21 to 7.
    "AE": Quiet(21 * 60, 7 * 60),
    # Twilio's guidelines for Brazil: only from 9 to 22, and not on Sundays.
    "BR": _week((9, 22), (9, 22), None),
    # Carriers, as told by Brevo: none from 22 to 8, on Sundays and on holidays.
    "FR": _week((8, 22), (8, 22), None),
    # TRAI, Telecom Commercial Communications Customer Preference Regulations 2018: from 10 to 21.
    "IN": Quiet(21 * 60, 10 * 60),
    # Twilio's guidelines for Thailand: none from 21 to 9.
    "TH": Quiet(21 * 60, 9 * 60),
    # 47 CFR 64.1200(c)(1): not before 8 and not after 21, local time of the called party. Some states are stricter.
    "US": Quiet(21 * 60, 8 * 60),
    # Regulation 11 under the Consumer Protection Act (R293 of 2011): 8 to 20, Saturdays 9 to 13, never on Sundays.
    "ZA": _week((8, 20), (9, 13), None),
}


def quiet_for(wanted: Any, kind: str, address: str) -> Quiet | Week | None:
    """What a campaign asks for, ``"default"`` or hours of its own, as it holds for an address."""
    if isinstance(wanted, Mapping):
        return Quiet(int(wanted["from"]), int(wanted["to"]))
    if wanted == "default" and kind == "number":
        return BY_COUNTRY.get(phonenumbers.region_code_for_number(phonenumbers.parse(address)) or "")
    return None


def held_until(instant: int, quiet: Quiet | Week, zones: Iterable[str]) -> int | None:
    """When the quiet hours are over in every zone where the person may be; None where they are awake in all."""
    until, several = instant, tuple(zones)
    while until - instant <= _LONGEST:  # else they are never awake at the same time: better late than never
        # The end in one zone may lie within the quiet hours of another.
        found = max((quiet.over(until, zone) for zone in several), default=until)
        if found == until:
            break
        until = found
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
_LONGEST = 96 * 3600 * 1_000_000
