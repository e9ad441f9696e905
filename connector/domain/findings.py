"""What ``heed doctor`` finds: what is wrong, how bad it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad something is; the worst of all is the exit code."""

    HEALTHY = 0
    #: Look at it by daylight.
    WARNING = 1
    #: Calls are not answered, or messages do not leave.
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is out of order."""

    code: str
    level: Level
    detail: str
    todo: str

    @property
    def public(self) -> dict[str, str]:
        return {"code": self.code, "level": self.level.name.lower(), "detail": self.detail, "todo": self.todo}


def worst(findings: Iterable[Finding]) -> Level:
    return max((one.level for one in findings), default=Level.HEALTHY)
