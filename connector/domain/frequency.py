"""How often a person may be written to: at most so many marketing messages in any period, over all campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.consent import Facts, Hold
from connector.domain.words import ReasonCode


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``messages`` in any ``period`` (microseconds)."""

    messages: int
    period: int


def capped(facts: Facts, cap: Cap | None, account: int, now: int) -> Hold | None:
    """Until when the next message of this account waits; None where it need not.

    What may have arrived counts: what is on its way, and what nobody knows of.
    """
    if cap is None:
        return None
    times = sorted(at for by, at in facts.written if by == account and at > now - cap.period)
    if len(times) < cap.messages:
        return None
    return Hold(ReasonCode.FREQUENCY_CAP, times[-cap.messages] + cap.period)
