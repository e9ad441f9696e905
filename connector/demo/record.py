"""The provider's record while it grows, read on from where one stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Growing:
    """New hand-offs of a log: (recipient, text) of each, once."""

    log: Path
    _offset: int = 0

    def fresh(self) -> list[tuple[str, str]]:
        with self.log.open("rb") as file:
            file.seek(self._offset)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._offset += len(whole)
        entries = (json.loads(line) for line in whole.splitlines())
        return [(one["to"], one["text"]) for one in entries if "received" in one and one["taken"]]
