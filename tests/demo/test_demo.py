"""``heed demo`` itself: real processes, a killed worker, a check that holds, and nothing left behind."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from connector.demo.client import CallFailed, Client
from connector.demo.contacts import contact_file
from connector.demo.processes import kill_child
from connector.demo.record import Growing
from connector.domain.addresses import AddressKind, InvalidAddress, parse

DEMO = "import sys; from connector.cli import main; sys.argv = ['heed', 'demo', *sys.argv[1:]]; main()"


def begin(folder, *options):
    """The command as a user runs it, with a place of its own for temporary files."""
    return subprocess.Popen(
        [sys.executable, "-c", DEMO, *options],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_demo_holds_and_leaves_nothing_behind(tmp_path):
    with begin(tmp_path, "--json") as demo:
        out, err = demo.communicate(timeout=120)

    outcome = json.loads(out)
    assert (demo.returncode, outcome["faults"]) == (0, []), err
    assert outcome["broadcast"]["summary"] == "50 contacts skipped (opted-out)"
    assert (outcome["broadcast"]["sent"], outcome["opted_out"]) == (950, 70)
    assert outcome["killed"]["part"] == "worker"
    assert outcome["unknown"] <= 32
    # What the killed worker had in hand is unknown: it may have arrived or not.
    assert outcome["sent"] <= outcome["handed_over"] <= outcome["sent"] + outcome["unknown"]
    assert "line 92: this is not a phone number" in err
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_ends_everything_it_started(tmp_path, signum):
    with begin(tmp_path) as demo:
        for line in demo.stdout:
            if "opt out" in line:
                break
        demo.send_signal(signum)
        out, err = demo.communicate(timeout=30)

    assert demo.returncode == 130, out + err
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


def test_a_demo_that_cannot_begin_says_why(tmp_path):
    with begin(tmp_path, "--database", "postgresql://127.0.0.1:9/none") as demo:
        out, _ = demo.communicate(timeout=60)

    assert demo.returncode == 2
    assert "did not come up" in out
    assert processes_in(tmp_path) == []


def test_the_contacts_are_what_they_say():
    """A thousand people whom Heed reads as meant, thirteen of them again, seven rows that can't be used."""
    file = contact_file()
    rows = list(csv.reader(io.StringIO(file.text)))[1:]

    assert len({one.number for one in file.people}) == len(file.people) == 1000
    assert len(rows) == 1000 + file.twice + len(file.broken)
    assert len(file.opted_out) == 50
    assert any(one.email.isupper() for one in file.people)
    assert {read(spelling) == one.number for one in file.people for spelling in one.spellings} == {True}
    assert [line for line, _ in file.broken] == [
        number for number, cells in enumerate(rows, start=2) if len(cells) != 3 or read(cells[1]) is None
    ]


def test_the_record_is_read_on_while_it_grows(tmp_path):
    log = tmp_path / "log"
    log.write_text('{"n": "1", "to": "+1", "text": "a", "received": 1, "taken": true}\n{"n": "2", "to"')
    record = Growing(log)

    assert (record.fresh(), record.open) == ([("+1", "a")], {"1"})
    with log.open("a") as file:
        file.write(': "+2", "text": "b", "received": 2, "taken": false}\n{"n": "1", "answered": 3, "ended": 3}\n')
    assert (record.fresh(), record.open, record.fresh()) == ([], {"2"}, [])


def test_only_a_child_is_killed_and_only_one_that_is_meant():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)  # meant"]) as child:
        assert kill_child(os.getpid(), "not this one") is None
        assert kill_child(os.getpid(), "# meant") == child.pid
        assert child.wait(5) == -signal.SIGKILL


def test_a_call_that_nobody_will_answer_is_given_up():
    client = Client("http://127.0.0.1:9", "key", stopped=lambda: True)

    with pytest.raises(CallFailed, match="GET /v1/me: ConnectionError"):
        client.get("/v1/me")


def read(spelling):
    try:
        return parse(AddressKind.NUMBER, spelling, "US").canonical
    except InvalidAddress:
        return None


def processes_in(folder):
    """Processes whose environment or command names the folder, as with everything that the demo has started."""
    time.sleep(0.2)
    listed = subprocess.run(["/bin/ps", "axeww"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]
