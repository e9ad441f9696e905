"""The Node-RED package in a real Node-RED 4, over its Admin API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.dropping_in import LOOK_UP, drop_in
from tests.builders_live.golden import NUMBER, Answer, Story, until
from tests.builders_live.node_red import NodeRed, asked, flow, node, row, service, tab
from tests.receiver import Receiver, receiving

BOTH = ["contact.opted_out", "contact.opted_in"]


@pytest.fixture
def red(tmp_path: Path, story: Story) -> Iterator[NodeRed]:
    package = EXPORTS["node-red"].archive(bootstrap.pack().publish(), story.url)
    with NodeRed(tmp_path / "red", package) as started:
        yield started


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


class Flows:
    """The flows of the golden scenario."""

    def __init__(self, red: NodeRed, story: Story, receiver: Receiver) -> None:
        self._red, self._receiver = red, receiver
        z = tab()
        good, bad = service(story.url, story.key, red.url), service(story.url, "heed_nobody_x", red.url)
        rows = [
            row("sender", "pick", story.sender), row("number", "msg", "payload.to.number"),
            row("text", "msg", "payload.text"),
        ]  # fmt: skip
        red.deploy(
            z, good, bad, *listening(z["id"], good["id"], BOTH, receiver),
            *flow("/send", z["id"], good["id"], "send_with_suppression", rows),
            *flow("/send-badly", z["id"], bad["id"], "send_with_suppression", rows),
        )  # fmt: skip
        until(lambda: len(hooks(story)) == 1)

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        return asked(self._red, "/send", {"to": {"number": number}, "text": text}, key)

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return asked(self._red, "/send-badly", {"to": {"number": number}, "text": text})

    def send_to_nobody(self, text: str) -> Answer:
        return asked(self._red, "/send", {"text": text})

    def heard(self) -> list[dict[str, Any]]:
        return [one.json for one in self._receiver.heard]


def test_the_golden_scenario_through_node_red(red: NodeRed, story: Story, receiver: Receiver) -> None:
    story.golden(Flows(red, story, receiver))


def test_a_message_that_comes_to_a_node_twice_has_one_effect_and_the_parts_of_a_split_have_one_each(
    red: NodeRed, story: Story, receiver: Receiver
) -> None:
    z = tab()
    good = service(story.url, story.key, red.url)
    rows = [row("sender", "pick", story.sender), row("number", "msg", "payload.to"), row("text", "str", "Hello")]
    nodes = flow("/send", z["id"], good["id"], "send_with_suppression", rows)
    keyed, act, caught = nodes[1:4]
    told = telling(z["id"], receiver)
    double = node("function", z["id"], [act["id"]], outputs=1, noerr=0, initialize="", finalize="", libs=[],
                  func="return [[msg, RED.util.cloneMessage(msg)]];")  # fmt: skip
    split = node("split", z["id"], [double["id"]], splt="", spltType="str", arraySplt=1, arraySpltType="len",
                 addname="", property="payload.to")  # fmt: skip
    keyed["wires"] = [[split["id"]]]
    for one in (act, caught):
        one["wires"][0].append(told["id"])
    red.deploy(z, good, *nodes, split, double, told)

    people = ["+14155550151", "+14155550152"]
    asked(red, "/send", {"to": people})

    until(lambda: len(receiver.heard) == 4)
    answers = [one.json for one in receiver.heard]
    assert len({one["id"] for one in answers if "id" in one}) == 2
    # The second of two that come at once may be told that the first still runs.
    assert {one["status"] for one in answers if "id" not in one} <= {409}
    assert sorted(one.to or "" for one in story.recorder.handoffs()) == people


def test_a_filter_that_is_lost_is_no_call_at_all(red: NodeRed, story: Story) -> None:
    z = tab()
    good = service(story.url, story.key, red.url)
    rows = [row("number", "str", NUMBER), row("lists", "msg", "payload.nowhere.lists")]
    red.deploy(z, good, *flow("/out", z["id"], good["id"], "add_to_opt_out", rows))

    answer = asked(red, "/out", {})

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/lists")
    assert story.up.client.get(f"/v1/history?number=%2B{NUMBER[1:]}")["items"] == []


def test_every_way_to_fill_a_field(red: NodeRed, story: Story) -> None:
    """As the dialog keeps them; an optional field that is empty or not set is left out."""
    z = tab()
    good = service(story.url, story.key, red.url)
    rows = [
        row("recipients", "jsonata", 'payload.people.{"number": phone}'), row("channel", "pick", "sms"),
        row("lists", "picks", "default"), row("require_opt_in", "const", "false"), row("bypass_groups", "json", "[]"),
        row("purpose", "none", ""), row("email", "str", ""), row("whatsapp_id", "msg", "payload.nobody.id"),
    ]  # fmt: skip
    red.deploy(z, good, *flow("/ask", z["id"], good["id"], "check_consent", rows))

    answer = asked(red, "/ask", {"people": [{"phone": NUMBER}, {"phone": "+14155550143"}]})

    assert (answer.status, answer.body["allowed_count"]) == (200, 2), answer


def test_the_editor_asks_heed_through_node_red(red: NodeRed, story: Story) -> None:
    good = service(story.url, story.key, red.url)
    red.deploy(tab(), good)

    def ask(path: str, **about: str) -> requests.Response:
        return red.call("POST", f"/heed/{path}", {"id": good["id"], **about})

    assert ask("test").json()["key"].startswith("First key")
    assert ask("test", server=story.url, key="__PWRD__").json()["key"].startswith("First key")
    assert ask("test", server=story.url, key=story.key).ok, "before it is deployed"
    refused = ask("test", server=story.url, key="heed_nobody_x")
    assert (refused.status_code, refused.json()["status"]) == (502, 401), "a 401 would end the editor's own session"
    assert "needs a valid API key" in refused.json()["message"]
    assert ask("options/senders").json()["options"][0]["value"] == story.sender
    assert [one["name"] for one in ask("catalogue").json()["actions"]] == sorted(bootstrap.pack().listed)
    with receiving() as elsewhere:
        assert ask("test", server=elsewhere.url).status_code == 404
        assert elsewhere.heard == [], "a kept key goes to its own service only"
    assert story.key not in red.call("GET", "/flows").text


def test_a_new_action_is_there_without_another_package(
    red: NodeRed, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    z = tab()
    good = service(story.url, story.key, red.url)
    red.deploy(z, good, *flow("/look", z["id"], good["id"], "look_up", [row("number", "str", NUMBER)]))
    before = red.call("POST", "/heed/catalogue", {"id": good["id"]}).json()["actions"]
    assert asked(red, "/look", {}).status == 404

    story.up.end()
    drop_in(tmp_path, monkeypatch)
    story.up.start()

    after = red.call("POST", "/heed/catalogue", {"id": good["id"]}).json()["actions"]
    assert {one["name"] for one in after} - {one["name"] for one in before} == {LOOK_UP}
    assert asked(red, "/look", {}).status == 200


def test_a_trigger_subscribes_verifies_outlives_a_crash_and_unsubscribes(
    red: NodeRed, story: Story, receiver: Receiver
) -> None:
    z = tab()
    good = service(story.url, story.key, red.url)
    trigger, *more = listening(z["id"], good["id"], BOTH, receiver)
    red.deploy(z, good, trigger, *more)
    until(lambda: len(hooks(story)) == 1)
    hook = hooks(story)[0]
    assert hook["url"] == f"{red.url}/heed/hook/{trigger['id']}"

    forged = requests.post(hook["url"], json={"type": BOTH[0]}, headers={"webhook-id": "a", "webhook-timestamp": "1",
                           "webhook-signature": "v1,AAAA"}, timeout=10)  # fmt: skip
    assert (forged.status_code, receiver.heard) == (401, [])
    assert requests.post(f"{red.url}/heed/hook/nobody", json={}, timeout=10).status_code == 404

    red.stop(kill=True)
    story.write("STOP")
    red.start()
    # Heed would try again by itself, in five seconds, five minutes and so on; the test has no such patience.
    waiting = f"/v1/webhooks/{hook['id']}/deliveries"
    until(lambda: story.up.client.get(waiting)["items"][0]["attempts"] > 0)
    story.up.client.post(f"{waiting}/{story.up.client.get(waiting)['items'][0]['id']}/replay")
    until(lambda: len(receiver.heard) >= 1)
    assert [one.json["number"] for one in receiver.heard] == [NUMBER]
    assert [one["id"] for one in hooks(story)] == [hook["id"]], "the same one is found again"

    red.deploy(z, good, {**trigger, "events": BOTH[:1]}, *more)
    until(lambda: [one["events"] for one in hooks(story)] == [BOTH[:1]])
    red.deploy(z, good)
    until(lambda: hooks(story) == [])


def test_the_example_flows_can_be_deployed(red: NodeRed, story: Story) -> None:
    examples = red.call("GET", "/library/examples/flows/node-red-contrib-heed").text
    for name in ("Opt somebody out", "Send and heed opt-outs"):
        assert name in examples
        nodes = red.call("GET", f"/library/examples/flows/node-red-contrib-heed/{name}").json()
        own = {**nodes[-1], "server": story.url, "callback": red.url, "credentials": {"key": story.key}}
        red.deploy(*nodes[:-1], own)
        assert {one["type"] for one in nodes} <= {one["type"] for one in red.call("GET", "/flows").json()["flows"]}
        if name.startswith("Opt"):
            assert red.call("POST", f"/inject/{nodes[1]['id']}").ok
            until(lambda: story.up.client.get("/v1/history?number=%2B14155550123")["items"] != [])
        else:
            until(lambda: len(hooks(story)) == 1)


def hooks(story: Story) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = story.up.client.get("/v1/webhooks")["items"]
    return found


def telling(z: str, receiver: Receiver) -> dict[str, Any]:
    """A node that passes what it is given on to a receiver."""
    return node("http request", z, [], method="POST", ret="txt", paytoqs="ignore", url=receiver.url, tls="",
                persist=False, proxy="", insecureHTTPParser=False, authType="", senderr=False, headers=[])  # fmt: skip


def listening(z: str, of: str, events: list[str], receiver: Receiver) -> list[dict[str, Any]]:
    """A trigger whose events are told to a receiver."""
    tell = telling(z, receiver)
    return [node("heed-trigger", z, [tell["id"]], service=of, events=events), tell]
