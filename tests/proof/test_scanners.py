"""A short scan of every public link on both databases, and one that presses buttons; `make scanners` is long."""

import pytest

from tests.proof.scanners import METHODS, prove
from tests.servers import Databases

LOOKS = 8 * len(METHODS) * 7 * 2


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_f03_whoever_looks_at_a_public_link_changes_nothing(
    engine: str, postgres_server: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('scanned') / 'heed.db'}"
    row = prove(url if engine == "sqlite" else postgres_server.fresh_database(), LOOKS)

    assert row["holds"], row


def test_f03_a_scanner_that_posts_would_be_noticed(tmp_path_factory: pytest.TempPathFactory) -> None:
    row = prove(f"sqlite:///{tmp_path_factory.mktemp('scanned') / 'heed.db'}", 16, methods=("POST",))

    assert not row["holds"]
    assert "events" in row["tables_changed"], row
