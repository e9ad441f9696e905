"""Crashes: whatever is killed, nobody is written to twice, everybody is accounted for, and work goes on by itself."""

import csv
import io
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from connector.demo.launch import Running, running
from connector.domain.addresses import bucket_of
from connector.engine.claim import BATCH
from connector.engine.lanes import LANES
from tests.engine.scenes import beside, eventually, numbers, seen
from tests.journeys.up import Up


@pytest.fixture(scope="module")
def slow_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Every message takes it 40 ms, so that crashes meet messages on their way."""
    with running(tmp_path_factory.mktemp("provider") / "handoffs.jsonl", ["--delay-ms", "40"]) as recorder:
        yield recorder


@pytest.fixture(scope="module")
def sender(up: Up, slow_provider: Running) -> str:
    return up.sender(slow_provider.url)


def outcomes(up: Up, name: str) -> dict[str, str]:
    text = up.client.text(f"/v1/campaigns/{name}/report.csv")
    return {row["recipient"]: row["status"] for row in csv.DictReader(io.StringIO(text))}


def check(up: Up, provider: Running, name: str, people: list[str]) -> Counter[str]:
    """Report against record: nobody twice, sent if and only if received, everybody ended; the counts."""
    handed = Counter(one.to for one in seen(provider, people))
    ended = outcomes(up, name)
    assert set(ended) == set(people)
    assert max(handed.values()) == 1
    assert {one for one, status in ended.items() if status == "sent"} <= set(handed)
    assert {one for one, status in ended.items() if status in ("suppressed", "failed", "cancelled")}.isdisjoint(handed)
    return Counter(ended.values())


def done(up: Up, name: str) -> Any:
    return up.report(name)["status"] == "done"


@pytest.fixture(scope="module", autouse=True)
def bereaved(up: Up, sender: str, slow_provider: Running) -> tuple[str, list[str]]:
    """A campaign one of whose workers is killed at the start: what it leaves is given up only some 10 s later."""
    people = numbers(400)
    # For so long that however slow the machine is, all hands of both workers are full.
    slow_provider.behave({one: {"do": "delay", "ms": 4_000} for one in people})
    # A lane in sixteen is one worker's at a time. More are open than any of them has, so whoever is killed has some.
    widest = max(Counter(bucket_of(1, one) % LANES for one in people).values())
    assert widest <= BATCH
    name = up.broadcast(sender, people)
    eventually(lambda: sum(one.ended is None for one in seen(slow_provider, people)) > widest, 20)
    up.kill("worker", turn=1)
    slow_provider.behave(dict.fromkeys(people))
    return name, people


def test_an_emptied_queue_server_delays_and_loses_nothing(up: Up, sender: str, slow_provider: Running) -> None:
    people = numbers(200)
    name = up.broadcast(sender, people)

    for share in (20, 70, 120):
        eventually(lambda share=share: len(seen(slow_provider, people)) >= share, 20)
        up.queue().flushall()
    eventually(lambda: done(up, name), 20)

    assert check(up, slow_provider, name, people) == {"sent": 200}


def test_a_killed_queue_server_is_back_and_work_goes_on_within_ten_seconds(
    up: Up, sender: str, slow_provider: Running
) -> None:
    before, after = numbers(100), numbers(20)
    first = up.broadcast(sender, before)
    eventually(lambda: len(seen(slow_provider, before)) >= 20, 20)

    up.kill("queue")
    second = up.broadcast(sender, after)
    eventually(lambda: answers(up), 10)
    back = time.monotonic()
    eventually(lambda: done(up, second) and done(up, first), 20)

    assert time.monotonic() - back < 10
    assert check(up, slow_provider, first, before) == {"sent": 100}
    assert check(up, slow_provider, second, after) == {"sent": 20}


def answers(up: Up) -> bool:
    try:
        return bool(up.queue().ping())
    except (redis.RedisError, StopIteration):
        return False


def test_calls_with_a_key_have_one_effect_though_the_service_is_killed(
    up: Up, sender: str, slow_provider: Running
) -> None:
    people = numbers(48)
    told: dict[str, Any] = {}

    def send(some: list[str]) -> None:
        for one in some:
            body = {"sender": sender, "number": one, "text": "once"}
            told[one] = up.client.post("/v1/actions/send_with_suppression", body)["results"][0]["status"]

    def kill_twice() -> None:
        for share in (8, 24):
            eventually(lambda share=share: len(seen(slow_provider, people)) >= share, 30)
            up.kill("service")

    before = up.client.repeats
    with beside(kill_twice, *[lambda part=part: send(people[part::6]) for part in range(6)]):
        pass

    assert up.client.repeats > before
    assert set(told) == set(people)
    eventually(lambda: len(seen(slow_provider, people)) == 48, 15)
    assert Counter(one.to for one in seen(slow_provider, people)) == dict.fromkeys(people, 1)


def test_a_database_that_crashes_and_restarts_doubles_and_loses_nothing(
    up: Up, sender: str, slow_provider: Running, request: pytest.FixtureRequest
) -> None:
    if not up.database:
        pytest.skip("SQLite has no server that could crash")
    server = request.getfixturevalue("postgres_server")
    if not server.is_ours:
        pytest.skip("a borrowed server is not ours to crash")
    people = numbers(200)
    name = up.broadcast(sender, people)

    for share in (20, 80, 140):
        eventually(lambda share=share: len(seen(slow_provider, people)) >= share, 20)
        server.restart()
    back = time.monotonic()
    eventually(lambda: done(up, name), 30)

    counts = check(up, slow_provider, name, people)
    assert counts["unknown"] <= 3 * 2 * BATCH
    assert counts["sent"] == 200 - counts["unknown"]
    assert counts["unknown"] or time.monotonic() - back < 10


def test_a_worker_killed_during_hand_offs_leaves_them_unknown_and_nothing_doubled(
    up: Up, slow_provider: Running, bereaved: tuple[str, list[str]]
) -> None:
    name, people = bereaved

    eventually(lambda: done(up, name), 30)

    counts = check(up, slow_provider, name, people)
    assert 1 <= counts["unknown"] <= BATCH
    assert counts["sent"] == 400 - counts["unknown"]


def test_an_opt_out_answered_before_everything_was_killed_holds_afterwards(
    up: Up, sender: str, slow_provider: Running
) -> None:
    people = numbers(200)
    out: dict[str, int] = {}
    stop = threading.Event()

    def opt_out() -> None:
        for one in reversed(people):
            if stop.is_set():
                return
            out[one] = up.client.settled("/v1/actions/add_to_opt_out", {"number": one})

    name = up.broadcast(sender, people)
    with beside(opt_out):
        eventually(lambda: len(seen(slow_provider, people)) >= 40 and len(out) >= 5, 20)
        stop.set()
    up.kill_everything()
    up.start()
    eventually(lambda: done(up, name), 30)

    counts = check(up, slow_provider, name, people)
    assert counts["unknown"] <= 2 * BATCH
    assert counts["sent"] >= 40
    assert [one for one in seen(slow_provider, list(out)) if one.received >= out[str(one.to)]] == []
    for one in list(out)[:3]:
        assert up.client.post("/v1/actions/check_consent", {"number": one, "channel": "sms"})["allowed"] is False
