"""``heed demo``: the main job on real input, and a check of it that nobody has to take on trust.

A thousand contacts come in, fifty have opted out, a broadcast skips them, a sequence sets out, twenty people write
STOP on the way and a worker is killed. The provider is a process of its own that records what it is handed; its
record is compared with the report and with the moments at which opt-outs were answered.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.demo.check import Told, faults
from connector.demo.client import CallFailed
from connector.demo.contacts import contact_file
from connector.demo.scenes import Plot, broadcast, make_sender, opt_out_bound, opt_out_mapped
from connector.demo.sequence import STOPPING, sequence
from connector.demo.show import Show
from connector.demo.stage import NotReady, Stage, stage

#: How many messages a worker has in its hands at most.
IN_HAND = 32
_HALF = 25
_STOPS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be played: on which database, and what is killed when (None: in the middle of the sequence)."""

    database: str | None = None
    kill: str = "worker"
    at: float | None = None


def main(arguments: Sequence[str]) -> int:
    """0 if the check holds, 1 if it does not, 2 if the story could not be told, 130 after Ctrl-C."""
    parsed = _parser().parse_args(arguments)
    show = Show(beside=parsed.json)
    for number in _STOPS:
        signal.signal(number, _stop)
    try:
        outcome = play(Options(parsed.database, parsed.kill, parsed.at), show)
    except KeyboardInterrupt:
        show.say("Stopped; everything has ended.")
        return 130
    except (NotReady, CallFailed, RuntimeError) as error:
        show.say(f"The story broke off: {error}")
        return 2
    if parsed.json:
        sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
    return 0 if outcome["ok"] else 1


def play(options: Options, show: Show) -> dict[str, Any]:
    """The whole story once; answers its outcome, with a fault for all that is not as promised."""
    show.scene("Starting Heed: a service, two workers, a queue server; beside it a provider that records")
    began = time.monotonic()
    with stage(options.database) as here:
        set_up = time.monotonic() - began
        plot = Plot(here, show, contact_file())
        with Killer(here, show, options) as killer:
            told = _tell(plot, killer)
        handoffs = here.provider.handoffs()
        unknown = IN_HAND if killer.killed and options.kill == "worker" else 0
        plot.faults += faults(handoffs, told, plot.opted, unknown)
        outcome = _outcome(plot, told, killer) | {"set_up_seconds": round(set_up, 1), "handed_over": len(handoffs)}
        outcome["seconds"] = round(time.monotonic() - plot.begun, 1)
        show.tables(told, _handed(told, [one.text or "" for one in handoffs if one.taken]))
        show.verdict(outcome)
    return outcome


@dataclass
class Killer:
    """Kills once: when told to in the middle of the sequence, or at a set time."""

    here: Stage
    show: Show
    options: Options
    killed: dict[str, Any] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)
    _timer: threading.Timer | None = None

    def __enter__(self) -> Killer:
        if self.options.at is not None:
            self._timer = threading.Timer(self.options.at, self._kill)
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()

    def in_the_middle(self) -> None:
        if self._timer is None:
            self._kill()

    def _kill(self) -> None:
        pid = self.here.kill(self.options.kill, turn=1)
        if pid is not None:
            at = round(time.monotonic() - self._began, 1)
            self.killed = {"part": self.options.kill, "pid": pid, "at": at}
            self.show.say(f"[bold red]kill -9[/bold red] of a {self.options.kill} (process {pid}) at {at} s")


def _tell(plot: Plot, killer: Killer) -> tuple[Told, Told]:
    """The scenes in their order."""
    make_sender(plot)
    plot.show.scene("50 people opt out: 25 by a builder's mapped call, 25 through a binding fed with raw payloads")
    away = plot.file.opted_out
    opt_out_mapped(plot, away[:_HALF])
    opt_out_bound(plot, away[_HALF:])
    plot.show.scene("1,000 contacts are imported and a broadcast goes out")
    first = broadcast(plot)
    plot.show.scene(f"A sequence of three steps sets out; {STOPPING} people write STOP, one of them START again")
    second = sequence(plot, killer.in_the_middle)
    plot.expect(len(plot.opted), len(away) + STOPPING, "opt-outs")
    return first, second


def _outcome(plot: Plot, told: Sequence[Told], killer: Killer) -> dict[str, Any]:
    by = Counter(row.status for one in told for row in one.rows)
    return {
        "ok": not plot.faults, "killed": killer.killed or None, "opted_out": len(plot.opted),
        "sent": by["sent"], "suppressed": by["suppressed"], "unknown": by["unknown"],
        "repeated_calls": plot.client.repeats, "faults": plot.faults, **{one.name: one.report for one in told},
    }  # fmt: skip


def _handed(told: Sequence[Told], texts: Sequence[str]) -> dict[tuple[str, int], int]:
    """How many messages of each step the provider's record has."""
    return {(one.name, step): sum(mark in text for text in texts) for one in told for mark, step in one.marks.items()}


def _stop(*_: object) -> None:
    """End the story once; a second Ctrl-C must not leave behind what the first one is clearing away."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="heed demo", description="The main job on real input, and a check of it.")
    parser.add_argument("--database", metavar="URL", help="an empty database to use instead of SQLite in a folder")
    parser.add_argument("--kill", choices=("worker", "service"), default="worker", help="what is killed with -9")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="when, instead of in the middle of the sequence")
    parser.add_argument("--json", action="store_true", help="the outcome as JSON, the story on the standard error")
    return parser
