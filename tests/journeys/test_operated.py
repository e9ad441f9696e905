"""Heed as it is operated: stopped without a trace of doubt, watched over several processes, examined by the doctor."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from connector.demo.launch import Running, running
from tests.engine.scenes import eventually, numbers, seen
from tests.journeys.test_crashes import outcomes
from tests.journeys.up import Up

CANARY = "+12127654321"


@pytest.fixture(scope="module")
def slow_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Every message takes it 300 ms, so that a stop meets messages on their way."""
    with running(tmp_path_factory.mktemp("provider") / "handoffs.jsonl", ["--delay-ms", "300"]) as recorder:
        yield recorder


def doctor(up: Up, *arguments: str) -> tuple[int, Any]:
    """The command as an operator runs it beside `heed up`: exit code and what it found."""
    ran = subprocess.run(
        [sys.executable, "-c", "from connector.cli import main; main()", "doctor", "--json", *arguments],
        env=up.variables(), cwd=up.folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return ran.returncode, {one["code"]: one["level"] for one in json.loads(ran.stdout)["findings"]}


def metrics(up: Up) -> dict[str, float]:
    text = requests.get(f"{up.url}/metrics", timeout=10).text
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_service_counts_what_workers_did_though_they_died(up: Up, slow_provider: Running) -> None:
    sender, people = up.sender(slow_provider.url), numbers(150)
    before = metrics(up).get("heed_handoffs_total accepted http_api", 0.0)
    first = up.broadcast(sender, people)
    eventually(lambda: up.report(first)["status"] == "done", 40)
    eventually(lambda: metrics(up).get("heed_handoffs_total accepted http_api", 0.0) == before + 150, 10)
    counted = metrics(up)
    assert counted["heed_workers_alive"] == 2
    assert counted["heed_ticker_age_seconds"] < 20

    up.kill("worker")
    eventually(lambda: len(up.pids("worker")) == 2, 20)
    again = metrics(up)
    metrics(up)
    folder = next((up.folder / "home" / "metrics").iterdir())

    assert again["heed_handoffs_total accepted http_api"] == before + 150
    assert (folder / "counter_0.db").exists(), "the counts of the dead are kept in one file"


def test_the_doctor_finds_nothing_then_a_killed_worker(up: Up, tmp_path: Path) -> None:
    up.kill("worker")
    eventually(lambda: len(up.pids("worker")) == 2 and metrics(up)["heed_workers_alive"] == 2, 20)
    assert doctor(up) == (1, {"dead_worker": "warning"})


def test_a_stop_finishes_what_is_in_hand_and_leaves_nothing_unknown(up: Up, slow_provider: Running) -> None:
    sender, people = up.sender(slow_provider.url), numbers(300)
    name = up.broadcast(sender, people)
    eventually(lambda: any(one.ended is None for one in seen(slow_provider, people)), 20)

    assert up.stop() == 0

    handed = seen(slow_provider, people)
    assert 0 < len(handed) < 300, "the stop came in the middle"
    assert all(one.ended is not None and one.answered is not None for one in handed), "nobody hung up on the provider"
    up.start()
    eventually(lambda: up.report(name)["status"] == "done", 60)
    assert Counter(outcomes(up, name).values()) == {"sent": 300}
    assert Counter(one.to for one in seen(slow_provider, people)) == Counter(people)
    assert doctor(up)[1].keys() <= {"dead_worker"}


def test_a_call_that_waits_is_answered_before_the_service_ends(up: Up, slow_provider: Running) -> None:
    """It waits for a worker that is told to end as well: both finish what they have begun."""
    sender, person = up.sender(slow_provider.url), numbers(1)[0]
    slow_provider.behave({person: {"do": "delay", "ms": 1500}})
    answers: list[Any] = []
    body = {"sender": sender, "number": person, "text": "hi"}
    caller = threading.Thread(target=lambda: answers.append(up.client.post("/v1/actions/send_with_suppression", body)))
    caller.start()
    eventually(lambda: seen(slow_provider, [person]), 10)

    assert up.stop() == 0
    caller.join(20)
    up.start()

    assert [(one["sent"], one["unknown"]) for one in answers] == [(1, 0)]
    assert up.client.repeats == 0
    assert len(seen(slow_provider, [person])) == 1


def test_lines_of_every_process_are_json_and_hold_nobody(up: Up, slow_provider: Running) -> None:
    sender = up.sender(slow_provider.url)
    body = {"sender": sender, "number": CANARY, "text": "hi"}
    up.client.post("/v1/actions/send_with_suppression", body)
    up.client.post("/v1/actions/add_to_opt_out", {"number": CANARY, "email": "canary@shop.example"})
    requests.get(f"{up.url}/u/canary-token-1234567890", timeout=10)
    requests.post(f"{up.url}/v1/lists/{CANARY}", headers={"Authorization": "Bearer heed_x_canary"}, timeout=10)
    up.kill("queue")
    up.client.post("/v1/actions/send_with_suppression", body | {"number": numbers(1)[0], "async": True})
    up.stop()
    log = (up.folder / "up.log").read_text(errors="replace")
    up.start()

    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["role"] for line in lines} >= {"web", "worker"}
    assert {"call", "handed_over"} <= {line["event"] for line in lines}
    assert all("timestamp" in line and "level" in line for line in lines)
    for canary in (CANARY[1:], "canary@shop", "canary-token", "heed_x_canary"):
        assert canary not in log
    assert not any(up.key in line for line in log.splitlines() if line.startswith("{"))  # the greeting shows it
    handed = [line for line in lines if line["event"] == "handed_over" and line["request_id"]]
    called = {line["request_id"] for line in lines if line["event"] == "call"}
    assert {line["request_id"] for line in handed} <= called


def test_a_worker_that_stands_still_is_found(up: Up) -> None:
    """Stopped, it keeps its lock, so that it lives; but it looks for nothing."""
    workers = up.pids("worker")
    for pid in workers:
        os.killpg(pid, signal.SIGSTOP)
    try:
        eventually(lambda: doctor(up)[1].get("lagging_ticker") == "broken", 60)
    finally:
        for pid in workers:
            os.killpg(pid, signal.SIGCONT)
    eventually(lambda: "lagging_ticker" not in doctor(up)[1], 40)
    assert re.fullmatch(r"[01]", str(doctor(up)[0]))
