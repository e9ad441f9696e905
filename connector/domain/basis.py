"""What a consent rests on: the person's own yes, or a law that takes it as given for a time."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.change import Change, Said, change, governing, is_out
from connector.domain.words import Channel, State

EXPRESS = "express"
#: How many calendar months a consent lasts after what it rests on; None where only the person ends it. Canada's
#: anti-spam law (CASL, S.C. 2010, c. 23), s. 10(9)(a) and 10(10): a business relationship is one that arises from a
#: purchase, lease, bargain or contract "within the two-year period", or from an inquiry or application "within the
#: six-month period immediately before the day on which the message was sent". Express consent has no end (s. 10(1)).
MONTHS: Mapping[str, int | None] = {EXPRESS: None, "casl_purchase": 24, "casl_inquiry": 6}
IMPLIED = frozenset(name for name, months in MONTHS.items() if months is not None)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def end_of(basis: str | None, at: int, asked: int | None = None) -> int | None:
    """When a consent given at ``at`` ends: at the time asked for, and no later than its basis lasts (ValueError)."""
    months = MONTHS[basis] if basis is not None else None
    if months is None:
        return asked
    latest = months_after(at, months)
    if asked is not None and asked > latest:
        raise ValueError(f"{basis} lasts {months} months, so it ends sooner than this")
    return latest if asked is None else asked


def months_after(at: int, months: int) -> int:
    """The same day and time so many calendar months later, in UTC; the month's last day where it has no such day."""
    moment = _EPOCH + at * _MICRO
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return (moment.replace(year=year, month=month + 1, day=day) - _EPOCH) // _MICRO


def basis_of(evidence: Mapping[str, Any] | None) -> str | None:
    """The basis that sealed evidence names; None where nobody said one."""
    basis = (evidence or {}).get("basis")
    return basis if isinstance(basis, str) and basis in MONTHS else None


def imply(said: Mapping[int, Said], channel: int, at: int, end: int | None) -> Change:
    """What implied consent changes: it lifts no "no", and shortens no consent that lasts longer."""
    if is_out(said, channel):
        return Change("refused")
    made = change(said, State.IN, channel, at)
    cells = [int(one) for one in Channel if one] if channel == Channel.ALL else [channel]
    kept = {cell for cell in cells if _outlasts(governing(said, cell), end)}
    if not made.writes or not kept:
        return made
    writes = tuple(cell for cell in cells if cell not in kept and (cell not in said or said[cell].since < at))
    return Change(made.status if writes else "already", writes, recorded=True)


def _outlasts(word: Said | None, end: int | None) -> bool:
    if word is None or word.state != State.IN:
        return False
    return word.expires_at is None or (end is not None and word.expires_at > end)
