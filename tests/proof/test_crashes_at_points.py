"""Every scene, and a process killed at every seventh of its points; `make crashes` kills at all of them, 20 times."""

import pytest

from tests.proof.crash_lives import Task, play
from tests.proof.crash_mutants import MUTANTS
from tests.proof.crash_scenes import SCENES
from tests.proof.crashes import judge
from tests.servers import Databases

SEED = 20_261_128


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_whoever_is_killed_wherever_others_go_on_and_every_promise_holds(
    engine: str, postgres_server: Databases
) -> None:
    seen = play(Task(postgres_server.url(), engine, 0, SEED, every=7))

    assert seen.violations == []
    assert all(seen.deaths[scene] for scene in SCENES)
    assert seen.deaths.total() == seen.lives.total() - len(SCENES)
    assert seen.hand_offs.total() > 100
    assert sum(seen.unknown.values()) > 10
    assert judge([seen], 1)["violations"] == 0


@pytest.mark.parametrize(("mutant", "engine"), [("marked late", "sqlite"), ("heard first", "postgresql")])
def test_work_in_an_order_in_which_a_death_matters_is_caught(
    mutant: str, engine: str, postgres_server: Databases
) -> None:
    seen = play(Task(postgres_server.url(), engine, 0, SEED, (MUTANTS[mutant].scene,), mutant))

    assert seen.violations
