"""One story that is told through every builder, and what Heed and the provider must agree on at its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from connector.demo.launch import Running
from tests.journeys.up import Up

NUMBER = "+14155550142"
TEXT = "Our sale starts today."


@dataclass(frozen=True)
class Answer:
    """What a flow was told: the status, and the body as it stands in the flow."""

    status: int
    body: Any
    #: What the builder shows its user where it went wrong.
    shown: str = ""
    #: Whether the answer says that it is the first one again; None where the builder keeps headers to itself.
    replayed: bool | None = None


class Face(Protocol):
    """A builder with flows that send by Heed, and what its trigger has started."""

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        """Run ``send_with_suppression``; with a key, as an attempt of that run."""

    def send_with_wrong_key(self, number: str, text: str) -> Answer: ...

    def send_to_nobody(self, text: str) -> Answer:
        """The same, without a number."""

    def heard(self) -> list[dict[str, Any]]:
        """The events that the trigger has started flows with."""


@dataclass
class Story:
    """A running Heed with one sender, and the recording provider behind it."""

    up: Up
    recorder: Running
    sender: str
    inbound: str
    _written: int = 0

    @property
    def url(self) -> str:
        return self.up.url

    @property
    def key(self) -> str:
        return self.up.key

    def write(self, text: str) -> None:
        """The person writes; the provider brings it to Heed."""
        self._written += 1
        message = {"id": f"in-{self._written}", "from": NUMBER, "to": "+15005550006", "text": text, "channel": "sms"}
        answer = requests.post(self.inbound, json=message, timeout=30)
        assert answer.status_code in (200, 204), answer.text

    def golden(self, face: Face, *, triggers: bool = True) -> None:
        """STOP, a send that is held back, START, a send, the same again, a wrong key, no number, and the comparison."""
        self.write("STOP")
        if triggers:
            until(lambda: [one["type"] for one in face.heard()].count("contact.opted_out") == 1)
            assert next(one for one in face.heard() if one["type"] == "contact.opted_out")["number"] == NUMBER

        held = face.send(NUMBER, TEXT)
        assert (held.status, held.body["sent"], held.body["suppressed"]) == (200, 0, 1), held
        assert held.body["results"][0]["error"] == "Optout Number"
        assert [one["code"] for one in held.body["results"][0]["reasons"]] == ["opted_out"]

        self.write("START")
        if triggers:
            until(lambda: "contact.opted_in" in [one["type"] for one in face.heard()])

        sent = face.send(NUMBER, TEXT, key="a-run")
        again = face.send(NUMBER, TEXT, key="a-run")
        assert (sent.status, sent.body["sent"], sent.body["suppressed"]) == (200, 1, 0), sent
        assert again.body == sent.body
        assert (sent.replayed, again.replayed) in ((False, True), (None, None))

        wrong = face.send_with_wrong_key(NUMBER, TEXT)
        assert wrong.status == 401, wrong
        assert "key" in wrong.shown.lower() or "401" in wrong.shown, wrong

        nobody = face.send_to_nobody(TEXT)
        assert nobody.status == 422, nobody
        # Not "/number": an email would do as well. The words name the field; some builders hand on nothing else.
        assert nobody.body is None or [one["code"] for one in nobody.body["errors"]] == ["recipient_needed"]
        assert "needs a number" in nobody.shown, nobody

        self.agree(sent=1, suppressed=1)

    def agree(self, *, sent: int, suppressed: int) -> None:
        """Heed's journal and the provider's own record say the same."""
        journal = self.up.client.get(f"/v1/sends?number=%2B{NUMBER[1:]}")["items"]
        provider = [one for one in self.recorder.handoffs() if one.to == NUMBER]
        by_status = {status: [one["id"] for one in journal if one["status"] == status] for status in STATUSES}
        assert sorted(by_status["sent"]) == sorted(one.send_id for one in provider)
        assert {name: len(ids) for name, ids in by_status.items() if ids} == {"sent": sent, "suppressed": suppressed}
        assert len(journal) == sent + suppressed


STATUSES = ("sent", "suppressed", "failed", "unknown", "pending", "sending", "scheduled", "cancelled")


def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for something that another process is about to do."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.1)
