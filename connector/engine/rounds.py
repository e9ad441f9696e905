"""The doctor's rounds: what waits too long, and who works."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.findings import Finding, Level
from connector.domain.instants import MINUTE, SECOND
from connector.engine.operations import TICKER_LATE_S
from connector.store.vitals import Life, Queued, Vitals

#: An event becomes deliveries within a second, and a delivery is tried when it is due.
_OUTBOX_LATE, _DELIVERIES_LATE, _DUE_LATE = MINUTE, 10 * MINUTE, 15 * MINUTE


def rounds(seen: Vitals, now: int, *, held: bool) -> Iterator[Finding]:
    """What one look shows; where sending is ``held``, what waits is no news."""
    yield from _workers(seen, now)
    if held:
        return
    if _waits(seen.outbox, now) > _OUTBOX_LATE:
        yield Finding(
            "outbox_unsent", Level.WARNING, f"{seen.outbox.count} consent events wait to become webhooks, the oldest "
            f"for {_since(seen.outbox, now)}.", "Look at a worker's log for notify_failed, and start a worker if none "
            "lives.",
        )  # fmt: skip
    if _waits(seen.deliveries, now) > _DELIVERIES_LATE:
        yield Finding(
            "deliveries_late", Level.WARNING, f"{seen.deliveries.count} webhooks are due, the oldest for "
            f"{_since(seen.deliveries, now)}.", "Receivers that hang hold the others up: look at /v1/webhooks and "
            "start more workers.",
        )  # fmt: skip
    if _waits(seen.due, now) > _DUE_LATE:
        yield Finding(
            "messages_late", Level.WARNING, f"{seen.due.count} messages are due, the oldest for "
            f"{_since(seen.due, now)}.", "Look at heed_handoffs_total for a provider that says later, and start more "
            "workers.",
        )  # fmt: skip


def _workers(seen: Vitals, now: int) -> Iterator[Finding]:
    living = [one for one in seen.workers if one.is_alive]
    if not living:
        yield Finding(
            "no_worker", Level.BROKEN, "No worker lives: opt-outs are taken, but no message leaves.",
            "Start heed worker (or heed up), and look into its log if it ends at once.",
        )  # fmt: skip
    here = {(one.host, one.pid) for one in living}
    for one in seen.workers:
        if not one.is_alive and one.ended_at is None and (one.host, one.pid) not in here and _is_recent(one, now):
            yield Finding(
                "dead_worker", Level.WARNING, f"Worker {one.pid} on {one.host} died without a goodbye, last seen "
                f"{(now - one.seen_at) // SECOND} s ago; {len(living)} live now. What it had in hand is unknown.",
                "If nobody killed it, look for it in the system's log (out of memory?).",
            )  # fmt: skip
    late = [one for one in living if one.ticked_at is not None and one.ticked_at < now - TICKER_LATE_S * SECOND]
    for one in late:
        yield Finding(
            "lagging_ticker", Level.BROKEN if len(late) == len(living) else Level.WARNING,
            f"Worker {one.pid} on {one.host} lives but has looked for nothing for {(now - one.seen_at) // SECOND} s.",
            "It stands still, or can't reach the database: look into its log, and start it again.",
        )  # fmt: skip


def _is_recent(one: Life, now: int) -> bool:
    return one.seen_at > now - 60 * MINUTE


def _waits(queued: Queued, now: int) -> int:
    return 0 if queued.since is None else now - queued.since


def _since(queued: Queued, now: int) -> str:
    return f"{_waits(queued, now) // SECOND} s"
