"""What is mutated, which tests must notice, and which changes nobody can notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """A module, the tests of its promises (those made for it first), and the mutants that change none, with why."""

    module: str
    tests: Sequence[str]
    equivalent: Mapping[str, str] = field(default_factory=dict)


_SPEED = "from how many keys on the database is told that many come: a matter of speed"
_SORTED = "whoever reads it in the store sorts once more"

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
    Part(
        "connector.engine.waiting",
        ("tests/engine/test_waiting.py",),
        {"_look: `1.5` becomes `2.5`": "how soon the looks grow rarer; how rare they get is held"},
    ),
    Part(
        "connector.store.fence",
        ("tests/engine/test_fence_locks.py", "tests/engine/test_claim.py"),
        {
            "the module: `256` becomes `257`": "addresses fall into 256 buckets: one more stays empty",
            "_lock: `sorted({lock & 2147483647 for lock in locks})` becomes "
            "`list({lock & 2147483647 for lock in locks})`": "the statement takes them in rising order by itself",
        },
    ),
    Part(
        "connector.engine.settling",
        ("tests/engine/test_fence_waits.py",),
        {
            "Settling.is_settled: `len(keys) >= bulk.FROM` becomes `len(keys) > bulk.FROM`": _SPEED,
            "Settling.is_settled: `len(keys) >= bulk.FROM` becomes `len(keys) < bulk.FROM`": _SPEED,
            "Settling.is_settled: left out: `make_room(connection)`": _SPEED,
        },
    ),
    Part(
        "connector.engine.fenced",
        (
            "tests/engine/test_fence_writes.py", "tests/engine/test_fence.py", "tests/engine/test_sequences.py",
            "tests/engine/test_fence_waits.py::test_a_stop_that_is_delivered_twice_waits_twice",
            "tests/engine/test_fence_waits.py::test_it_waits_for_a_hand_off_to_the_linked_address",
            "tests/engine/test_imports_settle.py"
            "::test_l07_an_undo_that_restores_an_opt_out_takes_back_what_is_pending",
            "tests/actions/test_add_to_opt_out.py::test_a01_reason_evidence_and_time_are_in_the_history",
            "tests/actions/test_add_to_opt_out.py::test_a01_saying_it_again_is_already",
        ),
        {
            "the module: `'T'` becomes `'Tx'`": "what a type variable calls itself",
            "the module: `5` becomes `6`": "how often it is tried once more; that it ends is held",
            "Fenced.refuse: `wait and keys` becomes `wait`": "nothing is on its way to nobody: true either way",
            "Fenced._under_lock: `len(keys) >= bulk.FROM` becomes `len(keys) > bulk.FROM`": _SPEED,
            "Fenced._under_lock: `len(keys) >= bulk.FROM` becomes `len(keys) < bulk.FROM`": _SPEED,
            "Fenced._under_lock: left out: `make_room(connection)`": _SPEED,
            "Fenced._under_lock: `sorted(places)` becomes `list(places)`": _SORTED,
            "Fenced._under_lock: `sorted({*keys, *(other for others in links.values() for other, _ in others)})` "
            "becomes `list({*keys, *(other for others in links.values() for other, _ in others)})`": _SORTED,
            "Fenced.quiet: `sorted({*keys, *(other for others in links.values() for other, _ in others)})` "
            "becomes `list({*keys, *(other for others in links.values() for other, _ in others)})`": _SORTED,
        },
    ),
)  # fmt: skip
