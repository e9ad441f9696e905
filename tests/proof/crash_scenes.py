"""Small pieces of work in the middle of which somebody dies: what is prepared, what is played, and how others go on."""

import itertools
import random
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from connector.domain.ids import row_number
from connector.engine import reading
from connector.engine.tick import tick
from tests.engine.scenes import claim
from tests.heed import Heed
from tests.proof.chaos_load import OptOut

if TYPE_CHECKING:
    from tests.proof.crash_survivor import Death, Survivor

Plan = Mapping[str, Any]
_KEYS = itertools.count(1)
_HOUR = 3_600_000_000


class Scene:
    """Two to four people, one of whom opts out: before a dead worker's messages are given up, or after."""

    name: ClassVar[str]
    #: How many sends everybody has in the end, and whoever leaves at least.
    sends, leaver_sends = 1, 1
    opts_out = True

    def __init__(self, here: "Survivor", dice: random.Random) -> None:
        self.here, self.heed, self.dice = here, here.heed, dice
        self.people = here.people(dice.randint(2, 4))
        self.leaver = dice.choice(self.people)
        self.early = dice.random() < 0.5
        self.mark = here.begin_anew()
        self.words: list[OptOut] = []
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

    def campaign(
        self, people: list[str], kind: str = "broadcast", delays: tuple[str, ...] = ("PT0S",), **more: Any
    ) -> str:
        """One that runs, with these people in it."""
        steps = [{"delay": delay, "text": f"step {place}"} for place, delay in enumerate(delays, start=1)]
        values = {"kind": kind, "name": self.name, "sender": self.here.sender["id"], "steps": steps, **more}
        name = str(self.heed.post("/v1/campaigns", values)["id"])
        if people:
            self.heed.post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in people]})
        self.heed.post(f"/v1/campaigns/{name}/start")
        return name


class Broadcast(Scene):
    """A worker claims, hands over and settles."""

    name = "broadcast"

    def prepare(self) -> Plan:
        self.campaign(self.people)
        return {}


class Sequence(Scene):
    """A worker at the second step of three."""

    name = "sequence"
    sends, leaver_sends = 3, 2

    def prepare(self) -> Plan:
        self.campaign(self.people, "sequence", ("PT0S", "PT1H", "PT1H"))
        self.heed.work()
        self.heed.clock.pass_by(_HOUR)
        return {}

    def resume(self) -> None:
        super().resume()
        for _ in range(2):
            self.heed.work()
            self.heed.clock.pass_by(_HOUR)


class Gathering(Scene):
    """A worker takes the members of a group in, and hands over to them."""

    name = "gathering"

    def prepare(self) -> Plan:
        group = self.heed.post("/v1/groups", {"name": self.key})["id"]
        self.heed.post(f"/v1/groups/{group}/members", {"recipients": [{"number": one} for one in self.people]})
        self.campaign([], groups=[group])
        return {}


class Reaping(Scene):
    """A worker gives up what another had in hand that died before it, and goes on."""

    name = "reaping"

    def prepare(self) -> Plan:
        half = len(self.people) // 2
        self.campaign(self.people[:half])
        claim(self.heed)
        self.lost = self.here.in_hand(self.mark)
        self.heed.house.incarnations.close()
        self.campaign(self.people[half:])
        self.heed.clock.pass_by(11_000_000)
        return {}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        tick(victim.house.database, victim.clock, victim.house.hints)
        victim.work()


class Called(Scene):
    """A service dies in a call that carries a key; the caller repeats it with the same key."""

    path: str
    allowed: tuple[int, ...] = (200,)

    def body(self) -> Any:
        return {"number": self.leaver}

    def prepare(self) -> Plan:
        self.campaign(self.people)
        return {"path": self.path, "body": self.body(), "key": self.key}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        victim.post(plan["path"], plan["body"], Idempotency_Key=plan["key"])

    def answered(self, death: "Death") -> Iterator[str]:
        for called, answered, status, body in death.answers:
            if status == 200 and body.get("settled", True) and self.opts_out:
                self.words.append(OptOut(self.leaver, called, answered))
                if self.heed.act("check_consent", number=self.leaver, channel="sms")["allowed"]:
                    yield f"{self.leaver}: the answered opt-out is not there"

    def resume(self) -> None:
        called = time.monotonic_ns()
        self.here.repeat(self.plan["path"], self.plan["body"], self.plan["key"], self.allowed)
        if self.opts_out:
            self.words.append(OptOut(self.leaver, called, time.monotonic_ns()))


class OptingOut(Called):
    """An opt-out by action, while messages wait."""

    name = "opting out"
    path = "/v1/actions/add_to_opt_out"


class Stopping(Called):
    """A person's STOP, which the provider delivers again, and once more."""

    name = "stopping"
    #: What was suppressed, and the confirmation.
    leaver_sends = 2
    allowed = (200,)

    def prepare(self) -> Plan:
        self.campaign(self.people)
        path = "/in/" + self.here.sender["inbound_url"].rpartition("/")[2]
        return {"path": path, "body": {"id": self.key, "from": self.leaver, "text": "STOP"}, "key": None}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        victim.post(plan["path"], plan["body"])

    def resume(self) -> None:
        super().resume()
        super().resume()

    def faults(self) -> Iterator[str]:
        texts = [one.text for one in self.here.provider.handoffs() if one.to == self.leaver]
        if len(texts) != 1:
            yield f"{self.leaver}: was told {texts}"


class Erasing(Called):
    """A person is erased, while a message waits."""

    name = "erasing"
    path = "/v1/profiles/erase"
    #: The first answer named somebody who is forgotten.
    allowed = (200, 410)


class Enrolling(Called):
    """People are taken in."""

    name = "enrolling"
    opts_out = False

    def prepare(self) -> Plan:
        name = self.campaign([], self.dice.choice(("broadcast", "sequence")))
        body = {"recipients": [{"number": one} for one in self.people]}
        return {"path": f"/v1/campaigns/{name}/enrol", "body": body, "key": self.key}


class SendingDirectly(Called):
    """A direct send is stored."""

    name = "sending directly"
    opts_out = False
    allowed = (202,)

    def prepare(self) -> Plan:
        people = [{"number": one} for one in self.people]
        body = {"sender": self.here.sender["id"], "recipients": people, "text": "directly", "async": True}
        return {"path": "/v1/actions/send_with_suppression", "body": body, "key": self.key}


class Importing(Scene):
    """A worker brings in a file of opt-outs, a part at a time, while messages wait."""

    name = "importing"

    def prepare(self) -> Plan:
        self.campaign(self.people)
        self.strangers = self.here.people(4)
        lines = [self.leaver, self.strangers[0], "12", *self.strangers[1:]]
        answer = self.heed.app.test_client().post(
            "/v1/lists/default/import?async=1", data="\n".join(["number", *lines]), content_type="text/csv",
            headers={"Authorization": f"Bearer {self.heed.key}"},
        )  # fmt: skip
        assert answer.status_code == 202, answer.text
        self.import_ = str(answer.json["id"])
        return {"number": row_number("import", self.import_)}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        with patch.object(reading, "PART", 2):
            while victim.house.bringing.work(plan["number"], 5.0):
                pass

    def resume(self) -> None:
        called = time.monotonic_ns()
        while self.heed.house.bringing.work(self.plan["number"], 5.0):
            pass
        self.words.append(OptOut(self.leaver, called, time.monotonic_ns()))

    def faults(self) -> Iterator[str]:
        ended = self.heed.get(f"/v1/imports/{self.import_}")
        counts = {name: ended[name] for name in ("status", "imported", "already", "rejected")}
        if counts != {"status": "done", "imported": 5, "already": 0, "rejected": 1}:
            yield f"the import ended as {counts}"
        report = self.heed.call("GET", f"/v1/imports/{self.import_}/rejected.csv").text.splitlines()
        if [line.partition(",")[0] for line in report] != ["line", "4"]:
            yield f"the import rejected {report}"


class Telling(Scene):
    """A worker tells a receiver of an opt-out."""

    name = "telling"

    def prepare(self) -> Plan:
        self.campaign(self.people)
        self.opt_out()
        return {}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        victim.house.notify.work(5.0)

    def resume(self) -> None:
        """Nobody does anything more: the lease runs out by itself."""


_ALL: tuple[type[Scene], ...] = (
    Broadcast, Sequence, Gathering, Reaping, OptingOut, Stopping, Erasing, Enrolling, SendingDirectly, Importing, Telling,
)  # fmt: skip
SCENES: Mapping[str, type[Scene]] = {one.name: one for one in _ALL}
