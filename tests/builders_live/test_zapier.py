"""The Zapier app under Zapier's own schema and app tester, against a running Heed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.builders.exports import EXPORTS
from tests.builders_live.golden import NUMBER, Answer, Story, until
from tests.builders_live.node import run, unpacked
from tests.receiver import Receiver, receiving

Zapier = Callable[..., Any]


@pytest.fixture
def zapier(tmp_path: Path, story: Story) -> Zapier:
    """One command of the app tester: its result, or its error."""
    files = EXPORTS["zapier"].make(story.up.client.get("/v1/actions"), story.url)
    folder = unpacked(files, tmp_path / "zapier", "zapier")

    def command(do: str, what: str = "", *, key: str | None = None, **more: Any) -> Any:
        asked = {"do": do, "what": what, "key": key or story.key, **more}
        return run("zapier.js", folder, asked, "zapier")

    return command


class Zap:
    """Zaps of the golden scenario: hooks for both events, and a step that sends."""

    def __init__(self, zapier: Zapier, story: Story, receiver: Receiver) -> None:
        self._zapier = zapier
        self._sender = story.sender
        self._receiver = receiver
        self._heard: list[dict[str, Any]] = []
        self._read = 0
        self.hooks = {event: self._subscribe(event) for event in ("contact_opted_out", "contact_opted_in")}

    def _subscribe(self, event: str) -> Any:
        bundle = {"targetUrl": f"{self._receiver.url}/{event}"}
        return self._zapier("subscribe", event, bundle=bundle)["result"]

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        return self._send({"number": number, "text": text, "idempotency_key": key or ""})

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return self._send({"number": number, "text": text}, key="heed_nobody_x")

    def send_to_nobody(self, text: str) -> Answer:
        return self._send({"number": "", "text": text})

    def _send(self, values: dict[str, str], **more: str) -> Answer:
        told = self._zapier("create", "send_with_suppression", input={"sender": self._sender, **values}, **more)
        if "error" in told:
            return Answer(told["error"]["status"], None, told["error"]["message"])
        return Answer(200, told["result"], replayed=None)

    def heard(self) -> list[dict[str, Any]]:
        for one in self._receiver.heard[self._read :]:
            event = one.path.rpartition("/")[2]
            self._heard += self._zapier("perform", event, bundle={"cleanedRequest": one.json})["result"]
            self._read += 1
        return self._heard


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_the_golden_scenario_through_zapier(zapier: Zapier, story: Story, receiver: Receiver) -> None:
    story.golden(Zap(zapier, story, receiver))


def test_the_app_is_valid_as_it_is_pushed_and_as_its_definition_says(zapier: Zapier) -> None:
    assert zapier("validate")["result"] == []
    assert zapier("validate-definition")["result"] == []


def test_a_connection_is_tested_and_named(zapier: Zapier, story: Story) -> None:
    assert zapier("test")["result"]["name"] == "Heed"

    wrong = zapier("test", key="heed_nobody_x")["error"]

    assert (wrong["status"], wrong["code"]) == (401, "AuthenticationError")
    assert "key" in wrong["message"]


def test_dropdowns_are_filled_page_by_page(zapier: Zapier, story: Story) -> None:
    for place in range(120):
        story.up.client.post("/v1/lists", {"name": f"List {place:03}", "keywords": [f"WORD{place}"]})

    first = zapier("choices", "send_with_suppression", field="lists")["result"]
    meta = {"meta": {"paging_token": first["paging_token"]}}
    second = zapier("choices", "send_with_suppression", field="lists", bundle=meta)["result"]

    assert (len(first["results"]), len(second["results"]), second["paging_token"]) == (100, 21, None)
    assert {"id", "label"} == set(first["results"][0])
    assert zapier("choices", "send_with_suppression", field="sender")["result"]["results"][0]["id"] == story.sender


def test_what_a_person_fills_in_arrives_with_its_type_and_texts_keep_their_braces(zapier: Zapier, story: Story) -> None:
    values = {
        "sender": story.sender, "text": "Hi {{ first_name }}", "number": "", "lists": ["default", ""],
        "require_opt_in": "false", "async": False, "purpose": "", "template": "",
        "recipients": [
            {"recipients_number": NUMBER, "recipients_email": "", "recipients_attributes": {"first_name": "Ada"}},
            {"recipients_number": "", "recipients_email": ""},
        ],
    }  # fmt: skip

    raw = {"inputDataRaw": {"lists": ["{{1__list}}"], "recipients": [{"recipients_number": "{{1__phone}}"}]}}
    told = zapier("create", "send_with_suppression", input=values, bundle=raw)
    lost = zapier("create", "send_with_suppression", input={**values, "lists": [""], "recipients": []}, bundle=raw)

    assert lost["error"]["message"].startswith("Recipients, Opt-out lists: what is mapped here came out empty"), lost
    assert told["result"]["sent"] == 1, told
    assert [one.text for one in story.recorder.handoffs()] == ["Hi Ada"]


def test_no_run_repeats_an_old_answer_unless_it_is_told_which_event_it_is_for(zapier: Zapier, story: Story) -> None:
    values = {"sender": story.sender, "text": "Hello", "number": NUMBER}

    runs = [zapier("create", "send_with_suppression", input=values)["result"]["id"] for _ in range(2)]
    same = [
        zapier("create", "send_with_suppression", input={**values, "idempotency_key": "evt_1"})["result"]["id"]
        for _ in range(2)
    ]

    assert len({*runs, *same}) == 3
    until(lambda: len(story.recorder.handoffs()) == 3)


def test_a_person_reads_every_fault(zapier: Zapier, story: Story) -> None:
    values = {"sender": "nobody", "number": NUMBER, "lists": ["no-such-list"], "text": "Hi", "send_at": "tomorrow"}

    told = zapier("create", "send_with_suppression", input=values)["error"]

    assert told["status"] == 422
    assert "/send_at" in told["message"]
    assert "/sender" in told["message"] or "/lists/0" in told["message"]


def test_a_hook_ends_where_the_zap_is_switched_off(zapier: Zapier, story: Story, receiver: Receiver) -> None:
    zap = Zap(zapier, story, receiver)
    assert len(story.up.client.get("/v1/webhooks")["items"]) == 2

    for event, kept in zap.hooks.items():
        assert zapier("unsubscribe", event, bundle={"subscribeData": kept})["result"] == {"deleted": True}

    assert story.up.client.get("/v1/webhooks")["items"] == []


def test_a_sample_looks_like_what_arrives(zapier: Zapier, story: Story, receiver: Receiver) -> None:
    zap = Zap(zapier, story, receiver)
    story.write("STOP")
    until(lambda: len(zap.heard()) == 1)

    sample = zapier("list", "contact_opted_out")["result"]

    assert len(sample) == 1
    assert set(zap.heard()[0]) == set(sample[0])
    assert sample[0]["id"]
