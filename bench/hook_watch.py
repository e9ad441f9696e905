"""What a soak of webhooks looks at while it goes on: the database's word on deliveries, and waits with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine, text

#: Deliveries in hand are lent to their worker for a minute.
LENT_US = 60_000_000


class Watch:
    """What the database says of deliveries; it only reads."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def close(self) -> None:
        self._engine.dispose()

    def count(self, where: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {where}")).scalar_one())  # noqa: S608

    def in_hand(self, since: int) -> int:
        """Deliveries that workers have taken since a time and not yet settled."""
        return self.count(f"deliveries WHERE status = 'pending' AND due_at > {since + LENT_US}"
                          f" AND due_at <= {now() + LENT_US}")  # fmt: skip

    def lent(self, before: int) -> int:
        """Deliveries taken before a time and still not settled: their worker was killed. A retry is due sooner."""
        return self.count(f"deliveries WHERE status = 'pending' AND due_at <= {before + LENT_US}"
                          f" AND due_at > {now() + 6_000_000}")  # fmt: skip

    @property
    def left(self) -> int:
        """What has still to arrive."""
        return self.count("outbox") + self.count("deliveries WHERE status = 'pending'")

    @property
    def failed_once(self) -> int:
        return self.count("deliveries WHERE status = 'pending' AND attempts > 0")


def until(happens: Callable[[], Any], limit_s: float, what: str, *, insist: bool = True) -> Any:
    end = time.monotonic() + limit_s
    while not (seen := happens()):
        if time.monotonic() > end:
            if insist:
                raise TimeoutError(f"not within {limit_s} s: {what}")
            return seen
        time.sleep(0.02)
    return seen


def now() -> int:
    return time.time_ns() // 1000
