"""The provider's record while it grows, read on from where one stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Growing:
    """New hand-offs of a log: (recipient, text) of each, once."""

    log: Path
    #: Numbers of those that have begun and not ended.
    open: set[str] = field(default_factory=set)
    _offset: int = 0

    def fresh(self) -> list[tuple[str, str]]:
        with self.log.open("rb") as file:
            file.seek(self._offset)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._offset += len(whole)
        entries = [json.loads(line) for line in whole.splitlines()]
        begun = [one for one in entries if "received" in one]
        self.open |= {one["n"] for one in begun}
        self.open -= {one["n"] for one in entries if "received" not in one}
        return [(one["to"], one["text"]) for one in begun if one["taken"]]
