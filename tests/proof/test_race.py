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
    # On a machine that is busy with other things a race can miss it; several in a row do not.
    rows = (
        run("postgresql", postgres_server, OPT_OUTS, overlaps=10, seed=seed, mutant="no wait", processes=1)
        for seed in range(SEED, SEED + 5)
    )
    assert any(row["in_flight"] > 0 for row in rows)
