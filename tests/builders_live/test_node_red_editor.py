"""What somebody sees who edits a flow with our nodes, in a real browser."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.editor import deploy, done, editing, field, open_node
from tests.builders_live.golden import Story, until
from tests.builders_live.node_red import NodeRed

EXAMPLE = "examples/Send and heed opt-outs.json"


@pytest.fixture
def red(tmp_path: Path, story: Story) -> Iterator[NodeRed]:
    package = EXPORTS["node-red"].archive(bootstrap.pack().publish(), story.url)
    with NodeRed(tmp_path / "red", package) as started:
        yield started


def test_an_action_is_drawn_from_the_catalogue_filled_by_hand_and_kept(
    red: NodeRed, story: Story, tmp_path: Path
) -> None:
    nodes = json.loads(EXPORTS["node-red"].make(bootstrap.pack().publish(), story.url)[EXAMPLE])
    own = {**nodes[-1], "server": story.url, "callback": red.url, "credentials": {"key": story.key}}
    red.deploy(*nodes[:-1], own)
    send, trigger = (
        next(one["id"] for one in nodes if one["type"] == f"heed-{kind}") for kind in ("action", "trigger")
    )
    with editing(red) as page:
        page.evaluate("$('#red-ui-palette-search input').searchBox('value', 'heed')")
        page.evaluate("RED.menu.toggleSelected('menu-item-sidebar')")
        open_node(page, send)
        field(page, "sender").locator(".red-ui-typedInput-option-label").wait_for()
        assert page.locator("#heed-action-name option").count() == len(bootstrap.pack().listed) + 1
        assert "Send a message" in page.locator("#heed-action-told").inner_text()
        shown = page.locator("#heed-action-fields [data-field]").evaluate_all(
            "all => all.map(one => one.dataset.field)"
        )
        assert shown[:2] == ["sender", "number"]
        assert "purpose" not in shown, "folded away"
        field(page, "sender").locator(".red-ui-typedInput-option-trigger").click()
        page.locator(".red-ui-typedInput-options:visible a", has_text="+15005550006").first.click()
        field(page, "lists").locator(".red-ui-typedInput-type-select").click()
        page.locator(".red-ui-typedInput-options:visible a", has_text="some of").click()
        field(page, "lists").locator(".red-ui-typedInput-option-trigger").click()
        page.locator(".red-ui-typedInput-options:visible a", has_text="Default").click()
        page.locator("#heed-action-told").click()
        picture = Path(os.environ.get("HEED_PICTURE") or tmp_path / "node-red.png")
        page.screenshot(path=picture)
        done(page)
        deploy(page)

        open_node(page, send)
        lists = field(page, "lists").locator(".red-ui-typedInput-option-label")
        lists.filter(has_text="1 selected").wait_for()
        done(page)

        open_node(page, trigger)
        page.locator("#heed-trigger-events input[value='message.skipped']").check()
        done(page)
        deploy(page)

    kept = {one["id"]: one for one in red.call("GET", "/flows").json()["flows"]}
    assert {"name": "sender", "type": "pick", "value": story.sender} in kept[send]["fields"]
    assert {"name": "number", "type": "msg", "value": "payload.number"} in kept[send]["fields"]
    default = story.up.client.get("/v1/options/lists")["options"][0]["value"]
    assert {"name": "lists", "type": "picks", "value": default} in kept[send]["fields"]
    assert [one["name"] for one in kept[send]["fields"]] == ["sender", "number", "text", "lists"]
    assert (kept[send]["action"], kept[send]["version"]) == ("send_with_suppression", 1)
    assert kept[trigger]["events"] == ["contact.opted_out", "message.skipped"]

    def hooks() -> list[list[str]]:
        return [sorted(one["events"]) for one in story.up.client.get("/v1/webhooks")["items"]]

    until(lambda: hooks() == [["contact.opted_out", "message.skipped"]])


def test_the_connection_is_tested_from_its_dialog_and_a_wrong_key_is_told(red: NodeRed, story: Story) -> None:
    nodes = json.loads(EXPORTS["node-red"].make(bootstrap.pack().publish(), story.url)[EXAMPLE])
    own = {**nodes[-1], "server": story.url, "callback": red.url, "credentials": {"key": story.key}}
    red.deploy(*nodes[:-1], own)
    with editing(red) as page:
        page.evaluate("id => RED.editor.editConfig('', 'heed-service', id)", own["id"])
        page.locator("#heed-service-test").click()
        told = page.locator("#heed-service-told")
        page.wait_for_function("document.querySelector('#heed-service-told').textContent.length > 5")
        assert told.inner_text().startswith("Connected to Heed with First key (key_")
        page.locator("#node-config-input-key").fill("heed_nobody_x")
        page.locator("#heed-service-test").click()
        page.wait_for_function("document.querySelector('#heed-service-told').textContent.includes('needs a valid')")
