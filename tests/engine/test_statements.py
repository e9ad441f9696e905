"""A call's statements do not grow with its recipients: as many for a thousand as for one, and by chunks beyond."""

import pytest

from tests import statements
from tests.heed import Heed

MANY = 1_000


def test_a_check_takes_one_statement_whatever_its_size(heed: Heed) -> None:
    assert statements.of_check(heed, 1) == statements.of_check(heed, MANY) == 1


@pytest.mark.parametrize("kind", ["broadcast", "sequence"])
def test_a_claim_takes_as_many_for_a_thousand_as_for_one(heed: Heed, kind: str) -> None:
    assert statements.of_claim(heed, kind, 1) == statements.of_claim(heed, kind, MANY)


def test_a_claim_that_refuses_takes_as_many_for_a_thousand_as_for_one(heed: Heed) -> None:
    assert statements.of_refusal(heed, 1) == statements.of_refusal(heed, MANY)


@pytest.mark.parametrize("kind", ["broadcast", "sequence"])
def test_an_import_takes_as_many_for_a_thousand_as_for_one(heed: Heed, kind: str) -> None:
    assert statements.of_import(heed, kind, 1) == statements.of_import(heed, kind, MANY)


def test_a_longer_import_takes_them_once_for_each_thousand(heed: Heed) -> None:
    one, three = statements.of_import(heed, "sequence", MANY), statements.of_import(heed, "sequence", 3 * MANY)
    per_call = _once_a_call(heed)

    assert three - per_call == 3 * (one - per_call)


def _once_a_call(heed: Heed) -> int:
    """What an import takes before it has read a row."""
    return statements.of_import(heed, "sequence", 0)
