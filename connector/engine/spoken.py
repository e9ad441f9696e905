"""A row of a file as a word: who, on which channel, what, when and why; or why it can't be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from connector.domain.addresses import Address, AddressKind, InvalidAddress, parse
from connector.domain.basis import IMPLIED, MONTHS, end_of
from connector.domain.instants import MINUTE
from connector.domain.instants import rfc3339 as _rfc3339
from connector.domain.words import Channel, State
from connector.engine.presets import PRESETS
from connector.engine.records import Record
from connector.engine.when import read_when

_LONGEST_REASON = 1_000
_KINDS = tuple((kind.value, kind) for kind in AddressKind)
_CHANNELS = {channel.label: channel for channel in Channel}
_STATES = {
    "out": State.OUT, "opted_out": State.OUT, "opted-out": State.OUT, "opt_out": State.OUT, "opt-out": State.OUT,
    "unsubscribed": State.OUT, "stop": State.OUT, "in": State.IN, "opted_in": State.IN, "opted-in": State.IN,
    "cleared": State.CLEARED,
}  # fmt: skip


class Spoken(NamedTuple):
    """What one row says."""

    line: int
    #: By the name of the column.
    addresses: Mapping[str, Address]
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
            if self.options["format"] != "csv":
                _insist_on_text(values)
            return self._read(record.line, values)
        except ValueError as why:
            return str(why)

    def _read(self, line: int, values: dict[str, Any]) -> Spoken:
        preset = self.options.get("preset")
        channel = _channel(_text(values, "channel"), self.options.get("channel"), preset)
        given = [(name, kind, value) for name, kind in _KINDS if (value := values.get(name))]
        if preset and channel is not Channel.ALL:  # their rows may hold all the addresses of somebody
            given = [one for one in given if (one[0] == "email") is (channel is Channel.EMAIL)] or given
        addresses = self._addresses(given, channel)
        state = _state(_text(values, "state"), preset)
        when, expires = _when(values, "occurred_at"), _when(values, "expires_at")
        if when is not None and when > self.now + 5 * MINUTE:
            raise ValueError("occurred_at: nobody can have said it later than now")
        reason = _text(values, "reason")[:_LONGEST_REASON] or None
        basis = _basis(_text(values, "basis").lower() or None, state, when)
        if basis is not None and when is not None:
            expires = _end(basis, when, expires)
        at = self.created_at if when is None else when
        return Spoken(line, addresses, channel, state, at, when is not None, reason, expires, basis)

    def _addresses(self, given: Sequence[tuple[str, AddressKind, Any]], channel: Channel) -> dict[str, Address]:
        if not given:
            raise ValueError("address: a number, an email or a whatsapp_id is needed")
        found = {}
        for name, kind, value in given:
            try:
                address = parse(kind, value, self.region)
            except InvalidAddress as why:
                raise ValueError(f"{name}: {why.detail}") from None
            if not address.fits(channel):
                detail = f"the channel {channel.label} does not reach an address of this kind"
                raise ValueError(f"{name}: {detail}")
            found[name] = address
        return found


def _insist_on_text(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if not isinstance(value, (str, int, float)) and value is not None:
            raise ValueError(f"{name}: must be text")
        if isinstance(value, str) and "\x00" in value:
            raise ValueError(f"{name}: holds a NUL character")


@lru_cache(maxsize=256)
def _channel(text: str, chosen: str | None, named: str | None) -> Channel:
    preset = PRESETS.get(named or "")
    name = text.lower() or chosen or "all"
    name = preset.channels.get(name, name) if preset else name
    if name not in _CHANNELS:
        raise ValueError(f"channel: must be one of {', '.join(_CHANNELS)}")
    return _CHANNELS[name]


@lru_cache(maxsize=256)
def _state(text: str, named: str | None) -> State:
    preset = PRESETS.get(named or "")
    text = text.lower()
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
        "line": record.line, "fault": None, **{name: one.wire for name, one in spoken.addresses.items()},
        "channel": spoken.channel.label, "state": spoken.state.label,
        "occurred_at": _rfc3339(spoken.at) if spoken.dated else None, "reason": spoken.reason, "basis": spoken.basis,
        "expires_at": _rfc3339(spoken.expires_at) if spoken.expires_at is not None else None,
    }  # fmt: skip


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
