"""What a measurement answers: rows of var/bench.json, each with its goal where it has one."""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass
from typing import Any

_HOLDS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number; ``goal`` looks like "<= 3"."""

    name: str
    value: float
    unit: str
    goal: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal is reached; a row without a goal only informs."""
        if self.goal is None:
            return True
        sign, number = self.goal.split()
        return bool(_HOLDS[sign](self.value, float(number)))

    @property
    def public(self) -> dict[str, Any]:
        return {**asdict(self), "holds": self.holds}
