"""A sample of the interleavings, the same one each time; `make interleavings` plays all of them."""

import pytest

from tests.heed import Heed
from tests.proof.mutants import MUTANTS
from tests.proof.scenes import STEPS
from tests.proof.scheduler import Played
from tests.proof.schedules import Every, count, sample
from tests.proof.stage import run

SEED = 20_261_123
#: Beside the lottery's: an opt-out during a hand-off, before it and after it, and an enrolment behind its back.
TOLD = ("eecccooooocc", "eeccoooooccc", "oooeeccooccc", "eeccccoooooc")


def test_no_order_of_a_claim_an_opt_out_and_an_enrolment_breaks_the_promise(heed: Heed) -> None:
    steps = STEPS["enrolment"]
    row = run(heed, "enrolment", steps, [*TOLD, *sample(steps, 250 - len(TOLD), SEED)])
    assert row["schedules"] == 250
    assert not row["vacuous"], row
    assert (row["violations"], row["faults"]) == (0, {}), row


@pytest.mark.parametrize(
    ("mutant", "schedule"),
    [
        ("no lock", "oooeccooccc"),
        ("no wait", "eccccoooooc"),
        ("memory batch", "eocoooocccc"),
        ("lease only", "cccrooooocc"),
    ],
)
def test_a_protocol_with_a_part_taken_out_is_caught(heed: Heed, mutant: str, schedule: str) -> None:
    taken = MUTANTS[mutant]
    if heed.house.database.url.get_backend_name() not in taken.databases:
        pytest.skip("has no counterpart in this database")
    steps = {name: 1 if name == "e" else times for name, times in STEPS[taken.scene].items()}
    assert run(heed, taken.scene, steps, [schedule], mutant)["violations"] == 1


def test_every_order_is_played_or_known_to_be_impossible_or_the_same() -> None:
    steps = {"a": 2, "b": 2}
    every = Every(steps)
    for schedule in every:
        every.learn(Played(schedule, [""] * 4, [""] * 4))
    assert every.played == count(steps) == 6
    assert count(STEPS["enrolment"]) == 16_632
