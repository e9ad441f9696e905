"""The servers the tests stand on: they start, they survive a crash, and they end with us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from connector import embedded
from connector.embedded import QueueServer, QueueServerError, find_binary, tied_to_parent
from tests import servers
from tests.servers import PostgresServer


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[QueueServer]:
    with QueueServer(tmp_path / "a folder") as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of our own even where another one is set, since these tests crash it."""
    try:
        servers.find_programs()
    except RuntimeError:
        if os.environ.get("HEED_TEST_DATABASE_URL"):
            pytest.skip("no PostgreSQL of our own on this platform")
    with PostgresServer() as server:
        yield server


def test_the_queue_server_keeps_queued_data_through_a_kill(queue: QueueServer) -> None:
    url = queue.url
    with redis.Redis.from_url(url) as client:
        client.rpush("jobs", *range(1000))
    assert queue.pid
    os.kill(queue.pid, signal.SIGKILL)

    while queue.pid:
        time.sleep(embedded.GLANCE)
    queue.start()

    assert queue.url == url
    with redis.Redis.from_url(url) as client:
        assert client.llen("jobs") == 1000


def test_the_queue_server_refuses_writes_rather_than_forget(queue: QueueServer) -> None:
    with redis.Redis.from_url(queue.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("append*")["appendonly"] == "yes"


def test_two_queue_servers_never_share_a_folder(queue: QueueServer) -> None:
    second = QueueServer(queue.folder, patience=0.1)

    with pytest.raises(QueueServerError, match=r"lock.*HEED_REDIS_URL"):
        second.start()

    assert queue.pid


def test_a_stopped_queue_server_leaves_no_socket_behind(tmp_path: Path) -> None:
    with QueueServer(tmp_path) as server:
        socket = Path(server.url.removeprefix("unix://").removesuffix("?db=0"))
        assert socket.is_socket()

    assert not socket.parent.exists()


def test_a_machine_without_a_queue_server_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)

    with pytest.raises(QueueServerError, match="HEED_REDIS_URL"):
        find_binary()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_tied_process_ends_when_its_parent_is_killed() -> None:
    parent_source = (
        "import subprocess, sys\n"
        "from connector.embedded import tied_to_parent\n"
        "child = subprocess.Popen(tied_to_parent([sys.executable, '-c', sys.argv[1]]))\n"
        "child.wait()\n"
    )
    child_source = "import signal; print('ready', flush=True); signal.pause()"
    with subprocess.Popen(
        [sys.executable, "-c", parent_source, child_source], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"

        parent.kill()

        # The child holds the other end of the pipe: it closes only when the child has ended too.
        assert parent.stdout.read() == ""


def test_a_tied_process_does_not_start_for_a_parent_that_is_gone() -> None:
    command = tied_to_parent(["/bin/true"])
    command[command.index(str(os.getpid()))] = "1"

    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_what_was_committed_survives_a_crash_of_postgres(postgres: PostgresServer) -> None:
    url = postgres.fresh_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word text)"))
        connection.execute(text("INSERT INTO words VALUES ('stop')"))

    postgres.restart(immediate=True)
    engine.dispose()

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT word FROM words")) == "stop"
    engine.dispose()


def test_postgres_is_as_durable_as_heed_asks_of_it(postgres: PostgresServer) -> None:
    with postgres.connect() as connection:
        for setting, expected in {
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "200",
        }.items():
            assert connection.execute(f"SHOW {setting}").fetchone() == (expected,)


def test_a_fresh_database_can_be_a_copy_of_another(postgres: PostgresServer) -> None:
    with postgres.connect() as admin:
        admin.execute("CREATE DATABASE heed_template")
    with postgres.connect("heed_template") as template:
        template.execute("CREATE TABLE entries (id int)")

    engine = create_engine(postgres.fresh_database("heed_template"))

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM entries")) == 0
    engine.dispose()


def test_a_platform_without_postgres_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(servers, "find_spec", lambda name: None)

    with pytest.raises(RuntimeError, match="HEED_TEST_DATABASE_URL"):
        servers.find_programs()


def test_a_test_that_asks_for_a_database_runs_on_both_engines(database_url: str) -> None:
    engine = create_engine(database_url)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word text)"))

    engine.dispose()
