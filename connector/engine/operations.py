"""What operators ask: is it ready, how is it doing, what is too old to be kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from connector.domain.errors import HeedError
from connector.domain.instants import DAY, HOUR, SECOND
from connector.engine import meters
from connector.engine.guard import HELD, Guard
from connector.engine.ports import Clock, Hints, Keeping
from connector.engine.tidying import Tidying
from connector.store import backup, migrate, vitals
from connector.store.database import Database
from connector.store.vitals import Queued, Vitals

#: A ticker that was not heard of for so long has stopped: it tells every five seconds.
TICKER_LATE_S = 20.0
#: Whoever scrapes more often sees the same again.
_FRESH_S = 2.0


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether calls can be answered, and what else there is to say; ``checks`` by name, "ok" where all is well."""

    status: str
    detail: str | None
    checks: dict[str, str]

    @property
    def can_answer(self) -> bool:
        return self.status in ("ok", "held")


class Operations:
    """Looks at the database's truth, and adds what processes have counted."""

    def __init__(
        self, database: Database, clock: Clock, guard: Guard, hints: Hints, metrics_token: str | None, keep: Keeping
    ) -> None:
        self.tidying = Tidying(database, clock, keep)
        self.metrics_token = metrics_token
        self._database = database
        self._clock = clock
        self._guard = guard
        self._hints = hints
        self._lock = threading.Lock()
        self._seen: Vitals | None = None
        self._until = 0.0

    def vitals(self) -> Vitals:
        """How things stand, at most two seconds ago."""
        with self._lock:
            if self._seen is None or time.monotonic() > self._until:
                now = self._clock()
                self._seen = vitals.look(self._database, now, now - HOUR, now - DAY)
                self._until = time.monotonic() + _FRESH_S
            return self._seen

    def forget(self) -> None:
        """The next look is a new one."""
        self._until = 0.0

    def ready(self) -> Ready:
        """Not ready only where calls can't be answered: opt-outs are taken also while nothing is sent."""
        try:
            missing = self._missing()
            if missing:
                return Ready("not migrated", "Run heed db upgrade.", {"database": f"lacks migration {missing[0]}"})
            home, workers = self._guard.is_home(), self.vitals().workers
        except HeedError as error:
            return Ready("no database", error.detail, {"database": "does not answer"})
        queue = self._hints.ping()
        checks = {
            "database": "ok",
            "queue": {True: "ok", False: "does not answer: no message leaves until it does", None: "none"}[queue],
            "ticker": "ok" if self._ticks(workers) else "no worker looks for due messages",
        }  # fmt: skip
        return Ready("ok", None, checks) if home else Ready("held", HELD, checks)

    def back_up(self, to: Path) -> int:
        """A whole copy of a SQLite database, while it is worked on; its size. Conflict where that can't be."""
        return backup.back_up(self._database, to)

    def exposition(self) -> bytes:
        """The answer of /metrics."""
        return meters.exposition([_Gauges(self)])

    def gauges(self) -> Iterator[Metric]:
        """What the database says. Where it is away, that is what there is to say."""
        yield _gauge("heed_queue_up", "Whether the queue answers.", float(bool(self._hints.ping())))
        try:
            seen, home, missing = self.vitals(), self._guard.is_home(), self._missing()
        except HeedError:
            yield _gauge("heed_database_up", "Whether the database answers.", 0.0)
            return
        yield _gauge("heed_database_up", "Whether the database answers.", 1.0)
        yield _gauge("heed_sending_held", "Whether this is a copy that waits for an operator's word.", float(not home))
        yield _gauge("heed_migrations_missing", "Migrations that are to be applied.", len(missing))
        now = self._clock()
        for name, what, queued in (
            ("heed_sends_due", "messages that are due and not begun", seen.due),
            ("heed_outbox", "consent events that no webhook has been made of", seen.outbox),
            ("heed_deliveries_due", "webhooks that are due", seen.deliveries),
        ):
            yield _gauge(name, f"How many {what}.", queued.count)
            yield _gauge(f"{name}_age_seconds", f"How long the oldest of the {what} waits.", _age(queued, now))
        yield _gauge("heed_sends_in_flight", "Messages in the hands of workers.", seen.in_hand)
        yield _gauge("heed_sends_unknown_last_hour", "Messages that became unknown within an hour.", seen.unknown)
        yield _gauge("heed_workers_alive", "Workers that live.", sum(one.is_alive for one in seen.workers))
        ticked = max((one.ticked_at or 0 for one in seen.workers if one.is_alive), default=0)
        age = (now - ticked) / SECOND if ticked else float("inf")
        yield _gauge("heed_ticker_age_seconds", "Since when no worker has looked for due messages.", age)

    def _missing(self) -> Sequence[str]:
        with self._database.read() as connection:
            return migrate.missing(connection)

    def _ticks(self, workers: tuple[Any, ...]) -> bool:
        latest = self._clock() - TICKER_LATE_S * SECOND
        return any(one.is_alive and (one.ticked_at is None or one.ticked_at > latest) for one in workers)


class _Gauges(Collector):
    def __init__(self, of: Operations) -> None:
        self._of = of

    def collect(self) -> Iterator[Metric]:
        return self._of.gauges()


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value)


def _age(queued: Queued, now: int) -> float:
    return 0.0 if queued.since is None else max(0.0, (now - queued.since) / SECOND)
