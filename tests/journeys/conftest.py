"""Heed as it is installed, on both databases."""

from collections.abc import Iterator

import pytest

from tests.journeys.up import Up


@pytest.fixture(scope="module")
def up_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Heed with one worker, on SQLite: for what no database matters to."""
    here = Up(tmp_path_factory.mktemp("up"), None, workers=1)
    try:
        here.start()
        yield here
    finally:
        here.end()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Heed as it is installed, on both databases, shared by the tests of a file."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    database = server.fresh_database() if server else None
    here = Up(tmp_path_factory.mktemp("up"), database)
    try:
        here.start()
        yield here
    finally:
        here.end()
        if server:
            server.drop_database(database)
