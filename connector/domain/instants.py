"""Times are integers: microseconds since the epoch, UTC. Exact, ordered and the same in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Without a zone, which costs as much again to write out.
_EPOCH_PLAIN = datetime(1970, 1, 1)  # noqa: DTZ001
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def rfc3339(instant: int) -> str:
    """The instant as RFC 3339 in UTC, with microseconds only where there are any."""
    return f"{(_EPOCH_PLAIN + timedelta(0, 0, instant)).isoformat()}Z"


def latest(stamp: int, now: int) -> int:
    """The latest moment that a stamp can stand for: in whole seconds, as most providers count, it tells no more."""
    return stamp if stamp % SECOND else max(stamp, min(stamp + SECOND - 1, now))


def parse_rfc3339(text: str) -> int:
    """The instant of an RFC 3339 date-time; ValueError for anything else, for no zone, or outside 1970 to 2200."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or len(text) < len("2026-01-01T00:00Z") or text[10:11] not in "Tt ":
        raise ValueError("a date-time needs a zone, as in 2026-11-23T18:00:00Z")
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("a date-time between 1970 and 2200 is needed")
    return int((moment - _EPOCH) / timedelta(microseconds=1))
