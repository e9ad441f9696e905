"""The doctor names what is out of order, each thing made real, and says what to do."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from alembic import command
from click.testing import CliRunner
from sqlalchemy import make_url

from connector import bootstrap
from connector.cli import main
from connector.domain.findings import Level, worst
from connector.embedded import QueueServer
from connector.settings import Settings
from connector.store import migrate
from tests.engine.scenes import SECOND, numbers
from tests.heed import Heed
from tests.servers import Databases

MINUTE = 60 * SECOND


@pytest.fixture
def sound(heed: Heed) -> Heed:
    """A Heed in order: https outside, and a worker that lives."""
    heed.settings = replace(heed.settings, public_url="https://heed.example", trusted_proxies=1)
    heed.house.incarnations._role = "worker"
    heed.house.incarnations.beat()
    return heed


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[QueueServer]:
    with QueueServer(tmp_path / "a-queue") as server:
        yield server


def found(here: Settings, ahead: int = 0) -> dict[str, Level]:
    """The codes of what is found, with how bad it is; everything found says what to do."""
    seen = bootstrap.examined(here, lambda: bootstrap.now() + ahead)
    assert all(len(one.detail) > 20 and len(one.todo) > 20 for one in seen)
    return {one.code: one.level for one in seen}


def told(server: QueueServer, name: str, value: str) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.config_set(name, value)


def test_where_all_is_well_nothing_is_found(sound: Heed, queue: QueueServer) -> None:
    assert found(replace(sound.settings, redis_url=queue.url)) == {}


def test_a_clock_that_differs_from_the_databases(sound: Heed) -> None:
    ahead = found(sound.settings, 10 * MINUTE).get("wrong_clock")
    behind = found(sound.settings, -10 * MINUTE).get("wrong_clock")
    a_little = found(sound.settings, -5 * SECOND).get("wrong_clock")

    # SQLite has no clock of its own: only what was written down before can be ahead of us.
    assert ahead == (None if sound.house.database.is_sqlite else Level.BROKEN)
    assert (behind, a_little) == (Level.BROKEN, Level.WARNING)


def test_a_database_that_is_set_to_lose_commits(postgres_server: Databases, tmp_path: Path) -> None:
    url = postgres_server.fresh_database()
    bootstrap.migrate(url)
    name = make_url(url).database
    with postgres_server.connect() as admin:
        admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")

    assert found(some_settings(url, tmp_path))["loses_commits"] is Level.BROKEN
    postgres_server.drop_database(url)


def test_a_database_that_lacks_a_migration(database_url: str, tmp_path: Path) -> None:
    here = some_settings(database_url, tmp_path)
    assert found(here)["not_migrated"] is Level.BROKEN

    config = migrate._config()
    config.attributes["url"] = database_url
    command.upgrade(config, "0010")
    assert found(here)["not_migrated"] is Level.BROKEN

    bootstrap.migrate(database_url)
    assert "not_migrated" not in found(here)


def test_a_database_that_can_not_be_reached(tmp_path: Path) -> None:
    (tmp_path / "heed.db").mkdir()
    for url in (f"sqlite:///{tmp_path / 'heed.db'}", "postgresql+psycopg://nobody@127.0.0.1:1/heed"):
        assert found(some_settings(url, tmp_path))["no_database"] is Level.BROKEN


def test_another_secret(sound: Heed) -> None:
    assert found(replace(sound.settings, secret="another secret entirely"))["wrong_secret"] is Level.BROKEN


def test_a_copy_that_nobody_has_confirmed(sound: Heed, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    sound.close()
    if sound.house.database.is_sqlite:
        copied = tmp_path / "copied.db"
        shutil.copy(sound.house.database.sqlite_path, copied)
        url = f"sqlite:///{copied}"
    else:
        url = request.getfixturevalue("postgres_server").fresh_database(make_url(sound.url).database)

    assert found(replace(sound.settings, database_url=url))["copy_unconfirmed"] is Level.WARNING


def test_no_worker(heed: Heed) -> None:
    assert found(heed.settings)["no_worker"] is Level.BROKEN


def test_a_worker_that_ended_by_its_own_will_is_no_finding(sound: Heed) -> None:
    sound.house.incarnations.farewell()

    assert set(found(sound.settings)) == {"no_worker"}


def test_a_ticker_that_lags(sound: Heed) -> None:
    assert "lagging_ticker" not in found(sound.settings, 10 * SECOND)
    assert found(sound.settings, 30 * SECOND)["lagging_ticker"] is Level.BROKEN


def test_an_unsent_outbox(sound: Heed) -> None:
    sound.post("/v1/webhooks", {"url": "https://receiver.example/hook", "events": ["contact.opted_out"]})
    sound.act("add_to_opt_out", number=numbers(1)[0])

    assert "outbox_unsent" not in found(sound.settings)
    assert found(sound.settings, 2 * MINUTE)["outbox_unsent"] is Level.WARNING


def test_webhooks_and_messages_that_wait_too_long(sound: Heed) -> None:
    sound.post("/v1/webhooks", {"url": "https://receiver.example/hook", "events": ["contact.opted_out"]})
    sound.act("add_to_opt_out", number=numbers(1)[0])
    sound.house.notify._fan_out.work()
    body = {"sender": sound.sender()["id"], "number": numbers(1)[0], "text": "hi", "async": True}
    sound.post("/v1/actions/send_with_suppression", body)

    assert not {"deliveries_late", "messages_late"} & set(found(sound.settings, MINUTE))
    late = found(sound.settings, 20 * MINUTE)
    assert (late["deliveries_late"], late["messages_late"]) == (Level.WARNING, Level.WARNING)


def test_a_queue_that_evicts(sound: Heed, queue: QueueServer) -> None:
    told(queue, "maxmemory-policy", "allkeys-lru")

    assert found(replace(sound.settings, redis_url=queue.url)) == {"queue_evicts": Level.WARNING}


def test_a_queue_without_persistence(sound: Heed, queue: QueueServer) -> None:
    told(queue, "appendonly", "no")
    assert found(replace(sound.settings, redis_url=queue.url)) == {"queue_forgets": Level.WARNING}

    told(queue, "save", "3600 1")
    assert found(replace(sound.settings, redis_url=queue.url)) == {}


def test_a_queue_that_is_away(sound: Heed, queue: QueueServer) -> None:
    url = queue.url
    queue.stop()

    assert found(replace(sound.settings, redis_url=url)) == {"no_queue": Level.BROKEN}


@pytest.mark.parametrize(
    ("url", "is_found"),
    [
        ("http://heed.example", True), ("http://10.0.0.7:8080", True), ("https://heed.example", False),
        ("http://127.0.0.1:8080", False), ("http://localhost:8080", False), ("http://[::1]:8080", False),
        ("http://127.0.0.1.heed.example", True),
    ],
)  # fmt: skip
def test_a_public_url_that_anybody_can_read(sound: Heed, url: str, is_found: bool) -> None:
    assert found(replace(sound.settings, public_url=url)) == ({"plain_url": Level.WARNING} if is_found else {})


@pytest.mark.parametrize(("url", "is_found"), [("https://heed.example", True), ("http://127.0.0.1:8080", False)])
def test_a_proxy_that_nobody_told_of(sound: Heed, url: str, is_found: bool) -> None:
    unnamed = replace(sound.settings, public_url=url, trusted_proxies=0)

    assert found(unnamed) == ({"proxy_unnamed": Level.WARNING} if is_found else {})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a small disk")
def test_a_disk_that_is_nearly_full(sound: Heed, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us make a small disk")
    try:
        (small / "filler").write_bytes(b"x" * 7_900_000)
        assert found(replace(sound.settings, home=small / "home")) == {"disk_full": Level.BROKEN}
    finally:
        subprocess.run(["/bin/umount", str(small)], check=True)


@pytest.mark.parametrize(
    ("url", "code", "status"), [("https://x.example", 0, "healthy"), ("http://x.example", 1, "warning")]
)
def test_the_command_ends_with_how_bad_it_is(
    sound: Heed, monkeypatch: pytest.MonkeyPatch, url: str, code: int, status: str
) -> None:
    environment(monkeypatch, sound.settings, HEED_PUBLIC_URL=url)

    answer = CliRunner().invoke(main, ["doctor", "--json"])
    shown = CliRunner().invoke(main, ["doctor"])

    assert (answer.exit_code, shown.exit_code) == (code, code)
    assert f'"status": "{status}"' in answer.stdout
    assert ("plain_url" in shown.stdout) == bool(code)


def test_what_is_broken_ends_it_with_2(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, heed.settings)
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 2

    monkeypatch.setenv("HEED_THREADS", "many")
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    assert answer.exit_code == 2
    assert "bad_settings" in answer.stdout


def test_the_worst_counts() -> None:
    assert worst(()) is Level.HEALTHY


def environment(monkeypatch: pytest.MonkeyPatch, here: Settings, **values: str) -> None:
    ours = {
        "HEED_HOME": str(here.home), "HEED_DATABASE_URL": here.database_url, "HEED_SECRET": here.secret,
        "HEED_PUBLIC_URL": here.public_url, "HEED_TRUSTED_PROXIES": str(here.trusted_proxies), **values,
    }  # fmt: skip
    for name, value in ours.items():
        monkeypatch.setenv(name, value)


def some_settings(url: str, home: Path) -> Any:
    return Settings(
        home=home, host="127.0.0.1", port=0, public_url="https://heed.example", database_url=url, redis_url=None,
        secret="s" * 32, region="US", bootstrap_key=None, allow_private_targets=True, allow_unsafe_database=False,
        threads=8, web_processes=1, workers=1, wait_s=3.0, trusted_proxies=1,
    )  # fmt: skip
