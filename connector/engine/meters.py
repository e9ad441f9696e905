"""What is counted, by every process: calls, decisions, hand-offs, how long opt-outs waited, webhooks.

Labels come from fixed lists or from the code, never from what somebody sent. Where several processes serve, the
variable PROMETHEUS_MULTIPROC_DIR names the folder in which each keeps its counts; `exposition` adds them up.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import Counter as Counted
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from connector.domain.consent import Reason

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
#: The file of those who have ended, by kind.
_PAST = "0"

calls = Counter("heed_calls", "Calls answered.", ["method", "route", "status"])
call_seconds = Histogram("heed_call_seconds", "How long calls took.", buckets=_FAST)
_decisions = Counter("heed_decisions", "Decisions by their first reason.", ["asked_by", "reason"])
handoffs = Counter("heed_handoffs", "Messages handed to a provider, by what came of it.", ["provider", "outcome"])
handoff_seconds = Histogram("heed_handoff_seconds", "How long providers took.", ["provider"], buckets=_FAST)
opt_out_wait = Histogram(
    "heed_opt_out_wait_seconds", "How long an opt-out waited for messages on their way.", ["settled"], buckets=_FAST
)
webhooks = Counter("heed_webhook_attempts", "Attempts to deliver a webhook.", ["outcome"])


def decided(asked_by: str, decisions: Iterable[Sequence[Reason]]) -> None:
    """Count a batch of decisions, each by its headline."""
    for reason, number in Counted(one[0].code.value if one else "allowed" for one in decisions).items():
        _decided(asked_by, reason).inc(number)


@lru_cache(maxsize=256)
def _decided(asked_by: str, reason: str) -> Any:
    """Looked up once: the labels' own look-up takes longer than the counting."""
    return _decisions.labels(asked_by, reason)


def exposition(more: Iterable[Collector]) -> bytes:
    """Everything counted by all processes of this host, and what ``more`` collects, in the text format."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    extra = CollectorRegistry()
    for one in more:
        extra.register(one)
    if folder is None:
        return generate_latest(REGISTRY) + generate_latest(extra)
    counted = CollectorRegistry()
    with (Path(folder) / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _gather_the_dead(Path(folder))
        MultiProcessCollector(counted, folder)  # type: ignore[no-untyped-call]
        return generate_latest(counted) + generate_latest(extra)


def _gather_the_dead(folder: Path) -> None:
    """Move the counts of processes that have ended into one file of a kind: a sum never falls, and no file piles up.

    A sum is written whole before the ended process's file goes, and takes the place of the last sum after that. So
    whoever comes after a kill on the way sees which of the two counts.
    """
    for total in folder.glob("*.sum"):
        _settle(total)
    for path in folder.glob("*_*.db"):
        kind, _, pid = path.stem.rpartition("_")
        if pid == _PAST or not pid.isdigit() or _runs(int(pid)):
            continue
        total, past = path.with_suffix(".sum"), folder / f"{kind}_{_PAST}.db"
        if past.exists():
            shutil.copyfile(past, total)
        counts = MmapedDict(str(total))  # type: ignore[no-untyped-call]
        for key, value, at, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
            counts.write_value(key, counts.read_value(key)[0] + value, at)  # type: ignore[no-untyped-call]
        counts.close()  # type: ignore[no-untyped-call]
        path.unlink()
        _settle(total)


def _settle(total: Path) -> None:
    """A sum counts once the file that went into it last is gone; till then that file does."""
    if total.with_suffix(".db").exists():
        total.unlink()
    else:
        kind = total.stem.rpartition("_")[0]
        total.rename(total.with_name(f"{kind}_{_PAST}.db"))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
