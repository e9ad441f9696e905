"""Waiting for what workers do, without letting those who wait take all of the service's threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.004, 0.05


class Waiting:
    """So many may wait at the same time; whoever finds no place is answered at once."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(max(1, places))

    def until(self, over: Callable[[], bool], limit_s: float) -> bool:
        """Whether it is over: asked at once, and then again and again until the limit, if there is a place."""
        if over():
            return True
        if not self._places.acquire(blocking=False):
            return False
        try:
            return _look(over, time.monotonic() + limit_s)
        finally:
            self._places.release()


def _look(over: Callable[[], bool], end: float) -> bool:
    pause = _FIRST_LOOK_S
    while time.monotonic() < end:
        time.sleep(pause)
        if over():
            return True
        pause = min(pause * 1.5, _SLOWEST_LOOK_S)
    return False
