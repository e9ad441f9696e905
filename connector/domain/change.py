"""What a new word does to the words before it: the newest one wins, and a protected "no" is not lifted by anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.domain.words import Channel, State


@dataclass(frozen=True, slots=True)
class Said:
    """A word that stands on one channel of a list."""

    state: int
    since: int
    #: When it ends by itself; not a part of what was said.
    expires_at: int | None = field(default=None, compare=False)


class Change(NamedTuple):
    """The answer for one (address, list), the channels whose word is written, and whether history gets a line."""

    status: str
    writes: tuple[int, ...] = ()
    recorded: bool = False


def change(
    said: Mapping[int, Said], state: State, channel: int, at: int, *, protect: str = "none", personal: bool = False,
    evidence: bool = False,
) -> Change:  # fmt: skip
    """What saying ``state`` about ``channel`` at ``at`` changes, given what was said on each channel of a list.

    ``protect`` is the list's: "person" lets only the person lift a "no", "evidence" wants evidence from others.
    """
    protected = protect == "person" or (protect == "evidence" and not evidence)
    if state is not State.OUT and protected and not personal and is_out(said, channel):
        return Change("refused")
    if state is State.OUT:
        return _say(said, state, channel, at, fresh="added")
    if state is State.IN:
        return _say(said, state, channel, at, fresh="added")
    return _clear(said, channel, at)


def _say(said: Mapping[int, Said], state: State, channel: int, at: int, *, fresh: str) -> Change:
    cell, effective = said.get(channel), governing(said, channel)
    if cell is not None and (at < cell.since or (at == cell.since and state is not State.OUT)):
        # Older, or at the same moment as a "no": on a tie the "no" stands.
        same = at == cell.since and cell.state == state
        return Change("already") if same else Change("superseded", recorded=True)
    if cell is not None and at == cell.since and cell.state == state:
        return Change("already")
    newer = effective is not None and (effective.since, effective.state == State.OUT) > (at, state == State.OUT)
    if effective is not None and newer and effective.state != state:
        return Change("superseded", (channel,), recorded=True)
    status = "already" if effective is not None and effective.state == state else fresh
    return Change(status, (channel,), recorded=True)


def _clear(said: Mapping[int, Said], channel: int, at: int) -> Change:
    """Only a "no" is cleared: a "yes" on another channel stays."""
    if channel == Channel.ALL:
        outs = {cell: word for cell, word in said.items() if word.state == State.OUT and _rules(said, cell)}
    else:
        effective = governing(said, channel)
        outs = {channel: effective} if effective is not None and effective.state == State.OUT else {}
    older = tuple(sorted(cell for cell, word in outs.items() if word.since < at))
    if older:
        return Change("removed", older, recorded=True)
    return Change("superseded", recorded=True) if outs else Change("absent")


def governing(said: Mapping[int, Said], channel: int) -> Said | None:
    """The list's word for a channel: the newer of its words for that channel and for all; on a tie, ``out``."""
    words = [said[cell] for cell in {channel, int(Channel.ALL)} if cell in said]
    return max(words, key=lambda word: (word.since, word.state == State.OUT), default=None)


def _rules(said: Mapping[int, Said], cell: int) -> bool:
    return governing(said, cell) == said[cell]


def is_out(said: Mapping[int, Said], channel: int) -> bool:
    """Whether a "no" holds on the channel; for all: on any."""
    cells = said if channel == Channel.ALL else (channel,)
    effective = [governing(said, cell) for cell in cells]
    return any(word is not None and word.state == State.OUT for word in effective)
