"""The check: what the provider was handed, against what Heed reports and what people had said by then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.demo.handoffs import HandOff

#: The recorder notes the end of a hand-off when its answer has left, so a little after the answer was read.
LAG_NS = 20_000_000
OPTOUT_NUMBER = "Optout Number"
_ENDS = ("sent", "suppressed", "unknown")


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody's word, and when its success was known to the caller, ns of CLOCK_MONOTONIC."""

    address: str
    at: int
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of report.csv."""

    recipient: str
    step: int
    status: str
    error: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Told:
    """What Heed tells about one campaign, and whom it was for."""

    name: str
    people: Collection[str]
    #: Words by which a message of each step is known.
    marks: Mapping[str, int]
    rows: Sequence[Row]
    report: Mapping[str, Any] = field(default_factory=dict)
    #: Who opted out and in again: nothing refuses them any more, so what was left for them is cancelled.
    back: Collection[str] = ()

    @property
    def last(self) -> int:
        return max(self.marks.values())

    @property
    def by_person(self) -> dict[str, list[Row]]:
        """Rows by step; a person's second mention in the file is no row of a person."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda one: one.step):
            if row.reasons != "duplicate":
                found[row.recipient].append(row)
        return found


def faults(handoffs: Sequence[HandOff], told: Sequence[Told], opted: Sequence[OptOut], unknown: int) -> list[str]:
    """Everything that is not as promised, each naming the contact. ``unknown``: how many may be at most."""
    return [
        *_doubled(handoffs, told),
        *_after_an_opt_out(handoffs, opted),
        *(fault for one in told for fault in _unlike_the_record(handoffs, one)),
        *(fault for one in told for fault in _not_ended(one)),
        *(fault for one in told for fault in _badly_suppressed(one, {word.address for word in opted})),
        *_too_many_unknown(told, unknown),
    ]


def _doubled(handoffs: Sequence[HandOff], told: Sequence[Told]) -> Iterator[str]:
    """G2: each (campaign, step, contact) reaches the provider at most once."""
    taken = [one for one in handoffs if one.taken]
    sends = Counter(one.send_id for one in taken)
    yield from (f"{send}: handed over {count} times" for send, count in sends.items() if count > 1)
    places = Counter((_place(one, told), one.to) for one in taken)
    for (place, to), count in places.items():
        if place is None:
            yield f"{to}: was handed a message that is of no campaign"
        elif count > 1:
            yield f"{to}: was handed {place[0]} step {place[1]} {count} times"


def _after_an_opt_out(handoffs: Sequence[HandOff], opted: Sequence[OptOut]) -> Iterator[str]:
    """G1: nothing begins, and nothing is open, after an opt-out was answered with success."""
    of: dict[str | None, list[HandOff]] = defaultdict(list)
    for one in handoffs:
        of[one.to].append(one)
    for word in opted:
        for one in of[word.address]:
            if one.received > word.at:
                late = (one.received - word.at) / 1e6
                yield f"{word.address}: {one.send_id} began {late:.1f} ms after the opt-out by {word.how}"
            elif one.ended is None or one.ended - LAG_NS > word.at:
                yield f"{word.address}: {one.send_id} was still open when the opt-out by {word.how} was answered"


def _unlike_the_record(handoffs: Sequence[HandOff], told: Told) -> Iterator[str]:
    """What is reported sent was handed over, and what was handed over is reported sent, or unknown."""
    handed = {(one.to, place[1]) for one in handoffs if one.taken and (place := _place(one, [told]))}
    reported = {(row.recipient, row.step): row.status for rows in told.by_person.values() for row in rows}
    for (address, step), status in reported.items():
        if status == "sent" and (address, step) not in handed:
            yield f"{address}: {told.name} step {step} is reported sent and was never handed over"
        if status not in ("sent", "unknown") and (address, step) in handed:
            yield f"{address}: {told.name} step {step} is reported {status} and was handed over"
    for to, step in sorted(handed - set(reported), key=str):
        yield f"{to}: {told.name} step {step} was handed over and is not in the report"


def _not_ended(told: Told) -> Iterator[str]:
    """G3: everybody ends as sent, suppressed or unknown, at the last step or at the one that was refused."""
    found = told.by_person
    for address in told.people:
        rows = found.get(address)
        if not rows:
            yield f"{address}: is missing in the report of the {told.name}"
            continue
        for row in rows:
            if row.status not in _ENDS and not (row.status == "cancelled" and address in told.back):
                yield f"{address}: {told.name} step {row.step} ended as {row.status} {row.error}".rstrip()
        steps = [row.step for row in rows]
        if steps != list(range(1, len(steps) + 1)):
            yield f"{address}: the {told.name} has steps {steps} for them"
    for address in sorted(found.keys() - set(told.people)):
        yield f"{address}: is in the report of the {told.name} and was never enrolled"


def _badly_suppressed(told: Told, opted: Collection[str]) -> Iterator[str]:
    """Only who opted out is skipped, under the name that people know; and who is sent everything did not."""
    for address, rows in told.by_person.items():
        for row in rows:
            if row.status == "suppressed" and address not in opted:
                yield f"{address}: {told.name} step {row.step} is suppressed ({row.reasons}) and they never opted out"
            elif row.status == "suppressed" and row.error != OPTOUT_NUMBER:
                yield f"{address}: {told.name} step {row.step} is reported as {row.error!r}, not {OPTOUT_NUMBER!r}"
        # Who says stop while a message is on its way has left before the next step got a row.
        is_short = rows[-1].step < told.last and rows[-1].status in ("sent", "unknown")
        if is_short and address not in opted:
            yield f"{address}: the {told.name} ends at step {rows[-1].step} and they never opted out"


def _too_many_unknown(told: Sequence[Told], most: int) -> Iterator[str]:
    rows = [(one.name, row) for one in told for row in one.rows if row.status == "unknown"]
    if len(rows) > most:
        for name, row in rows:
            yield f"{row.recipient}: {name} step {row.step} is unknown, one of {len(rows)}; at most {most} may be"


def _place(handoff: HandOff, told: Sequence[Told]) -> tuple[str, int] | None:
    text = handoff.text or ""
    return next(((one.name, step) for one in told for mark, step in one.marks.items() if mark in text), None)
