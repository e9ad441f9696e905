"""How fast a sender may go: so many messages in any span of so many seconds. Pure arithmetic over one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.domain.errors import Fault
from connector.domain.instants import SECOND

#: The sender setting that holds it.
SETTING = "rate"
_MOST_MESSAGES, _LONGEST_S = 1_000_000, 86_400
#: A tenth may leave at once, so that time between two looks is not lost.
_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """At most ``messages`` in any ``span`` (microseconds).

    One leaves every ``gap``, and after a rest up to ``burst`` at once. The gap is chosen so that no span can hold more
    than ``messages``, wherever it begins: the burst is taken off what flows.
    """

    messages: int
    span: int

    @property
    def burst(self) -> int:
        return max(1, self.messages // _AT_ONCE, min(2, self.messages // 4))

    @property
    def gap(self) -> int:
        return -(-self.span // (self.messages - self.burst + 1))

    def granted(self, free_at: int, wanted: int, now: int) -> tuple[int, int]:
        """(how many of them may leave now, from when on the next one may), where one may leave from ``free_at`` on."""
        start = max(free_at, now - (self.burst - 1) * self.gap)
        count = min(wanted, max(0, (now - start) // self.gap + 1))
        return count, start + count * self.gap


def pace_of(settings: Mapping[str, Any]) -> Pace | None:
    """The pace in a sender's settings; None where it may go as fast as it can."""
    rate = settings.get(SETTING)
    return Pace(rate["messages"], round(rate["per_s"] * SECOND)) if rate else None


def faults_of_rate(rate: Any) -> Iterator[Fault]:
    """Everything that is wrong with the setting."""
    if rate is None:
        return
    if not isinstance(rate, Mapping):
        yield Fault("", "invalid", 'must be an object such as {"messages": 10, "per_s": 1}')
        return
    for name in rate:
        if name not in ("messages", "per_s"):
            yield Fault(f"/{name}", "unknown_field", "there is no such field; there are messages, per_s")
    messages, per_s = rate.get("messages"), rate.get("per_s")
    if not isinstance(messages, int) or isinstance(messages, bool) or not 1 <= messages <= _MOST_MESSAGES:
        yield Fault("/messages", "invalid", f"must be a whole number from 1 to {_MOST_MESSAGES}")
    if not isinstance(per_s, int | float) or isinstance(per_s, bool) or not 1 <= per_s <= _LONGEST_S:
        yield Fault("/per_s", "invalid", f"must be a number of seconds from 1 to {_LONGEST_S}")
