"""Promises about total deadlines, for what no server can show at will."""

import socket
import threading
import time

import pytest

from connector.domain.messages import Permit
from connector.providers.deadlines import Deadline, Line, hand_off_deadline, too_late
from connector.uptime import uptime


@pytest.fixture
def ends():
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_line_is_cut_when_the_time_is_over(ends):
    ours, _ = ends

    with Deadline(uptime() + 0.05) as limit:
        limit.watch(Line(ours))
        assert ours.recv(1) == b""
        assert limit.cut


def test_a_line_that_comes_too_late_is_cut_at_once(ends):
    ours, _ = ends

    with Deadline(uptime() - 1) as limit:
        wait_until(lambda: limit.cut)
        limit.watch(Line(ours))

        assert ours.recv(1) == b""


def test_a_line_is_left_alone_once_the_conversation_is_over(ends):
    ours, theirs = ends
    with Deadline(uptime() + 0.05) as limit:
        limit.watch(Line(ours))

    with Deadline(limit.at + 0.05) as later:
        wait_until(lambda: later.cut)

    assert not limit.cut
    theirs.sendall(b"still here")
    assert ours.recv(10) == b"still here"


def test_a_line_that_has_ended_by_itself_is_cut_without_a_word(ends):
    ours, theirs = ends
    line = Line(ours)
    ours.close()
    theirs.close()

    line.cut()
    line.cut()


def test_one_thread_serves_them_all():
    with Deadline(uptime() + 1), Deadline(uptime() + 0.5), Deadline(uptime() + 2):
        assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1


@pytest.mark.parametrize(("seconds", "late"), [(-1, True), (0.2, True), (0.4, False)])
def test_a_hand_off_needs_a_little_time_to_begin(seconds, late):
    assert too_late(Permit(1, 1, uptime() + seconds)) is late


def test_a_hand_off_ends_before_its_permit_and_within_its_own_time():
    now = uptime()

    assert hand_off_deadline(Permit(1, 1, now + 5), longest=60) < now + 5
    assert hand_off_deadline(Permit(1, 1, now + 5), longest=1) < now + 1.5


def wait_until(holds):
    deadline = uptime() + 5
    while not holds():
        assert uptime() < deadline
        time.sleep(0.005)
