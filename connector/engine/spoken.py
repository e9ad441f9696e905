"""A row of a file as a word: who, on which channel, what, when and why; or why it can't be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connector.domain.basis import IMPLIED, MONTHS, end_of
from connector.domain.instants import MINUTE, SECOND
from connector.domain.instants import rfc3339 as _rfc3339
from connector.domain.recipients import FIELDS, Recipient, read_person
from connector.domain.words import Channel, State
from connector.engine.presets import PRESETS
from connector.engine.records import Record

_LONGEST_REASON = 1_000
_CHANNELS = {channel.label: channel for channel in Channel}
_STATES = {
    "out": State.OUT, "opted_out": State.OUT, "opted-out": State.OUT, "opt_out": State.OUT, "opt-out": State.OUT,
    "unsubscribed": State.OUT, "stop": State.OUT, "in": State.IN, "opted_in": State.IN, "opted-in": State.IN,
    "cleared": State.CLEARED,
}  # fmt: skip
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d:?\d\d)(?: [A-Z]{3,4})?")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one row says."""

    line: int
    person: Recipient
    channel: Channel
    state: State
    at: int
    #: The row says when.
    dated: bool
    reason: str | None
    expires_at: int | None
    #: What a consent rests on; None where the row does not say.
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How the rows of one file are read."""

    options: Mapping[str, Any]
    region: str | None
    #: When the file came: the time of what says no other.
    created_at: int
    now: int

    def values(self, record: Record) -> dict[str, Any]:
        """The columns that we know, by our names."""
        if self.options["format"] == "csv":
            columns = self.options["columns"]
            found = {ours: _plain(cell) for ours, cell in zip(columns, record.cells, strict=False) if ours}
        else:
            names = self.options["names"]
            found = {names[name]: value for name, value in record.values.items() if names.get(name)}
        address = found.pop("address", None)
        if address:
            found["email" if "@" in address else "number"] = address
        return found

    def read(self, record: Record) -> Spoken | str:
        """The word, or what is wrong."""
        if record.fault:
            return record.fault
        values = self.values(record)
        try:
            return self._read(record.line, values)
        except ValueError as why:
            return str(why)

    def _read(self, line: int, values: dict[str, Any]) -> Spoken:
        for name, value in values.items():
            if not isinstance(value, (str, int, float)) and value is not None:
                raise ValueError(f"{name}: must be text")
            if isinstance(value, str) and "\x00" in value:
                raise ValueError(f"{name}: holds a NUL character")
        channel = self._channel(_text(values, "channel"))
        person = read_person({name: values[name] for name in FIELDS if values.get(name)}, "", self.region)
        for fault in person.faults(channel):
            raise ValueError(f"{fault.pointer[1:] or 'address'}: {fault.detail}")
        state = self._state(_text(values, "state"))
        when, expires = _when(values, "occurred_at"), _when(values, "expires_at")
        if when is not None and when > self.now + 5 * MINUTE:
            raise ValueError("occurred_at: nobody can have said it later than now")
        reason = _text(values, "reason")[:_LONGEST_REASON] or None
        basis = _basis(_text(values, "basis").lower() or None, state, when)
        if basis is not None and when is not None:
            expires = _end(basis, when, expires)
        return Spoken(
            line, person, channel, state, self.created_at if when is None else when, when is not None, reason, expires,
            basis,
        )  # fmt: skip

    def _channel(self, text: str) -> Channel:
        name = text.lower() or self.options.get("channel") or "all"
        if name not in _CHANNELS:
            raise ValueError(f"channel: must be one of {', '.join(_CHANNELS)}")
        return _CHANNELS[name]

    def _state(self, text: str) -> State:
        text = text.lower()
        preset = PRESETS.get(self.options.get("preset") or "")
        if preset and preset.states and text:
            if not (state := preset.state(text)):
                raise ValueError(f"state: {text[:40]!r} is no opt-out")
            return _STATES[state]
        if text and text not in _STATES:
            raise ValueError("state: must be one of out, in, cleared")
        return _STATES[text] if text else State.OUT


def shown(spoken: Spoken | str, record: Record) -> dict[str, Any]:
    """A row of a preview."""
    if isinstance(spoken, str):
        return {"line": record.line, "fault": spoken}
    return {
        "line": record.line, "fault": None, **spoken.person.public, "channel": spoken.channel.label,
        "state": spoken.state.label, "occurred_at": _rfc3339(spoken.at) if spoken.dated else None,
        "reason": spoken.reason, "basis": spoken.basis,
        "expires_at": _rfc3339(spoken.expires_at) if spoken.expires_at is not None else None,
    }  # fmt: skip


def read_when(value: str | float) -> int:
    """A time as other tools write it; without a zone it is UTC. ValueError for anything else."""
    text = str(value).strip()
    if re.fullmatch(r"\d{9,10}(\.\d+)?", text):
        return int(float(text) * SECOND)
    if re.fullmatch(r"\d{13}", text):
        return int(text) * 1000
    go = _GO_TIME.fullmatch(text)
    plain = f"{go[1]}T{go[2]}{go[3]}" if go else re.sub(r" ?(UTC|GMT|Z)$", "+00:00", text) if text[:1].isdigit() else ""
    moment = datetime.fromisoformat(plain) if plain else parsedate_to_datetime(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICRO
    if not 0 <= micros < 7_258_118_400 * SECOND:
        raise ValueError("between 1970 and 2200")
    return micros


_MICRO = datetime.resolution


def _when(values: Mapping[str, Any], name: str) -> int | None:
    text = _text(values, name)
    if not text:
        return None
    try:
        return read_when(text)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"{name}: this is no date and time, such as 2026-11-23T18:00:00Z") from None


def _basis(basis: str | None, state: State, when: int | None) -> str | None:
    if basis is not None and basis not in MONTHS:
        raise ValueError(f"basis: must be one of {', '.join(MONTHS)}")
    if basis is not None and state is not State.IN:
        raise ValueError("basis: only a consent has one; say state in")
    if basis in IMPLIED and when is None:
        raise ValueError("occurred_at: implied consent ends so many months after it, so the row must say it")
    return basis


def _end(basis: str, when: int, asked: int | None) -> int | None:
    try:
        return end_of(basis, when, asked)
    except ValueError as why:
        raise ValueError(f"expires_at: {why}") from None


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value).strip()


def _plain(cell: str) -> str:
    """A cell without what keeps a spreadsheet from taking it for a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r") else cell
