"""The Activepieces piece under Activepieces' own framework, against a running Heed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.golden import NUMBER, Answer, Story, until
from tests.builders_live.node import run, unpacked
from tests.contracts.test_a_new_action import dropped_in  # noqa: F401 - the file look_up.py, for as long as a test runs
from tests.heed import Heed
from tests.receiver import Heard, Receiver, receiving

Piece = Callable[..., Any]
#: As it was before any test drops an action in.
CATALOGUE = bootstrap.pack().publish()


@pytest.fixture
def piece(tmp_path: Path, story: Story) -> Piece:
    """One command to the piece: what came out, and what it keeps."""
    files = EXPORTS["activepieces"].make(CATALOGUE, story.url)
    folder = unpacked(files, tmp_path / "activepieces", "activepieces")

    def command(do: str, *, key: str | None = None, **more: Any) -> Any:
        auth = {"server": f"{story.url}/", "key": key or story.key}
        return run("activepieces.js", folder, {"do": do, "auth": auth, **more}, "activepieces")

    return command


class Flow:
    """Flows of the golden scenario: a trigger for both events, and a step that sends."""

    def __init__(self, piece: Piece, story: Story, receiver: Receiver) -> None:
        self._piece = piece
        self._sender = story.sender
        self._receiver = receiver
        self._heard: list[dict[str, Any]] = []
        self._read = 0
        self.stores = {event: self._enable(event) for event in ("contact_opted_out", "contact_opted_in")}

    def _enable(self, event: str) -> Any:
        told = self._piece("enable", props={"event": event}, webhookUrl=f"{self._receiver.url}/{event}")
        return told["store"]

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        return self._send({"number": number, "text": text}, run=key or "another-run")

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return self._send({"number": number, "text": text}, key="heed_nobody_x")

    def send_to_nobody(self, text: str) -> Answer:
        return self._send({"number": "", "text": text})

    def _send(self, values: dict[str, str], **more: str) -> Answer:
        props = {"action": "send_with_suppression", "input": {"sender": self._sender, **values}}
        told = self._piece("run", props=props, **more)
        if "error" in told:
            return Answer(told["error"]["status"], told["error"]["body"], told["error"]["message"])
        return Answer(200, told["result"], replayed=None)

    def heard(self) -> list[dict[str, Any]]:
        for one in self._receiver.heard[self._read :]:
            self._heard += self.hear(one)
            self._read += 1
        return self._heard

    def hear(self, one: Heard, **change: Any) -> Any:
        """What a delivery starts; ``change``: what somebody on the way did to it."""
        store = self.stores[one.path.rpartition("/")[2]]
        payload = {"body": one.json, "rawBody": one.body.decode(), "headers": one.headers, "queryParams": {}}
        return self._piece("hear", payload={**payload, **change}, store=store)["result"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_the_golden_scenario_through_activepieces(piece: Piece, story: Story, receiver: Receiver) -> None:
    story.golden(Flow(piece, story, receiver))


def test_the_piece_is_whole_and_its_connection_is_tried(piece: Piece, story: Story) -> None:
    about = piece("metadata")["result"]

    assert (about["actions"], about["triggers"], about["auth"]) == (["run_action"], ["new_event"], "CUSTOM_AUTH")
    assert piece("validate")["result"] == {"valid": True}
    wrong = piece("validate", key="heed_nobody_x")["result"]
    assert wrong["valid"] is False
    assert wrong["error"].startswith("401: ")


def test_actions_and_events_are_read_while_a_flow_is_edited(piece: Piece, story: Story) -> None:
    catalogue = story.up.client.get("/v1/actions")

    actions, events = piece("actions")["result"]["options"], piece("events")["result"]["options"]

    assert [one["value"] for one in actions] == [one["name"] for one in catalogue["actions"]]
    assert [one["value"] for one in events] == [one["name"] for one in catalogue["triggers"]]
    assert piece("actions", disconnected=True)["result"]["disabled"] is True


def test_every_form_is_one_that_the_framework_knows(piece: Piece, story: Story) -> None:
    for entry in story.up.client.get("/v1/actions")["actions"]:
        asked, schema = {"props": {"action": entry["name"]}}, entry["input_schema"]

        told = piece("form-faults", **asked)["result"]

        drawn = told["form"]
        assert (entry["name"], told["faults"]) == (entry["name"], [])
        assert list(drawn) == list(schema["properties"])
        assert [name for name, one in drawn.items() if one["required"]] == schema.get("required", [])
        assert all(one["displayName"] and one["description"] for one in drawn.values())


def test_dropdowns_hold_what_the_service_has(piece: Piece, story: Story) -> None:
    for place in range(120):
        story.up.client.post("/v1/lists", {"name": f"List {place:03}", "keywords": [f"WORD{place}"]})

    drawn = piece("form", props={"action": "send_with_suppression"})["result"]

    assert len(drawn["lists"]["options"]["options"]) == 121
    assert [one["value"] for one in drawn["sender"]["options"]["options"]] == [story.sender]
    assert [one["value"] for one in drawn["require_opt_in"]["options"]["options"]] == [False, True, "explicit"]


def test_what_was_filled_in_arrives_with_its_type(piece: Piece, story: Story) -> None:
    values = {
        "sender": story.sender, "text": "Hi {{ first_name }}", "number": "", "lists": ["default"], "template": {},
        "recipients": [{"number": NUMBER, "email": "", "attributes": {"first_name": "Ada"}}, {"number": ""}],
        "bypass_groups": [], "async": False, "reference": None,
    }  # fmt: skip

    sent = piece("run", props={"action": "send_with_suppression", "input": values})
    trail = piece("run", props={"action": "get_consent_history", "input": {"number": NUMBER, "limit": "1"}})

    lost = piece("run", props={"action": "send_with_suppression", "input": {**values, "lists": [""]}})

    assert lost["error"]["message"].startswith("lists: what is mapped here came out empty"), lost
    assert sent["result"]["sent"] == 1, sent
    assert [one.text for one in story.recorder.handoffs()] == ["Hi Ada"]
    assert trail["result"]["events"] == []


def test_a_loop_is_as_many_calls_as_it_has_turns(piece: Piece, story: Story) -> None:
    def turn(text: str) -> str:
        values = {"sender": story.sender, "number": NUMBER, "text": text}
        return piece("run", props={"action": "send_with_suppression", "input": values})["result"]["id"]

    first, second, again = turn("one"), turn("two"), turn("one")

    assert first != second
    assert again == first, "the same step of the same run with the same input"
    assert len(story.recorder.handoffs()) == 2


def test_a_delivery_that_is_not_ours_starts_nothing(piece: Piece, story: Story, receiver: Receiver) -> None:
    flow = Flow(piece, story, receiver)
    story.write("STOP")
    until(lambda: len(receiver.heard) == 1)
    (one,) = receiver.heard

    assert len(flow.hear(one)) == 1
    assert flow.hear(one, rawBody=one.body.decode().replace("opted_out", "opted_in")) == []
    assert flow.hear(one, headers={}) == []
    assert flow.hear(one, headers={**one.headers, "webhook-timestamp": "1"}) == []


def test_a_trigger_ends_with_its_flow_even_where_heed_has_dropped_it(
    piece: Piece, story: Story, receiver: Receiver
) -> None:
    flow = Flow(piece, story, receiver)
    assert len(story.up.client.get("/v1/webhooks")["items"]) == 2

    ended = [piece("disable", store=store) for store in flow.stores.values()]
    again = piece("disable", store=flow.stores["contact_opted_in"])

    assert [one["store"] for one in [*ended, again]] == [{}, {}, {}]
    assert story.up.client.get("/v1/webhooks")["items"] == []


def test_a_trigger_shows_a_sample_before_anything_has_happened(piece: Piece, story: Story) -> None:
    for trigger in story.up.client.get("/v1/actions")["triggers"]:
        assert piece("test", props={"event": trigger["name"]})["result"] == [trigger["sample"]]


@pytest.fixture
def newer(heed: Heed) -> Iterator[str]:
    """The address of a Heed with one action more than the piece was exported with."""
    server = make_server("127.0.0.1", 0, heed.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.usefixtures("dropped_in")
@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_b02_a_new_action_is_in_the_piece_with_no_other_export(heed: Heed, newer: str, tmp_path: Path) -> None:
    folder = unpacked(EXPORTS["activepieces"].make(CATALOGUE, newer), tmp_path / "piece", "activepieces")
    auth = {"server": newer, "key": heed.key}

    def command(do: str, **props: Any) -> Any:
        return run("activepieces.js", folder, {"do": do, "auth": auth, "props": props}, "activepieces")["result"]

    assert "look_up" not in [one["name"] for one in CATALOGUE["actions"]]
    assert "look_up" in [one["value"] for one in command("actions")["options"]]
    assert "limit" in command("form", action="look_up")
    assert command("run", action="look_up", input={"number": NUMBER, "limit": "1"})["events"] == []
