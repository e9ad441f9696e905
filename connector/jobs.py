"""What a worker runs, under names that Redis knows: they are never renamed, and take ids only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from connector.bootstrap import house
from connector.domain.errors import innermost
from connector.engine.house import House
from connector.engine.lanes import buckets_of
from connector.engine.tick import tick

log = structlog.get_logger()

#: How long one job may go on before it hints at itself again.
SLICE_S = 5.0
#: A long job is shorter at it: with one worker, messages that are due wait for it.
_LONG_S = 1.0
_TICK_S, _GLANCE_S = 1.0, 0.05
_NOTIFY_S = 0.5
#: Between two slices of forgetting, and between two looks whether there is anything to forget.
_TIDY_S, _IDLE_S = 1.0, 600.0


def drain(lane: int) -> None:
    """Send what is due in a lane."""
    here = house("worker")
    here.hints.taken(lane)
    try:
        goes_on = here.sender.drain(buckets_of(lane), here.incarnations.token, SLICE_S)
    except Exception as error:
        # A commit whose answer was lost may have left rows in these hands: they are the reaper's from now on.
        # The ticker will hint again; RQ gets no traceback, which could hold an address.
        here.incarnations.close()
        log.error("drain_failed", lane=lane, error=type(error).__name__, where=innermost(error))
        return
    if goes_on:
        here.hints.give([lane])


def bring(number: int) -> None:
    """Go on with an import."""
    here = house("worker")
    _go_on(here, "bring", number, here.bringing.work)


def gather(number: int) -> None:
    """Go on with taking the groups of a campaign in."""
    here = house("worker")
    _go_on(here, "gather", number, here.gathering.work)


def _go_on(here: House, job: str, number: int, work: Callable[[int, float], bool]) -> None:
    here.hints.begun(job, number)
    try:
        goes_on = work(number, _LONG_S)
    except Exception as error:  # the ticker will hint again, and the job goes on from its last commit
        log.error(f"{job}_failed", error=type(error).__name__, where=innermost(error))
        return
    if goes_on:
        here.hints.go_on(job, [number])


def start_ticker(here: House, stop: threading.Event) -> threading.Thread:
    """Look for due work every second, for as long as the worker lives."""
    thread = threading.Thread(target=_tick, args=(here, stop), name="ticker", daemon=True)
    thread.start()
    return thread


def start_notifier(here: House, stop: threading.Event) -> threading.Thread:
    """Tell receivers what has happened. Not a job: a receiver that hangs must not hold up a send."""
    thread = threading.Thread(target=_notify, args=(here, stop), name="notifier", daemon=True)
    thread.start()
    return thread


def start_tidier(here: House, stop: threading.Event) -> threading.Thread:
    """Forget what is over and too old."""
    thread = threading.Thread(target=_tidy, args=(here, stop), name="tidier", daemon=True)
    thread.start()
    return thread


def _tidy(here: House, stop: threading.Event) -> None:
    goes_on = False
    while not stop.wait(_TIDY_S if goes_on else _IDLE_S):
        try:
            goes_on = here.operations.tidying.work(_TIDY_S)
            here.imports.discard()
        except Exception as error:  # as the ticker: the next round begins anew
            goes_on = False
            log.warning("tidy_failed", error=type(error).__name__, where=innermost(error))


def _notify(here: House, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if here.guard.is_home() and here.notify.is_due() and here.notify.work(SLICE_S):
                continue
        except Exception as error:  # as the ticker: whatever it was, the next one may be delivered
            log.warning("notify_failed", error=type(error).__name__, where=innermost(error))
        stop.wait(_NOTIFY_S)


def _tick(here: House, stop: threading.Event) -> None:
    while not stop.is_set():
        began = time.monotonic()
        try:
            here.incarnations.beat()
            tick(here.database, here.clock, here.hints)
            here.hints.go_on("bring", here.bringing.unfinished())
            here.hints.go_on("gather", here.gathering.unfinished())
            here.desk.overview.count()
        except Exception as error:  # the ticker outlives any fault: without it nothing is ever due
            log.warning("tick_failed", error=type(error).__name__, where=innermost(error))
        # Sooner where a sender's pace has put off something that may leave by now.
        while time.monotonic() < began + _TICK_S and not stop.wait(_GLANCE_S) and not here.sender.is_awaited():
            pass
