"""The processes below one of ours: found by parent, so that only what we started is ever ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def kill_child(parent: int, words: str, turn: int = 0) -> int | None:
    """Kill -9 a child whose command has these words, with all it started itself; its process id, None if there is none.

    ``turn`` says which of several, counted around.
    """
    found = sorted(pid for pid, above, command in _all() if above == parent and words in command)
    if not found:
        return None
    pid = found[turn % len(found)]
    # Heed gives each part a session of its own, so its group is the part and nothing else.
    if os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGKILL)
    return pid


def _all() -> Iterator[tuple[int, int, str]]:
    """(pid, parent, command) of every process that can be seen."""
    return _from_proc() if (_PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> Iterator[tuple[int, int, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                # The name in brackets may hold anything; after the last bracket stand state and parent.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it has ended meanwhile
            yield int(folder.name), parent, command


def _from_ps() -> Iterator[tuple[int, int, str]]:
    listed = subprocess.run(["/bin/ps", "-Ao", "pid=,ppid=,command="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent, command = line.split(None, 2)
        yield int(pid), int(parent), command
