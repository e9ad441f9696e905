"""A copied or restored database sends nothing until an operator confirms that nothing else sends from it."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from connector import bootstrap, jobs
from connector.demo.launch import Running
from connector.engine.tick import tick
from connector.store import schedule
from tests.engine.scenes import SECOND, beside, claim, eventually, numbers, seen, send_later, statuses
from tests.heed import Heed
from tests.receiver import receiving
from tests.servers import Databases

Copy = Callable[[Heed], Heed]


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copy]:
    """Another Heed over a copy of a Heed's database; on PostgreSQL the first one is closed for it."""
    made: list[Heed] = []

    def copied(heed: Heed) -> Heed:
        home = tmp_path / "copy"
        home.mkdir()
        if heed.house.database.is_sqlite:
            url = f"sqlite:///{home / 'heed.db'}"
            back_up(heed, home / "heed.db")
        else:
            server: Databases = request.getfixturevalue("postgres_server")
            heed.close()
            url = server.fresh_database(make_url(heed.url).database or "")
            request.addfinalizer(lambda: server.drop_database(url))
        made.append(Heed(url, home))
        return made[-1]

    yield copied
    for one in made:
        one.close()


def back_up(heed: Heed, to: Path) -> None:
    with closing(sqlite3.connect(heed.house.database.sqlite_path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def started_again(heed: Heed) -> None:
    """The same settings, another process."""
    heed.house = bootstrap.build(heed.settings, clock=heed.clock)
    heed.app.extensions["heed"] = heed.house


def are_due(heed: Heed) -> bool:
    with heed.house.database.read() as connection:
        return bool(schedule.buckets_due(connection, heed.clock()))


def state(heed: Heed) -> str:
    return str(heed.get("/v1/database")["sending"])


def told(heed: Heed) -> str:
    return str(heed.app.test_client().get("/readyz").json["status"])


def test_d09_a_copied_database_sends_nothing_until_somebody_confirms(heed: Heed, provider: Running, copy: Copy) -> None:
    before, in_hand, due, later = numbers(4)
    sender = heed.sender(provider.url)["id"]
    send_later(heed, sender, before)
    heed.work()
    send_later(heed, sender, in_hand)
    assert len(claim(heed)[1]) == 1
    send_later(heed, sender, due)

    other = copy(heed)
    assert are_due(other)
    other.work()
    assert (state(other), told(other)) == ("held", "held")
    send_later(other, sender, later)
    other.act("add_to_opt_out", number="+14155550101")
    other.work()
    assert [one.to for one in provider.handoffs()] == [before]
    assert statuses(other, [due, later]) == {due: "pending", later: "pending"}

    confirmed = other.post("/v1/database/confirm")
    assert (confirmed["sending"], confirmed["differs"], told(other)) == ("on", [], "ok")
    assert "key_" in confirmed["confirmed_by"]
    other.work()
    other.clock.pass_by(11 * SECOND)
    tick(other.house.database, other.clock, other.house.hints)
    other.work()
    assert sorted(one.to for one in provider.handoffs()) == [before, due, later]
    assert statuses(other, [in_hand]) == {in_hand: "unknown"}


def test_d09_a_copied_database_that_is_confirmed_sends_again_in_workers_that_run(
    heed: Heed, provider: Running, copy: Copy
) -> None:
    (person,) = numbers(1)
    send_later(heed, heed.sender(provider.url)["id"], person)
    other = copy(heed)
    elsewhere = bootstrap.build(other.settings, clock=other.clock)
    with other.working():
        assert not other.house.guard.is_home()
        assert seen(provider, [person]) == []
        elsewhere.guard.confirm("somebody at the machine")
        assert len(eventually(lambda: seen(provider, [person]))) == 1
    elsewhere.close()
    other.close()
    started_again(other)
    assert (state(other), other.get("/v1/database")["confirmed_by"]) == ("on", "somebody at the machine")


class Once(threading.Event):
    """Set when somebody would wait for it: what asks in a loop goes round until it has nothing to do."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_d09_a_copied_database_tells_no_webhook_until_somebody_confirms(heed: Heed, copy: Copy) -> None:
    with receiving() as receiver:
        heed.post("/v1/webhooks", {"url": receiver.url}, status=201)
        heed.act("add_to_opt_out", number="+14155550101")
        other = copy(heed)
        assert other.house.notify.is_due()
        jobs._notify(other.house, Once())
        assert receiver.heard == []
        other.post("/v1/database/confirm")
        jobs._notify(other.house, Once())
        assert len(receiver.heard) == 1


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["over", "replaced"])
def test_d09_a_copied_database_put_back_in_its_place_is_noticed(
    heed: Heed, provider: Running, tmp_path: Path, how: str
) -> None:
    before, after = numbers(2)
    sender = heed.sender(provider.url)["id"]
    send_later(heed, sender, before)
    heed.work()
    send_later(heed, sender, after)
    back_up(heed, tmp_path / "backup.db")
    heed.work()  # still in the same life that was there when the backup was made
    heed.close()

    place = heed.house.database.sqlite_path
    if how == "replaced":
        place.unlink()
    shutil.copyfile(tmp_path / "backup.db", place)
    for rest in ("-wal", "-shm"):
        place.with_name(place.name + rest).unlink(missing_ok=True)
    started_again(heed)

    assert are_due(heed)
    heed.work()
    assert state(heed) == "held"
    assert "time" in heed.get("/v1/database")["differs"]
    assert [one.to for one in provider.handoffs()] == [before, after]
    # The backup does not know that the second one was sent. Who confirms says that it may go out once more.
    heed.post("/v1/database/confirm")
    heed.work()
    assert [one.to for one in provider.handoffs()] == [before, after, after]
    heed.close()
    started_again(heed)
    assert state(heed) == "on"


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_d09_a_copied_database_is_noticed_with_its_whole_folder(heed: Heed, tmp_path: Path) -> None:
    heed.close()
    shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}-kept"))
    shutil.rmtree(tmp_path)
    tmp_path.with_name(f"{tmp_path.name}-kept").rename(tmp_path)
    started_again(heed)
    assert heed.get("/v1/database")["differs"] == ["file", "neighbour"]


def test_d09_a_database_that_stays_in_its_place_is_never_held(heed: Heed, provider: Running) -> None:
    people = numbers(30)
    sender = heed.sender(provider.url)["id"]
    others = [bootstrap.build(heed.settings, clock=heed.clock) for _ in range(2)]

    def work(house: bootstrap.House) -> None:
        for _ in range(20):
            house.sender.drain(range(256), house.incarnations.token, 5.0)
            assert house.guard.look().differs == ()

    with beside(*(lambda one=one: work(one) for one in others)):
        for person in people:
            send_later(heed, sender, person)
    heed.work()
    assert len(seen(provider, people)) == 30
    for one in others:
        one.close()
    heed.close()
    started_again(heed)
    assert state(heed) == "on"


@pytest.mark.parametrize("heed", ["postgresql"], indirect=True)
def test_d09_a_copied_database_is_noticed_when_a_dump_is_read_back_under_a_worker(
    heed: Heed, provider: Running, postgres_server: Databases
) -> None:
    (person,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    with heed.working():
        assert heed.house.guard.is_home()
        with postgres_server.connect(make_url(heed.url).database) as admin, admin.transaction():
            admin.execute("ALTER TABLE sends RENAME TO sends_before")
            admin.execute("CREATE TABLE sends (LIKE sends_before INCLUDING ALL)")
        eventually(lambda: not heed.house.guard.is_home())
        send_later(heed, sender, person)
        assert heed.get("/v1/database")["differs"] == ["table"]
    assert are_due(heed)
    assert seen(provider, [person]) == []


@pytest.mark.parametrize("heed", ["postgresql"], indirect=True)
def test_d09_what_a_role_may_not_read_is_said_and_the_rest_still_tells(heed: Heed, postgres_server: Databases) -> None:
    with postgres_server.connect(make_url(heed.url).database) as admin:
        admin.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        admin.execute("DROP ROLE IF EXISTS narrow")
        admin.execute("CREATE ROLE narrow LOGIN")
        admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow")
    narrow = bootstrap.Database(make_url(heed.url).set(username="narrow").render_as_string(hide_password=False), pool=1)
    found = bootstrap.Guard(narrow, heed.clock).look()
    narrow.dispose()
    with postgres_server.connect(make_url(heed.url).database) as admin:
        admin.execute("DROP OWNED BY narrow")
        admin.execute("DROP ROLE narrow")
    assert (found.differs, found.unread) == ((), ("cluster",))
