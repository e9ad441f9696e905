"""A total deadline for a conversation whose reads are made by a library.

Libraries time every read on its own, so a peer that drips a byte a second outlives any timeout. Here one
thread for the whole process shuts the socket down when the time is over; the library sees the connection end.
"""

from __future__ import annotations

import heapq
import os
import socket
import threading
from types import TracebackType

from connector.domain.messages import Permit
from connector.uptime import uptime

#: Seconds: less than this and a hand-off would only end as "unknown".
_LEAST = 0.25
#: Seconds kept back, so that a hand-off which is cut has ended when the permit does.
_RESERVE = 0.05
#: Seconds between two looks while a hand-off is in progress.
_GLANCE = 0.5


def too_late(permit: Permit) -> bool:
    """Whether a hand-off under this permit must not begin any more."""
    return permit.deadline - uptime() < _LEAST


def hand_off_deadline(permit: Permit, longest: float) -> float:
    """When (seconds of `uptime`) to cut a hand-off that begins now and may take so many seconds."""
    return min(permit.deadline - _RESERVE, uptime() + longest)


class Line:
    """A second handle on a connection, to cut it while a library owns, wraps or closes the first."""

    def __init__(self, first: socket.socket) -> None:
        self._twin = first.dup()

    def cut(self) -> None:
        try:
            self._twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself

    def __del__(self) -> None:
        self._twin.close()


class Deadline:
    """The time (seconds of `uptime`) by which a conversation has ended, one way or the other.

    Use as a context manager; while it is open, the line given to ``watch`` is cut at that time.
    """

    def __init__(self, at: float) -> None:
        self.at = at
        #: Whether the time ran out while the conversation was on.
        self.cut = False
        self._line: Line | None = None
        self._open = True

    def left(self) -> float:
        """Seconds; never below zero."""
        return max(0.0, self.at - uptime())

    def watch(self, line: Line) -> None:
        with _watch.turn:
            self._line = line
            if self.cut:
                line.cut()

    def over(self) -> bool:
        """Whether nothing is left to do for it; cuts where the time has come. Called in the watch's turn."""
        if self._open and self.at <= uptime():
            self.cut, self._open = True, False
            if self._line is not None:
                self._line.cut()
        return not self._open

    def __enter__(self) -> Deadline:
        _watch.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _watch.turn:
            self._open, self._line = False, None


class _Watch:
    """The open deadlines, nearest first; ended ones stay until they come to the front, so ending is cheap."""

    def __init__(self) -> None:
        self.turn = threading.Condition()
        self._heap: list[tuple[float, int, Deadline]] = []
        self._count = 0
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self.turn:
            self._count += 1
            heapq.heappush(self._heap, (deadline.at, self._count, deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._heap[0][2] is deadline:
                self.turn.notify()

    def _run(self) -> None:
        with self.turn:
            while True:
                while self._heap and self._heap[0][2].over():
                    heapq.heappop(self._heap)
                # Looks up again soon: a wait stands still while the machine sleeps, and the deadline does not.
                self.turn.wait(min(_GLANCE, self._heap[0][0] - uptime()) if self._heap else None)


_watch = _Watch()


def _begin_anew() -> None:
    """A forked child has the lock and the list of its parent but not its thread."""
    global _watch  # noqa: PLW0603 - the one place that may exchange it
    _watch = _Watch()


os.register_at_fork(after_in_child=_begin_anew)
