"""What has happened, and what needs a person: the numbers of the console's first page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.instants import DAY, SECOND
from connector.domain.words import Channel
from connector.engine.directories import Directories
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import overview
from connector.store.database import Database

#: A line is counted when it is this old: a transaction that is slower than that is not in the picture (nowhere else).
_SETTLED = 30 * SECOND
_PART, _LATELY = 20_000, 20_000
#: Nobody needs to know whether it is a hundred or a thousand things; of suppressed messages so many are looked at.
MOST, MOST_KEPT_BACK = 100, 50_000
_UNKNOWN_FOR = 7 * DAY


@dataclass(frozen=True, slots=True)
class Told:
    """How often something was said, day by day, the oldest first; by channel and by source."""

    #: Days since the epoch.
    days: tuple[int, ...]
    by_channel: dict[str, list[int]]
    by_source: dict[str, list[int]]

    @property
    def each(self) -> list[int]:
        """All together, day by day."""
        return [sum(values) for values in zip(*self.by_channel.values(), strict=True)] or [0] * len(self.days)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody has to look at; counts stop at ``MOST``."""

    reviews: int
    webhooks: int
    unknown: int


class Overview:
    """Reads counts; ``count`` makes them, and is called by whichever worker has a moment."""

    def __init__(self, database: Database, directories: Directories, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock

    def count(self) -> int:
        """Count on where the last one stopped; answers how many lines."""
        settled = self._clock() - _SETTLED
        with self._database.read() as connection:
            if not overview.has_more(connection, settled):
                return 0
        with self._database.write() as connection:
            return overview.count_on(self._database, connection, settled, _PART)

    def said(self, who: Who, days: int) -> dict[str, Told]:
        """Opt-outs ("out") and opt-ins ("in") of the last days, today among them, on the lists that this one sees."""
        lists = [one.id for one in self._directories.current(who.organisation).lists_of(who.account)]
        today = self._clock() // DAY
        first = today - days + 1
        with self._database.snapshot() as connection:
            rows = overview.said_since(connection, who.organisation, first, lists)
            rows += overview.said_lately(connection, who.organisation, lists, _LATELY)
        span = tuple(range(first, today + 1))
        return {state: _told(span, [row for row in rows if row.state == state]) for state in ("out", "in")}

    def kept_back(self, who: Who, days: int) -> dict[str, int]:
        """Messages that were not sent, by their first reason."""
        since = self._clock() - days * DAY
        with self._database.read() as connection:
            return overview.kept_back(connection, who.organisation, since, MOST_KEPT_BACK)

    def waiting(self, who: Who) -> Waiting:
        org, since = who.organisation, self._clock() - _UNKNOWN_FOR
        with self._database.read() as connection:
            return Waiting(
                overview.open_reviews(connection, org, MOST),
                overview.failing_webhooks(connection, org, MOST),
                overview.unknown(connection, org, since, MOST),
            )


def _told(span: tuple[int, ...], rows: Iterable[overview.Said]) -> Told:
    channels, sources = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for row in rows:
        channels[Channel(row.channel).label, row.day] += row.count
        sources[row.source, row.day] += row.count
    return Told(span, _by_day(span, channels), _by_day(span, sources))


def _by_day(span: tuple[int, ...], counts: Counter[tuple[str, int]]) -> dict[str, list[int]]:
    """The most frequent first."""
    totals = Counter[str]()
    for (name, day), count in counts.items():
        totals[name] += count if day in span else 0
    return {name: [counts[name, day] for day in span] for name, total in totals.most_common() if total}
