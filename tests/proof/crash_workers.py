"""Workers who die: in a claim, a hand-off, a settlement, an import, a webhook, and in taking over from the dead."""

import time
from collections.abc import Iterator
from unittest.mock import patch

from connector.domain.ids import row_number
from connector.domain.instants import HOUR, SECOND
from connector.engine import reading
from connector.engine.tick import tick
from tests.engine.scenes import claim
from tests.heed import Heed
from tests.proof.chaos_load import OptOut
from tests.proof.crash_scene import Plan, Scene

#: Rows of an import that go into the book together, so that a small file has several parts.
PART = 2


class Broadcast(Scene):
    """A worker claims, hands over and settles."""

    name = "broadcast"

    def prepare(self) -> Plan:
        self.enrol(self.people)
        return {}


class Sequence(Scene):
    """A worker at the second step of three."""

    name = "sequence"
    sends, leaver_sends = 3, 2

    def prepare(self) -> Plan:
        self.enrol(self.people, "sequence", "PT0S", "PT1H", "PT1H")
        self.heed.work()
        self.heed.clock.pass_by(HOUR)
        return {}

    def resume(self) -> None:
        super().resume()
        for _ in range(2):
            self.heed.work()
            self.heed.clock.pass_by(HOUR)


class Gathering(Scene):
    """A worker takes the members of a group in, and hands over to them."""

    name = "gathering"

    def prepare(self) -> Plan:
        group = self.heed.post("/v1/groups", {"name": self.key})["id"]
        self.heed.post(f"/v1/groups/{group}/members", {"recipients": [{"number": one} for one in self.people]})
        self.campaign(groups=[group])
        return {}


class Reaping(Scene):
    """A worker gives up what another had in hand that died before it, and goes on."""

    name = "reaping"

    def prepare(self) -> Plan:
        half = len(self.people) // 2
        self.enrol(self.people[:half])
        claim(self.heed)
        self.lost = self.here.in_hand(self.mark)
        self.heed.house.incarnations.close()
        self.enrol(self.people[half:])
        self.heed.clock.pass_by(11 * SECOND)
        return {}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        tick(victim.house.database, victim.clock, victim.house.hints)
        victim.work()


class Importing(Scene):
    """A worker brings in a file of opt-outs, a part at a time, while messages wait."""

    name = "importing"

    def prepare(self) -> Plan:
        self.enrol(self.people)
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
        with patch.object(reading, "PART", PART):
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
        self.enrol(self.people)
        self.opt_out()
        return {}

    @staticmethod
    def play(victim: Heed, plan: Plan) -> None:
        victim.house.notify.work(5.0)

    def resume(self) -> None:
        """Nobody does anything more: the lease runs out by itself."""
