"""What a word from a file does: as any other word, but it never lifts a "no" without newer consent evidence."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.basis import IMPLIED, imply
from connector.domain.change import Change, Said, change
from connector.domain.words import Channel, State

#: What a report calls the outcome of a change.
COUNTED = {
    "added": "imported", "removed": "imported", "already": "already", "absent": "already",
    "superseded": "superseded", "refused": "refused",
}  # fmt: skip
REFUSED = Change("refused")
_OUT = State.OUT
#: What a "no" changes where nobody has spoken: most rows of most files.
_FIRST_NO = {int(channel): Change("added", (int(channel),), recorded=True) for channel in Channel}


def imported(
    said: Mapping[int, Said], state: State, channel: int, at: int, *, dated: bool, reason: bool, protect: str,
    erased: bool, basis: str | None = None, end: int | None = None,
) -> Change:  # fmt: skip
    """``dated``: the file says when; ``reason``: it says why, which counts as evidence."""
    if not said and state is _OUT:
        return _FIRST_NO[channel]
    if basis in IMPLIED and not erased:
        return imply(said, channel, at, end)
    if state is not State.OUT:
        cells = said if channel == Channel.ALL else {channel, int(Channel.ALL)}
        outs = [said[cell].since for cell in cells if cell in said and said[cell].state == State.OUT]
        if erased or (outs and not _is_same(said, state, channel, at) and not (dated and reason and at > max(outs))):
            return REFUSED
    return change(said, state, channel, at, protect=protect, evidence=reason)


def _is_same(said: Mapping[int, Said], state: State, channel: int, at: int) -> bool:
    """The very word that stands there, as an export says it."""
    return said.get(channel) == Said(int(state), at)
