"""What an action answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """The answer's body; ``location`` says where to look again while something is not over yet (202)."""

    body: dict[str, Any]
    location: str | None = None
