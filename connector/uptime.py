"""The clock of deadlines: it never jumps, and it goes on while the machine sleeps.

A worker whose host was suspended must not take a permit for fresh that others have given up meanwhile. On Linux
``time.monotonic`` stands still during that time (clock_gettime(2), CLOCK_BOOTTIME); on macOS CLOCK_MONOTONIC does not.
"""

from __future__ import annotations

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Seconds since some moment before this process began."""
    return time.clock_gettime(_CLOCK)
