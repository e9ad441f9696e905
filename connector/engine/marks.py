"""What a claim writes beside a send that it does not take in hand."""

from __future__ import annotations

from typing import Any

from connector.domain.consent import Decision
from connector.domain.words import SendStatus
from connector.engine.fenced import suppressed
from connector.engine.judge import reason_rows
from connector.store.sends import Due


def waiting(row: Due, until: int, ripe_at: int | None = None) -> dict[str, Any]:
    """It is due later; ``ripe_at`` is when its own time had come, where only something else holds it back."""
    return {
        "row_id": row.id, "status": SendStatus.PENDING.value, "reason": None, "reasons": None, "error": None,
        "due_at": until, "settled_at": None, "ripe_at": ripe_at,
    }  # fmt: skip


def held(row: Due, decision: Decision) -> dict[str, Any]:
    """It waits for a reason that passes by itself; the decision is made again then."""
    reasons = reason_rows(decision)
    until = decision.not_before if decision.not_before is not None else row.due_at
    return waiting(row, until, ripe_at=row.due_at) | {"reason": reasons[0]["code"], "reasons": reasons}


def left(row: Due, decision: Decision, now: int) -> dict[str, Any]:
    """The step of somebody who has left: made by a settle that did not see them go. Coming back is not going on."""
    if not decision.allowed and not decision.held:
        return suppressed(row.id, reason_rows(decision), now)
    return waiting(row, now) | {"status": SendStatus.CANCELLED.value, "settled_at": now}
