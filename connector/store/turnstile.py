"""The queue of SQLite's writers: who waits is next."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turnstile(path: Path) -> Iterator[None]:
    """SQLite has one writer and an unfair busy handler; locks on files beside it make writers wait in line.

    Who waits at the turnstile holds the porch before it, so a writer that leaves and comes straight back can't slip in
    first: with one lock alone it would, and a campaign would starve an opt-out.
    """
    porch = _locked(f"{path}.porch")
    try:
        inside = _locked(f"{path}.turnstile")
    finally:
        os.close(porch)
    try:
        yield
    finally:
        os.close(inside)


def _locked(path: str) -> int:
    """A file of this name, locked; closing it lets the next one in."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:
        os.close(handle)
        raise
    return handle
