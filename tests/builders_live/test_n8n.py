"""The n8n package in a real n8n, one for all of it: what its editor asks, the golden scenario, and a lost answer."""

from pathlib import Path
from typing import Any

import pytest

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.dropping_in import LOOK_UP, drop_in
from tests.builders_live.golden import NUMBER, TEXT, Answer, Story, until
from tests.builders_live.losing import Line, losing
from tests.builders_live.n8n import HEED, TRIGGER, N8n, Workflow, heed, node, webhook
from tests.receiver import Receiver, receiving

BOTH = ["contact.opted_out", "contact.opted_in"]


class Flows:
    """The workflows of the golden scenario."""

    def __init__(self, n8n: N8n, story: Story, line: Line, receiver: Receiver) -> None:
        self._n8n, self._receiver = n8n, receiver
        good = n8n.credential("Heed", line.url, story.key)
        bad = n8n.credential("Heed, wrongly", line.url, "heed_nobody_x")
        values = {
            "sender": story.sender, "number": "={{ $json.body.number }}", "text": "={{ $json.body.text }}",
            "email": "", "lists": None, "idempotency_key": "={{ $json.body.key }}",
        }  # fmt: skip
        how = {"onError": "continueRegularOutput", "retryOnFail": True, "maxTries": 2, "waitBetweenTries": 100}
        for path, credential in (("send", good), ("send-badly", bad)):
            n8n.workflow(path, webhook(path), heed("Send", "send_with_suppression", credential, values, **how))
        trigger = node(TRIGGER, "Heard", {"events": BOTH}, credentials={"heedApi": good}, webhookId="heard")
        given = {"method": "POST", "url": receiver.url, "sendBody": True, "specifyBody": "json",
                 "jsonBody": "={{ JSON.stringify($json) }}", "options": {}}  # fmt: skip
        tell = node("n8n-nodes-base.httpRequest", "Tell", given, 4.2)
        self.listening: Workflow = n8n.workflow("listen", trigger, tell)

    def send(self, number: str | None, text: str, key: str | None = None) -> Answer:
        return self._asked("send", {"number": number, "text": text, "key": key})

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return self._asked("send-badly", {"number": number, "text": text})

    def send_to_nobody(self, text: str) -> Answer:
        return self._asked("send", {"text": text})

    def heard(self) -> list[dict[str, Any]]:
        return [one.json for one in self._receiver.heard]

    def _asked(self, path: str, body: dict[str, Any]) -> Answer:
        answer = self._n8n.run(path, body)
        shown = f"{answer.get('error', '')}\n{answer.get('description', '')}"
        return Answer(answer.get("status", 200), answer, shown)


def test_heed_in_a_real_n8n(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = EXPORTS["n8n"].archive(bootstrap.pack().publish(), story.url)
    with N8n(tmp_path / "n8n", package) as n8n, losing(story.url) as line, receiving() as receiver:
        what_the_editor_shows(n8n, story)
        flows = Flows(n8n, story, line, receiver)
        hook = until_subscribed(story)
        print(f"heed: the trigger has subscribed: {hook}")

        story.golden(flows)
        print(f"heed: the golden scenario went through; the trigger has started {len(flows.heard())} executions")

        line.to_lose = 1
        lost = flows.send(NUMBER, TEXT)
        assert (line.lost, lost.body.get("sent")) == (1, 1), lost
        story.agree(sent=2, suppressed=1)
        print("heed: an answer got lost, n8n tried again, and one message went out")

        a_new_action_is_there(n8n, story, tmp_path, monkeypatch)

        flows.listening.deactivate()
        until(lambda: hooks(story) == [])
        print("heed: deactivated, the trigger has unsubscribed")
        flows.listening.activate()
        assert until_subscribed(story) != hook


def what_the_editor_shows(n8n: N8n, story: Story) -> None:
    types = n8n.types()
    assert {HEED, TRIGGER, f"{HEED}Tool"} <= types, "also as a tool of an agent"
    good = n8n.credential("Editor", story.url, story.key)
    assert n8n.tested(good, story.url, story.key)["status"] == "OK"
    refused = n8n.tested(good, story.url, "heed_nobody_x")
    assert refused["status"] == "Error"
    assert "401" in refused["message"] or "UNAUTHORIZED" in refused["message"].upper()
    offered = n8n.options(HEED, "getActions", "operation", good)
    assert [one["value"] for one in offered] == sorted(bootstrap.pack().listed)
    print(f"heed: the credential is tested ({refused['message']}); {len(offered)} actions are offered")
    events = n8n.options(TRIGGER, "getTriggers", "events", good)
    assert [one["value"] for one in events] == [one["event"] for one in bootstrap.pack().publish()["triggers"]]
    fields = n8n.fields("send_with_suppression", good)
    assert list(fields)[:2] == ["sender", "number"]
    assert [one["value"] for one in fields["sender"]["options"]] == [story.sender]
    assert [one["value"] for one in fields["require_opt_in"]["options"]] == [False, True, "explicit"]
    print(f"heed: {len(events)} events, and {len(fields)} fields of send_with_suppression: {' '.join(fields)}")


def a_new_action_is_there(n8n: N8n, story: Story, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file in Heed; n8n and the package in it stay as they are."""
    good = n8n.credential("New", story.url, story.key)
    before = {one["value"] for one in n8n.options(HEED, "getActions", "operation", good)}
    story.up.end()
    drop_in(folder, monkeypatch)
    story.up.start()
    assert {one["value"] for one in n8n.options(HEED, "getActions", "operation", good)} - before == {LOOK_UP}
    assert "limit" in n8n.fields(LOOK_UP, good)
    print(f"heed: a new action file is there: {LOOK_UP}")
    n8n.workflow("look", webhook("look"), heed("Look", LOOK_UP, good, {"number": NUMBER}))
    looked = n8n.run("look", {})
    assert [one["state"] for one in looked["events"]] == ["in"], looked  # the newest word, after STOP and START


def hooks(story: Story) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = story.up.client.get("/v1/webhooks")["items"]
    return found


def until_subscribed(story: Story) -> str:
    until(lambda: len(hooks(story)) == 1)
    assert sorted(hooks(story)[0]["events"]) == sorted(BOTH)
    return str(hooks(story)[0]["id"])
