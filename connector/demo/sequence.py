"""The long scene: a sequence in three steps, people who write STOP as its messages arrive, and a kill on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from connector.demo.check import OptOut, Told
from connector.demo.record import Growing
from connector.demo.scenes import DELAY_S, PATIENCE_S, STEPS, Plot, enrol, make_campaign, progress, rows_of, start

STOPPING = 20
#: After steps 1 and 2, every so-manieth person who gets the message answers it with STOP.
_EVERY = 40
_WAVE = STOPPING // 2
#: Every other one answers at once, while the provider still has the message; the others take a moment to think.
_THOUGHT_S = 1.0
#: The kill comes after so many messages of step 2, when both workers have some in their hands; by then at the latest.
_KILL_FROM, _KILL_BY, _BOTH = 150, 700, 48
_LOOK_S = 0.01
_REPORT_S = 0.5


@dataclass
class Crowd:
    """People who answer: one in forty after step 1 and after step 2, each in a thread that waits for its answer."""

    plot: Plot
    hands: ThreadPoolExecutor
    got: Counter[int] = field(default_factory=Counter)
    stops: list[Future[None]] = field(default_factory=list)
    #: Who wrote START after it.
    back: set[str] = field(default_factory=set)

    def receives(self, address: str, step: int) -> None:
        self.got[step] += 1
        wave = self.got[step] / _EVERY
        if step < 3 and wave == int(wave) and wave <= _WAVE:
            thought = _THOUGHT_S if wave % 2 else 0.0
            comes_back = step == 1 and wave == 1
            self.stops.append(self.hands.submit(self._stop, address, thought, comes_back))

    def _stop(self, address: str, thought: float, comes_back: bool) -> None:
        time.sleep(thought)
        at = self._write(address, "Stop.")
        self.plot.opted.append(OptOut(address, at, "STOP"))
        if comes_back:
            self.back.add(address)
            self._write(address, "START")
            verdict = self.plot.client.post("/v1/actions/check_consent", {"number": address, "channel": "sms"})
            self.plot.expect(verdict["allowed"], True, f"{address}: allowed after START")

    def _write(self, address: str, text: str) -> int:
        """The provider's webhook, delivered again until it is taken."""
        body = {
            "id": f"{text}-{address}", "from": address, "to": self.plot.sender["number"], "text": text,
            "channel": "sms", "timestamp": time.time(),
        }  # fmt: skip
        return self.plot.client.settled(self.plot.sender["inbound_url"], body)


def sequence(plot: Plot, kill: Callable[[], None]) -> Told:
    """Three steps; nobody who wrote STOP gets another one. ``kill`` is called in the middle of step 2."""
    hello = "Hi {{ first_name }}, your course"
    steps = [
        {"delay": f"PT{DELAY_S if step > 1 else 0}S", "text": f"{hello} {mark}. STOP ends."}
        for mark, step in STEPS.items()
    ]
    campaign = make_campaign(plot, "sequence", "Course", steps)
    away = {one.number for one in plot.file.opted_out}
    enrol(plot, campaign, skipped=len(away))
    people = {one.number for one in plot.file.people} - away
    crowd = Crowd(plot, ThreadPoolExecutor(STOPPING, thread_name_prefix="person"))
    start(plot, campaign)
    try:
        with plot.show.bar("Sequence", len(people) * len(STEPS)) as tell:
            report = _follow(plot, campaign, crowd, kill, tell)
        for stop in crowd.stops:
            stop.result()
    finally:
        # Whoever still waits for an answer gives up when Heed has ended, which on Ctrl-C is soon.
        crowd.hands.shutdown(wait=False, cancel_futures=True)
    plot.show.say(f"{len(crowd.stops)} people have written STOP, and one of them START")
    plot.expect(len(crowd.stops), STOPPING, "people who wrote STOP")
    return Told("sequence", people, STEPS, rows_of(plot, campaign), report, crowd.back)


def _follow(
    plot: Plot, campaign: str, crowd: Crowd, kill: Callable[[], None], tell: Callable[[int], None]
) -> dict[str, Any]:
    """Watch the provider's record until the report says that nothing is left to do."""
    record, killed, looked = Growing(plot.stage.provider.log), False, 0.0
    end = time.monotonic() + PATIENCE_S
    while True:
        for address, text in record.fresh():
            for mark, step in STEPS.items():
                if mark in text:
                    crowd.receives(address, step)
        if not killed and ((crowd.got[2] >= _KILL_FROM and len(record.open) >= _BOTH) or crowd.got[2] >= _KILL_BY):
            killed = True
            kill()
        if time.monotonic() - looked > _REPORT_S:
            report = progress(plot, campaign, tell, end)
            looked = time.monotonic()
            if not report["due"] + report["scheduled"] and all(stop.done() for stop in crowd.stops):
                return report
        time.sleep(_LOOK_S)
