"""A real Heed with a sender and a recording provider, once for each test; all tests here are marked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.demo.launch import running
from tests.builders_live.golden import Story
from tests.journeys.up import Up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.n8n if item.path.name == "test_n8n.py" else pytest.mark.builders)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    up = Up(tmp_path, database=None, workers=1, ready_s=180.0)  # whatever else the machine does meanwhile
    with running(tmp_path / "handoffs.jsonl") as recorder:
        try:
            up.start()
            made = up.client.post("/v1/senders", {
                "provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": {"url": recorder.url},
            })  # fmt: skip
            yield Story(up, recorder, made["id"], made["inbound_url"])
        finally:
            up.end()
