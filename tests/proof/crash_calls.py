"""Services that die in the middle of a call; whoever called repeats it."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.heed import Heed
from tests.proof.chaos_load import OptOut
from tests.proof.crash_scene import Plan, Scene

if TYPE_CHECKING:
    from tests.proof.crash_survivor import Death


class Called(Scene):
    """A service dies in a call that carries a key; the caller repeats it with the same key."""

    path: str
    allowed: tuple[int, ...] = (200,)

    def body(self) -> Any:
        return {"number": self.leaver}

    def prepare(self) -> Plan:
        self.enrol(self.people)
        return {"path": self.path, "body": self.body(), "key": self.key}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        headers = {"Idempotency_Key": plan["key"]} if plan["key"] else {}
        victim.post(plan["path"], plan["body"], **headers)
        victim.get("/v1/me")  # so that it dies after its answer, too

    def answered(self, death: "Death") -> Iterator[str]:
        for called, answered, status, body in death.answers[:1]:
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
    text = "STOP"
    #: What was suppressed, and the confirmation.
    leaver_sends = 2

    def prepare(self) -> Plan:
        self.enrol(self.people)
        path = "/in/" + self.here.sender["inbound_url"].rpartition("/")[2]
        return {"path": path, "body": {"id": self.key, "from": self.leaver, "text": self.text}, "key": None}

    def resume(self) -> None:
        super().resume()
        super().resume()

    def faults(self) -> Iterator[str]:
        texts = [one.text for one in self.here.provider.handoffs() if one.to == self.leaver]
        if len(texts) != 1:
            yield f"{self.leaver}: was told {texts}"


class Replying(Stopping):
    """A person's message to which a smart reply answers, after an opt-out by action."""

    name = "replying"
    text = "LEAVE"


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
        name = self.enrol(self.here.people(1), self.dice.choice(("broadcast", "sequence")))
        body = {"recipients": [{"number": one} for one in self.people]}
        return {"path": f"/v1/campaigns/{name}/enrol", "body": body, "key": self.key}


class Cancelling(Called):
    """A campaign is cancelled, whose messages wait."""

    name = "cancelling"
    opts_out = False
    ends = ("sent", "unknown", "cancelled")

    def prepare(self) -> Plan:
        self.enrol(self.here.people(1))
        name = self.campaign()
        self.heed.post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in self.people]})
        return {"path": f"/v1/campaigns/{name}/cancel", "body": {}, "key": self.key}

    def faults(self) -> Iterator[str]:
        written = {one.to for one in self.here.provider.handoffs()}
        yield from (f"{one}: was written to though all was cancelled" for one in written.intersection(self.people))


class SendingDirectly(Called):
    """A direct send is stored."""

    name = "sending directly"
    opts_out = False
    allowed = (202,)

    def prepare(self) -> Plan:
        people = [{"number": one} for one in self.people]
        body = {"sender": self.here.sender["id"], "recipients": people, "text": "directly", "async": True}
        return {"path": "/v1/actions/send_with_suppression", "body": body, "key": self.key}
