"""A small piece of work in the middle of which somebody dies: what there is before, and how others go on."""

import itertools
import random
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tests.heed import Heed
from tests.proof.chaos_load import OptOut

if TYPE_CHECKING:
    from tests.proof.crash_survivor import Death, Survivor

Plan = Mapping[str, Any]
_KEYS = itertools.count(1)


class Scene:
    """Two to four people, one of whom opts out: before a dead worker's messages are given up, or after."""

    name: ClassVar[str]
    #: How many sends everybody has in the end, and whoever leaves at least.
    sends, leaver_sends = 1, 1
    opts_out = True
    #: How a message may end: providers refuse nothing here.
    ends: tuple[str, ...] = ("sent", "suppressed", "unknown")

    def __init__(self, here: "Survivor", dice: random.Random) -> None:
        self.here, self.heed, self.dice = here, here.heed, dice
        self.people = here.people(dice.randint(2, 4))
        self.leaver = dice.choice(self.people)
        self.early = dice.random() < 0.5
        self.mark = here.begin_anew()
        self.words: list[OptOut] = []
        #: Opt-outs that were not answered with success while somebody who had died had a message in hand.
        self.waited = 0
        #: Sends that may be unknown in the end: somebody died with them in hand.
        self.lost: set[int] = set()
        self.key = f"{self.name} {next(_KEYS)}"
        self.plan: Plan = self.prepare()
        #: Whose each send is that waits, also when it was forgotten meanwhile.
        self.whose = here.whose(self.mark)

    def prepare(self) -> Plan:
        """What there is before; what the process that dies has to know."""
        raise NotImplementedError

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        """What it does until it dies."""
        victim.work()

    def answered(self, death: "Death") -> Iterator[str]:
        """What is not so, though it was answered with success before the death."""
        yield from ()

    def resume(self) -> None:
        """What callers do next. Here: somebody opts out, for whom a message may be in the dead one's hands."""
        called, settled, path = time.monotonic_ns(), False, ""
        if self.early:
            settled, path = self.opt_out()
        self.here.take_over(self.mark)
        if not self.early:
            settled, path = self.opt_out()
        elif not settled:
            self.waited += 1
            settled = self.heed.get(path)["settled"]
            self.words.append(OptOut(self.leaver, called, time.monotonic_ns()))
        if not settled:
            raise AssertionError("the opt-out is not settled though nobody has anything in hand")

    def faults(self) -> Iterator[str]:
        """What else is not as it should be in the end."""
        yield from ()

    def opt_out(self) -> tuple[bool, str]:
        """A word, if it is answered with success; else where to ask whether it is by now."""
        called = time.monotonic_ns()
        answer = self.heed.call("POST", "/v1/actions/add_to_opt_out", {"number": self.leaver})
        if settled := answer.status_code == 200:
            self.words.append(OptOut(self.leaver, called, time.monotonic_ns()))
        return settled, answer.headers.get("Location", "")

    def enrol(self, people: list[str], kind: str = "broadcast", *delays: str) -> str:
        """People taken into a campaign that runs already; its name."""
        name = self.here.campaigns.get((kind, delays)) or self.campaign(kind, *delays)
        self.here.campaigns[kind, delays] = name
        self.heed.post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in people]})
        return name

    def campaign(self, kind: str = "broadcast", *delays: str, **more: Any) -> str:
        """A new one that runs."""
        steps = [{"delay": delay, "text": f"step {place}"} for place, delay in enumerate(delays or ("PT0S",), start=1)]
        values = {"kind": kind, "name": self.name, "sender": self.here.sender["id"], "steps": steps, **more}
        name = str(self.heed.post("/v1/campaigns", values)["id"])
        self.heed.post(f"/v1/campaigns/{name}/start")
        return name
