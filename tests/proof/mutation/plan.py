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


PARTS = (
    Part(
        "connector.domain.consent",
        ("tests/domain/test_consent.py",),
        {
            "Question: `'none'` becomes `'nonex'`": "a default is in, out, or neither; every other word means neither",
            "the module: `1` becomes `2`": "an end that no word has, later than any that one can have",
            "the module: `63` becomes `64`": "the same",
            "the module: `2` becomes `3`": "out weighs most, however much more",
        },
    ),
    Part("connector.engine.waiting", ("tests/engine/test_waiting.py",)),
    Part("connector.store.fence", ("tests/engine/test_fence_locks.py", "tests/engine/test_claim.py")),
    Part("connector.engine.settling", ("tests/engine/test_fence_waits.py",)),
    Part(
        "connector.engine.fenced",
        (
            "tests/engine/test_fence_writes.py", "tests/engine/test_fence.py", "tests/engine/test_fence_waits.py",
            "tests/engine/test_sequences.py", "tests/engine/test_imports_settle.py",
            "tests/actions/test_add_to_opt_out.py",
        ),
    ),
)  # fmt: skip
