"""Promises of the recording provider: what it received is written down before it answers, and survives its death."""

import json
import signal
import socket
import subprocess
import sys
import time
from http.client import BadStatusLine, HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlencode

import pytest

from connector.demo.behaviours import Script
from connector.demo.handoffs import read_log
from connector.demo.launch import running


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with running(tmp_path_factory.mktemp("shared") / "handoffs.jsonl") as recorder:
        yield recorder


@pytest.fixture
def recorder(shared):
    yield shared
    shared.behave({"*": None})


def test_a_message_is_written_down_and_answered(recorder):
    before = time.monotonic_ns()

    answer = hand_over(recorder, {"to": "+15550100", "text": "Hi", "send_id": "s1"}, {"Idempotency-Key": "s1"})

    found = ended(recorder, "s1")
    assert answer[0] == 200
    assert answer[1]["id"].startswith("rec-")
    assert (found.to, found.text, found.idempotency_key, found.taken, found.did) == (
        "+15550100",
        "Hi",
        "s1",
        True,
        "ok",
    )
    assert before <= found.received <= found.answered == found.ended <= time.monotonic_ns()


def test_the_forms_of_other_providers_are_understood(recorder):
    form = {"To": "+15550100", "Body": "Hi", "client_ref": "s-form"}

    hand_over(recorder, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    assert (the(recorder, "s-form").to, the(recorder, "s-form").text) == ("+15550100", "Hi")


def test_a_connection_carries_many_messages(recorder):
    line = HTTPConnection("127.0.0.1", recorder.port, timeout=5)
    for n in range(3):
        line.request("POST", "/", json.dumps({"send_id": f"many-{n}"}))
        assert line.getresponse().read()
    line.close()

    assert [each.send_id for each in recorder.handoffs()][-3:] == ["many-0", "many-1", "many-2"]


@pytest.mark.parametrize(
    ("behaviour", "answer", "taken"),
    [
        ({"do": "delay", "ms": 20}, 200, True),
        ("reset-after", ConnectionResetError, True),
        ("close-after", RemoteDisconnected, True),
        ({"do": "429", "retry_after": 7}, 429, False),
        ("500-after", 500, True),
        ({"do": "drip", "ms": 1}, 200, True),
        ("garbage", BadStatusLine, True),
        ("garbage-json", json.JSONDecodeError, True),
        ("2xx-with-error", 200, False),
        ("503", 503, False),
        ({"do": "answer", "status": 202, "body": {"a": 1}, "headers": {"X-A": "b"}}, 202, True),
        ({"do": "500-after", "taken": False}, 500, False),
    ],
)
def test_it_behaves_as_told_and_notes_it(recorder, behaviour, answer, taken):
    recorder.behave({"*": behaviour})
    send_id = f"{behaviour}"

    if isinstance(answer, int):
        assert hand_over(recorder, {"send_id": send_id})[0] == answer
    else:
        with pytest.raises(answer):
            hand_over(recorder, {"send_id": send_id})

    assert the(recorder, send_id).taken is taken


def test_what_is_reset_before_it_is_read_was_never_there(recorder):
    recorder.behave({"*": "reset-before"})

    with pytest.raises(ConnectionResetError):
        hand_over(recorder, {"send_id": "never"})

    assert "never" not in [each.send_id for each in recorder.handoffs()]


def test_a_hand_off_that_hangs_ends_when_the_caller_gives_up(recorder):
    recorder.behave({"*": "hang"})

    with pytest.raises(TimeoutError):
        hand_over(recorder, {"send_id": "hung"}, timeout=0.1)

    found = ended(recorder, "hung")
    assert found.answered is None
    assert found.ended > found.received


def test_the_script_goes_by_recipient_then_by_everyone_and_is_used_up(recorder):
    recorder.behave({"+1": {"do": "503", "times": 2}, "*": "400"})

    statuses = [hand_over(recorder, {"to": to})[0] for to in ("+1", "+2", "+1", "+1")]

    assert statuses == [503, 400, 503, 400]


def test_a_bad_script_is_refused_and_changes_nothing(recorder):
    with pytest.raises(ValueError, match="explode"):
        recorder.behave({"*": "400", "+1": "explode"})

    assert hand_over(recorder, {})[0] == 200


def test_chances_are_shares_that_can_be_repeated():
    def throws(seed):
        script = Script({}, {"reset-after": 0.25, "503": 0.5}, seed)
        return [script.next_for("+1").do for _ in range(1000)]

    assert throws(7) == throws(7) != throws(8)
    assert 200 < throws(7).count("reset-after") < 300
    assert 450 < throws(7).count("answer") < 550


def test_the_command_line_sets_the_scene(tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text('{"+1": "503"}')
    options = ["--behave", str(rules), "--fail", "400=1", "--seed", "7", "--delay-ms", "30"]

    with running(tmp_path / "log", options) as recorder:
        began = time.monotonic()
        assert hand_over(recorder, {"to": "+1"})[0] == 503
        assert hand_over(recorder, {"to": "+2"})[0] == 400
        assert time.monotonic() - began > 0.06


@pytest.mark.parametrize("option", [["--behave", '{"*": "explode"}'], ["--fail", "explode=0.1"], ["--fail", "503"]])
def test_a_bad_command_line_does_not_start(option, tmp_path, capfd):
    with pytest.raises(RuntimeError), running(tmp_path / "log", option):
        pass

    assert "usage" in capfd.readouterr().err


def test_a_killed_recorder_has_lost_nothing_and_the_next_goes_on(tmp_path):
    log = tmp_path / "log"
    with running(log) as first:
        first.behave({"slow": "hang"})
        hand_over(first, {"send_id": "a"})
        ended(first, "a")
        with pytest.raises(TimeoutError):
            hand_over(first, {"send_id": "b", "to": "slow"}, timeout=0.05)
        eventually(lambda: len(first.handoffs()) == 2)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(5)
    with running(log) as second:
        hand_over(second, {"send_id": "c"})
        ended(second, "c")

    assert [(each.send_id, each.answered is not None) for each in read_log(log)] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]


def test_a_line_that_is_still_being_written_is_left_out(tmp_path):
    (tmp_path / "log").write_bytes(b'{"n": "1", "send_id": "a", "rec')

    assert read_log(tmp_path / "log") == []


def test_it_ends_on_sigterm(tmp_path):
    with running(tmp_path / "log") as recorder:
        recorder.process.terminate()

        assert recorder.process.wait(5) == 0


PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "connector.demo.recorder", "--log", sys.argv[1]])
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to a child is Linux's")
def test_it_ends_with_its_parent(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as parent:
        listening = json.loads(parent.stdout.readline())
        parent.kill()
        parent.wait(5)
        # The pipe ends when the last process that could write to it has.
        assert parent.stdout.read() == ""

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", listening["port"]), timeout=1)


def hand_over(recorder, body, headers=None, timeout=5):
    """(status, JSON) of one message on a connection of its own."""
    line = HTTPConnection("127.0.0.1", recorder.port, timeout=timeout)
    try:
        line.request("POST", "/", body if isinstance(body, str) else json.dumps(body), headers or {})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def the(recorder, send_id):
    """The one hand-off of this send."""
    (found,) = [each for each in recorder.handoffs() if each.send_id == send_id]
    return found


def ended(recorder, send_id):
    """The same, once the provider has done with it: it writes that down after its answer."""
    return eventually(lambda: the(recorder, send_id).ended and the(recorder, send_id))


def eventually(asked, seconds=5):
    """What is asked for, once it is there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := asked():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come")
