"""What the recording provider saw, as its log tells it: the oracle of the tests, the benches and the demo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class HandOff:
    """One message as the provider saw it; times in ns of CLOCK_MONOTONIC, comparable within one host."""

    send_id: str | None
    to: str | None
    text: str | None
    received: int
    #: When the whole answer had been written; None where there was none, or not a whole one.
    answered: int | None
    #: When the provider had done with it, answered or not; None while in progress or where it was killed.
    ended: int | None
    #: False where the provider refused it, so that a second offer of the same send is no double.
    taken: bool
    #: The behaviour that was played.
    did: str
    idempotency_key: str | None


def read_log(path: str | Path) -> list[HandOff]:
    """Every hand-off in the order received; a last line that is still being written is left out."""
    received: dict[str, dict[str, Any]] = {}
    endings: dict[str, dict[str, Any]] = {}
    for line in Path(path).read_bytes().split(b"\n")[:-1]:
        entry = json.loads(line)
        (received if "received" in entry else endings)[entry.pop("n")] = entry
    unended = {"answered": None, "ended": None}
    return [HandOff(**entry, **endings.get(n, unended)) for n, entry in received.items()]
