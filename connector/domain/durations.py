"""ISO 8601 durations, as far as they are exact: weeks, days, hours, minutes, seconds. Months and years are not."""

from __future__ import annotations

import re

from connector.domain.instants import DAY, HOUR, MINUTE, SECOND

_FORM = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,8}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_UNITS = {"weeks": 7 * DAY, "days": DAY, "hours": HOUR, "minutes": MINUTE, "seconds": SECOND}
_LONGEST = 3650 * DAY


def parse_duration(text: str) -> int:
    """Microseconds of a duration such as P3D or PT1H30M; ValueError for anything else, or beyond ten years."""
    found = _FORM.fullmatch(text)
    if found is None or text in ("P", "PT") or text.endswith("T"):
        raise ValueError("a duration looks like PT30M, P3D or P1DT12H")
    total = sum(round(float(found[name]) * unit) for name, unit in _UNITS.items() if found[name])
    if total > _LONGEST:
        raise ValueError("a delay of more than ten years is not a delay")
    return total


def format_duration(micros: int) -> str:
    """The shortest such duration."""
    days, rest = divmod(micros, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds = f"{rest / SECOND:.6f}".rstrip("0").rstrip(".")
    parts = [f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M")) if value]
    if rest:
        parts.append(f"{seconds}S")
    text = (f"{days}D" if days else "") + ("T" + "".join(parts) if parts else "")
    return f"P{text}" if text else "PT0S"
