"""The one door out: hand over what was claimed, and write down what became of it. Runs in worker processes only."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from connector.domain.errors import HeedError
from connector.domain.ids import public_id
from connector.domain.instants import SECOND
from connector.domain.messages import Accepted, Kind, Outcome, Rejected, Retry, Unknown
from connector.domain.words import SendStatus, Source
from connector.engine import meters, step
from connector.engine.claim import BATCH, PROVIDER_S, Claims, Work
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.ports import Clock, Provider
from connector.engine.targets import Who, target_from
from connector.engine.telling import tell_ends
from connector.store import campaigns, fence, paces, sends
from connector.store.database import Database
from connector.uptime import uptime

log = structlog.get_logger()

#: How often a provider that says "later" is asked again.
_MOST_ATTEMPTS = 20
#: Refusals that speak against every later step as well.
_GONE = (Kind.OPTED_OUT, Kind.MARKETING_STOPPED, Kind.INVALID_RECIPIENT)
#: How long a worker keeps trying to write outcomes down while the database is away.
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Settled:
    """One send and what the provider said."""

    work: Work
    outcome: Outcome
    seconds: float = 0.0


class Sender:
    """Drains lanes: claim, hand over, settle, until nothing is due or the slice is over."""

    def __init__(
        self, database: Database, directories: Directories, claims: Claims, providers: Mapping[str, Provider],
        book: ConsentBook, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._claims = claims
        self._providers = providers
        self._book = book
        self._clock = clock
        self._hands = ThreadPoolExecutor(BATCH, thread_name_prefix="hand")
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Take nothing more in hand; what is in hand is finished."""
        self._stopping.set()

    def is_awaited(self) -> bool:
        """Whether something that a sender's pace held back may leave by now, as far as this process knows."""
        return self._claims.is_awaited()

    def drain(self, buckets: Sequence[int], token: Callable[[], int], slice_s: float) -> bool:
        """Send what is due in these buckets; True where the slice ended before the work did."""
        end = time.monotonic() + slice_s
        while time.monotonic() < end and not self._stopping.is_set():
            owner = token()
            works = self._claims.claim(buckets, owner)
            if works is None:
                return False
            if works:
                settled = list(self._hands.map(self._hand_over, works))
                self._settle(owner, settled)
                _tell(settled)
        return True

    def _hand_over(self, work: Work) -> Settled:
        if uptime() > work.permit.deadline - PROVIDER_S:
            return Settled(work, Retry(0.0, "not begun in time"))
        try:
            provider, began = self._providers[work.sender.provider], time.monotonic()
            outcome = provider.deliver(work.message, work.permit, work.sender.settings)
            return Settled(work, outcome, time.monotonic() - began)
        except Exception as error:  # a provider's own fault must not leave the row in our hands
            log.error("provider_crashed", provider=work.sender.provider, error=type(error).__name__)
            return Settled(work, Unknown(f"the provider's code failed: {type(error).__name__}"))

    def _settle(self, token: int, settled: Sequence[Settled]) -> None:
        """Write every outcome; while the database is away, keep trying: nobody else knows."""
        end, told = time.monotonic() + _PATIENCE_S, False
        while True:
            try:
                if not told:  # first, so that a death in between loses an outcome and not an opt-out
                    self._tell_the_book(settled)
                    told = True
                return self._write(token, settled)
            except HeedError as error:
                if time.monotonic() > end:
                    log.error("outcomes_lost", count=len(settled), error=error.code)
                    raise
                time.sleep(0.2)

    def _write(self, token: int, settled: Sequence[Settled]) -> None:
        org, now = settled[0].work.org, self._clock()
        concerned = {one.work.due.campaign for one in settled}
        with self._database.write() as connection:
            # A cancel has swept before or sweeps after us: nothing of ours is left pending behind its back.
            fence.share_campaigns(connection, concerned)
            of = campaigns.load(connection, org, concerned)
            rows = [_outcome_row(one, of[one.work.due.campaign].status, now) for one in settled]
            ended = [
                step.Ended(row["row_id"], SendStatus(row["status"]), _is_gone(one.outcome))
                for row, one in zip(rows, settled, strict=True)
                if row["status"] != SendStatus.PENDING.value
            ]
            written = sends.settle(connection, token, rows)
            # As the claim of these rows has read it, or younger.
            tell_ends(connection, self._directories.kept(org), ((row["row_id"], row["status"]) for row in rows), now)
            paces.hold(self._database, connection, org, _pauses(settled, now))
            step.go_on(
                self._database, connection, org, {one.work.due.id: one.work.due for one in settled}, of, ended, now
            )
        if written != len(rows):
            log.error("fence_violation", lost=len(rows) - written, token=token)

    def _tell_the_book(self, settled: Sequence[Settled]) -> None:
        """A provider that knows of an opt-out has told us: nothing more to that address by that sender."""
        for one in settled:
            if isinstance(one.outcome, Rejected) and one.outcome.kind in (Kind.OPTED_OUT, Kind.MARKETING_STOPPED):
                work, due = one.work, one.work.due
                who = Who(work.org, work.sender.account, f"provider {work.sender.provider}", Source.PROVIDER)
                target = target_from(due.kind, due.address, due.key, due.bucket)
                self._book.told(who, one.outcome.kind, target, work.sender, one.outcome.detail)


def _pauses(settled: Sequence[Settled], now: int) -> dict[int, int]:
    """Senders whose providers asked for a pause, and until when."""
    pauses: dict[int, int] = {}
    for one in settled:
        if isinstance(one.outcome, Retry) and one.outcome.sender_wide:
            until = now + int(one.outcome.after * SECOND)
            pauses[one.work.sender.id] = max(until, pauses.get(one.work.sender.id, 0))
    return pauses


def _tell(settled: Sequence[Settled]) -> None:
    """Count what was handed over, and write one line for all that goes back to the same call."""
    lines: dict[tuple[str, str | None], list[Settled]] = {}
    for one in settled:
        provider = one.work.sender.provider
        meters.handoffs.labels(provider, _word(one.outcome)).inc()
        meters.handoff_seconds.labels(provider).observe(one.seconds)
        lines.setdefault((provider, one.work.due.request), []).append(one)
    for (provider, request), some in lines.items():
        log.info(
            "handed_over", provider=provider, request_id=request,
            sends=[public_id("send", one.work.due.id) for one in some],
            outcomes=dict(Counter(_word(one.outcome) for one in some)),
            ms=round(max(one.seconds for one in some) * 1000, 1),
        )  # fmt: skip


def _word(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


def _outcome_row(one: Settled, campaign: str, now: int) -> dict[str, Any]:
    """How an outcome is written; nothing of a cancelled campaign is offered again."""
    row: dict[str, Any] = {
        "row_id": one.work.due.id, "error": None, "provider_id": None, "due_at": now, "settled_at": now,
    }  # fmt: skip
    row |= _written(one.outcome, one.work.due.attempts + 1, now)
    if row["status"] == SendStatus.PENDING.value and campaign == "cancelled":
        return row | {"status": SendStatus.CANCELLED.value, "due_at": now, "settled_at": now}
    return row


def _written(outcome: object, attempts: int, now: int) -> dict[str, Any]:
    """What an outcome changes, by its type."""
    match outcome:
        case Accepted(provider_id):
            return {"status": SendStatus.SENT.value, "provider_id": _storable(provider_id)}
        case Rejected(kind, detail):
            return {"status": SendStatus.FAILED.value, "error": _error(kind.value, detail)}
        case Retry(_, detail) if attempts >= _MOST_ATTEMPTS:
            return {"status": SendStatus.FAILED.value, "error": _error(Kind.RATE.value, detail)}
        case Retry(after, _):
            return {"status": SendStatus.PENDING.value, "due_at": now + int(after * SECOND), "settled_at": None}
        case Unknown(detail):
            return {"status": SendStatus.UNKNOWN.value, "error": _storable(detail) or "nobody can say"}
    # A provider's own fault must not leave the row in our hands.
    return {"status": SendStatus.UNKNOWN.value, "error": f"the provider answered {type(outcome).__name__}"}


def _error(kind: str, detail: str) -> str:
    return f"{kind}: {_storable(detail)}" if detail else kind


def _storable(text: str | None) -> str | None:
    """What no database refuses: a NUL or half a character in one answer would keep a whole batch in our hands."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:300] if text else None


def _is_gone(outcome: Outcome) -> bool:
    """Whether the provider's refusal speaks against every later step as well."""
    return isinstance(outcome, Rejected) and outcome.kind in _GONE
