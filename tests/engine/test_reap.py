"""The reaper: only what is overdue in the hands of the dead is given up; a process that stands still keeps its rows."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connector import settings
from connector.demo.launch import Running
from connector.embedded import QueueServer, tied_to_parent
from connector.engine.incarnations import Incarnations
from connector.engine.reap import reap
from connector.store.liveness import is_dead
from tests.engine.scenes import (
    HOUR,
    SECOND,
    campaign,
    claim,
    enrol,
    eventually,
    numbers,
    report,
    seen,
    send_later,
    statuses,
    texts,
    turn,
)
from tests.heed import Heed

ROOT = Path(__file__).parents[2]


def reaped(heed: Heed) -> int:
    return reap(heed.house.database, heed.clock)


def in_hand(heed: Heed) -> str:
    """A message that this process has in hand; the address."""
    (person,) = numbers(1)
    send_later(heed, heed.sender()["id"], person)
    assert len(claim(heed)[1]) == 1
    return person


def test_the_rows_of_the_dead_are_unknown_after_deadline_and_margin(heed: Heed) -> None:
    person = in_hand(heed)
    heed.house.incarnations.close()

    heed.clock.pass_by(9 * SECOND)  # past the deadline of 8 s, not past its margin
    assert reaped(heed) == 0
    heed.clock.pass_by(2 * SECOND)
    assert reaped(heed) == 1

    assert statuses(heed, [person]) == {person: "unknown"}
    assert reaped(heed) == 0


def test_the_margin_holds_for_every_row_and_not_for_the_oldest_only(heed: Heed) -> None:
    old = in_hand(heed)
    heed.clock.pass_by(int(1.5 * SECOND))
    young = in_hand(heed)
    heed.house.incarnations.close()

    heed.clock.pass_by(9 * SECOND)

    assert reaped(heed) == 1
    assert statuses(heed, [old, young]) == {old: "unknown", young: "sending"}


def test_the_rows_of_the_living_are_kept_however_late(heed: Heed) -> None:
    person = in_hand(heed)
    token = heed.house.incarnations.token()

    heed.clock.pass_by(24 * HOUR)

    assert not is_dead(heed.house.database, token)
    assert reaped(heed) == 0
    assert statuses(heed, [person]) == {person: "sending"}


def test_an_opt_out_is_not_answered_with_success_before_the_reaper_came(heed: Heed) -> None:
    person = in_hand(heed)
    heed.house.incarnations.close()
    heed.house.settling._limit_s = 0.1

    assert heed.act("add_to_opt_out", number=person)["settled"] is False
    heed.clock.pass_by(11 * SECOND)
    reaped(heed)

    assert heed.act("add_to_opt_out", number=person)["settled"] is True


def test_after_unknown_a_sequence_goes_on_once(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    name = campaign(heed, provider, "sequence")
    enrol(heed, name, [person])
    turn(heed, name, "start")
    claim(heed)
    heed.house.incarnations.close()
    heed.clock.pass_by(11 * SECOND)

    assert (reaped(heed), reaped(heed)) == (1, 0)
    heed.clock.pass_by(3 * HOUR)
    heed.work()
    heed.clock.pass_by(3 * HOUR)
    heed.work()

    assert texts(provider, person) == ["step 2", "step 3"]
    assert (report(heed, name)["unknown"], report(heed, name)["sent"]) == (1, 2)


def test_a_token_is_never_used_twice(heed: Heed) -> None:
    first = heed.house.incarnations.token()
    heed.house.incarnations.close()
    others = Incarnations(heed.house.database, "worker", heed.clock)

    second = others.token()
    others.close()

    assert is_dead(heed.house.database, first)
    assert is_dead(heed.house.database, second)
    assert len({first, second, heed.house.incarnations.token()}) == 3


def test_a_lost_lock_is_noticed_before_the_next_claim(heed: Heed) -> None:
    if heed.house.database.is_sqlite:
        pytest.skip("a lock on a file is lost with its process only")
    first = heed.house.incarnations.token()
    with heed.house.database.write() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    second = eventually(heed.house.incarnations.token)

    assert second != first
    assert is_dead(heed.house.database, first)
    assert not is_dead(heed.house.database, second)


@contextmanager
def a_worker(heed: Heed, queue: QueueServer) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own over the same database."""
    variables = settings.environment(replace(heed.settings, redis_url=queue.url))
    command = tied_to_parent([sys.executable, str(ROOT / "worker.py")], signal.SIGKILL)
    process = subprocess.Popen(command, env=variables, cwd=heed.home)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_a_stopped_process_keeps_its_rows_and_a_killed_one_does_not(
    heed: Heed, provider: Running, queue_server: QueueServer
) -> None:
    first, second = numbers(2)
    provider.behave({one: {"do": "delay", "ms": 3000} for one in (first, second)})
    sender = heed.sender(provider.url)["id"]
    heed.house.settling._limit_s = 0.1

    with a_worker(heed, queue_server) as worker:
        send_later(heed, sender, first)
        eventually(lambda: seen(provider, [first]), 20)
        os.kill(worker.pid, signal.SIGSTOP)
        heed.clock.pass_by(HOUR)
        assert reaped(heed) == 0
        assert heed.act("add_to_opt_out", number=first)["settled"] is False

        os.kill(worker.pid, signal.SIGCONT)
        eventually(lambda: statuses(heed, [first])[first] == "sent", 15)
        assert heed.act("add_to_opt_out", number=first)["settled"] is True

        heed.clock.ahead = 0
        send_later(heed, sender, second)
        eventually(lambda: seen(provider, [second]), 20)
        worker.kill()
        worker.wait()
        eventually(lambda: reap(heed.house.database, lambda: heed.clock() + 11 * SECOND))

    assert statuses(heed, [second]) == {second: "unknown"}
    assert len(seen(provider, [first, second])) == 2
