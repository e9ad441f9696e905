"""What is mutated, which tests must notice, and which changes nobody can notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """A module, the tests that hold its promises, and the mutants that change no promise, each with the reason."""

    module: str
    tests: Sequence[str]
    equivalent: Mapping[str, str] = field(default_factory=dict)


_FENCE = (
    "tests/engine/test_fence.py", "tests/engine/test_fence_waits.py", "tests/engine/test_claim.py",
    "tests/engine/test_sequences.py", "tests/engine/test_imports_settle.py", "tests/store/test_turnstile.py",
)  # fmt: skip

PARTS = (
    Part("connector.domain.consent", ("tests/domain/test_consent.py",)),
    Part("connector.engine.waiting", _FENCE),
    Part("connector.engine.settling", _FENCE),
    Part("connector.store.fence", _FENCE),
    Part("connector.engine.fenced", _FENCE),
)
