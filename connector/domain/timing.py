"""When a step is due by somebody's clock on the wall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.domain.instants import SECOND


def at_time_of_day(instant: int, minutes: int, zone: str) -> int:
    """The first moment from ``instant`` on at which a clock in the zone shows so many minutes past midnight.

    A time that a change of clocks skips comes an hour later; one that it repeats counts when it first comes.
    """
    local = datetime.fromtimestamp(instant / SECOND, UTC).astimezone(_zone(zone))
    days = (local.date() + timedelta(days=ahead) for ahead in range(3))
    wanted = (datetime(day.year, day.month, day.day, *divmod(minutes, 60), tzinfo=local.tzinfo) for day in days)
    return next(found for one in wanted if (found := round(one.timestamp()) * SECOND) >= instant)


def first_open(instant: int, days: Sequence[tuple[int, int] | None], zone: str) -> int:
    """The first moment from ``instant`` on within the hours of its weekday, Monday first; one of them must be open."""
    local = datetime.fromtimestamp(instant / SECOND, UTC).astimezone(_zone(zone))
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        hours = days[day.weekday()]
        if hours is None:
            continue
        start, end = (_on(day, minutes, local.tzinfo) for minutes in hours)
        if instant < end:
            return max(instant, start)
    raise ValueError("no day of the week is open")


def _on(day: date, minutes: int, zone: tzinfo | None) -> int:
    moment = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return round(moment.timestamp()) * SECOND


def minutes_of_day(instant: int, zone: str) -> int:
    """What a clock in the zone shows, in minutes past midnight."""
    local = datetime.fromtimestamp(instant / SECOND, UTC).astimezone(_zone(zone))
    return local.hour * 60 + local.minute


def parse_time_of_day(text: str) -> int:
    """Minutes past midnight of "09:30"; ValueError."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdigit()):
        raise ValueError("a time of day looks like 09:30")
    found = int(hours) * 60 + int(minutes)
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("a time of day looks like 09:30")
    return found


def format_time_of_day(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def is_zone(name: Any) -> bool:
    """Whether this is a time zone of the IANA database."""
    if not isinstance(name, str) or not name:
        return False
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
