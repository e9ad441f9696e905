"""How many connections the system lets one process have open; each is a file to it."""

from __future__ import annotations

import resource
from contextlib import suppress

#: The web server keeps so many open, where it may, most of them idle: proxies and builders hold on to theirs.
_CONNECTIONS = 16_384
#: For databases, senders' calls and everything else; a quarter of what is allowed, where that is less.
_BESIDE = 2_048


def connections() -> int:
    """How many connections of callers a process takes."""
    return min(_CONNECTIONS, _allowed() - min(_BESIDE, _allowed() // 4))


def open_many() -> None:
    """Let this process have so many open, and what it needs beside."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _allowed()
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(OSError, ValueError):  # macOS allows less than it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _allowed() -> int:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return _CONNECTIONS + _BESIDE if most == resource.RLIM_INFINITY else min(most, _CONNECTIONS + _BESIDE)
