"""The Node-RED package in a real Node-RED 4, over its Admin API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.golden import Answer, Story
from tests.builders_live.node_red import NodeRed, asked, flow, row, service, tab


@pytest.fixture
def red(tmp_path: Path, story: Story) -> Iterator[NodeRed]:
    package = EXPORTS["node-red"].archive(bootstrap.pack().publish(), story.url)
    with NodeRed(tmp_path / "red", package) as started:
        yield started


class Flows:
    """The flows of the golden scenario."""

    def __init__(self, red: NodeRed, story: Story) -> None:
        self._red = red
        z = tab()
        good, bad = service(story.url, story.key, red.url), service(story.url, "heed_nobody_x", red.url)
        rows = [
            row("sender", "pick", story.sender),
            row("number", "msg", "payload.to.number"),
            row("text", "msg", "payload.text"),
        ]
        red.deploy(
            z,
            good,
            bad,
            *flow("/send", z["id"], good["id"], "send_with_suppression", rows),
            *flow("/send-badly", z["id"], bad["id"], "send_with_suppression", rows),
        )

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        return asked(self._red, "/send", {"to": {"number": number}, "text": text}, key)

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return asked(self._red, "/send-badly", {"to": {"number": number}, "text": text})

    def send_to_nobody(self, text: str) -> Answer:
        return asked(self._red, "/send", {"text": text})

    def heard(self) -> list[dict[str, Any]]:
        return []


def test_the_golden_scenario_through_node_red(red: NodeRed, story: Story) -> None:
    story.golden(Flows(red, story), triggers=False)
