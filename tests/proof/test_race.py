"""A short race on both databases, and one without the wait, which must be lost; `make race` runs the long one."""

import pytest

from tests.proof.race import run
from tests.servers import Databases

SEED = 20_261_123
OPT_OUTS = 600


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_opt_out_that_races_with_sends_and_enrolments_wins(engine: str, postgres_server: Databases) -> None:
    row = run(engine, postgres_server, OPT_OUTS, overlaps=10, seed=SEED)
    assert row["holds"], row


def test_a_race_without_the_wait_is_lost(postgres_server: Databases) -> None:
    row = run("postgresql", postgres_server, OPT_OUTS, overlaps=10, seed=SEED, mutant="no wait", processes=1)
    assert row["in_flight"] > 0, row
