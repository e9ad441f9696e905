"""What every test may ask for: real servers, started once a session, and a new database on each engine."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import make_url

from connector import bootstrap
from connector.demo.launch import Running, running
from connector.embedded import QueueServer
from tests.heed import Heed
from tests.servers import Databases, postgres

# How fast an example runs on a busy machine is no promise.
settings.register_profile("heed", deadline=None)
settings.load_profile("heed")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Databases]:
    """A PostgreSQL in memory, or the one HEED_TEST_DATABASE_URL names."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def queue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueServer]:
    """A real queue server with an append-only file."""
    with QueueServer(tmp_path_factory.mktemp("queue")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; a test that asks for it runs on both engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'heed.db'}"
        return
    server: Databases = request.getfixturevalue("postgres_server")
    url = server.fresh_database()
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that is up to date, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "heed.db"
    bootstrap.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def template(postgres_server: Databases) -> str:
    """A PostgreSQL database that is up to date, to be copied."""
    url = postgres_server.fresh_database()
    bootstrap.migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def heed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Heed]:
    """A whole Heed over an empty, migrated database; a test that asks for it runs on both engines."""
    if request.param == "sqlite":
        path = tmp_path / "heed.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        made = Heed(f"sqlite:///{path}", tmp_path)
        yield made
        made.close()
        return
    server: Databases = request.getfixturevalue("postgres_server")
    template = make_url(request.getfixturevalue("template")).database
    url = server.fresh_database(template)
    made = Heed(url, tmp_path)
    yield made
    made.close()
    server.drop_database(url)


@pytest.fixture(scope="session")
def session_recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("provider") / "handoffs.jsonl") as recorder:
        yield recorder


@pytest.fixture
def provider(session_recorder: Running) -> Running:
    """The recording provider, a process of its own, accepting everything, with an empty record."""
    session_recorder.behave({"*": None})
    session_recorder.log.write_bytes(b"")  # it appends, so it goes on at the new end
    return session_recorder
