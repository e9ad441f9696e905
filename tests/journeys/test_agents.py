"""B03: the official client, in each of its three ways to speak, plays the whole story against a real server."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

import actions
from connector.demo.launch import Running
from tests.actions.people import says
from tests.contracts.test_a_new_action import GREET
from tests.heed import Heed
from tests.oracles import key_with
from tests.served import served

ADA = "+14155550123"
MODES = ["auto", "legacy", "2026-07-28"]


@asynccontextmanager
async def agent(url: str, key: str, mode: str) -> AsyncIterator[Client]:
    """A connected agent; its HTTP client is closed with it."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(f"{url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=30) as client:
            yield client


@dataclass
class Told:
    """What one tool answered."""

    error: bool
    body: dict[str, Any]
    replayed: bool


async def use(client: Client, tool: str, **arguments: Any) -> Told:
    result = await client.call_tool(tool, arguments)
    body = result.structured_content or json.loads(result.content[0].text)
    return Told(bool(result.is_error), body, bool((result.meta or {}).get("replayed")))


async def the_story(heed: Heed, sender: dict[str, Any], client: Client) -> list[tuple[str, Told]]:
    """STOP, a send that is left out, START, a send that goes out, the same again."""
    send = {"sender": sender["id"], "number": ADA, "text": "Our sale starts today."}
    told = []
    await asyncio.to_thread(says, heed, sender, "STOP", id="m-stop")
    told.append(("asked", await use(client, "check_consent", number=ADA, channel="sms")))
    told.append(("stopped", await use(client, "send_with_suppression", **send, idempotency_key="offer-1")))
    await asyncio.to_thread(says, heed, sender, "START", id="m-start")
    told.append(("sent", await use(client, "send_with_suppression", **send, idempotency_key="offer-2")))
    told.append(("again", await use(client, "send_with_suppression", **send, idempotency_key="offer-2")))
    told.append(("nobody", await use(client, "send_with_suppression", sender=sender["id"], text="Hello")))
    told.append(("history", await use(client, "get_consent_history", number=ADA)))
    return told


@pytest.mark.parametrize("mode", MODES)
def test_b03_an_agent_plays_the_whole_story(heed: Heed, provider: Running, mode: str) -> None:
    sender = heed.sender(provider.url)

    async def play(url: str) -> tuple[str, list[tuple[str, Told]]]:
        async with agent(url, heed.key, mode) as client:
            listed = await client.list_tools()
            assert {"send_with_suppression", "check_consent"} <= {tool.name for tool in listed.tools}
            return client.protocol_version, await the_story(heed, sender, client)

    with served(heed) as url, heed.working():
        version, story = asyncio.run(play(url))
    told = dict(story)

    assert version == ("2025-11-25" if mode == "legacy" else "2026-07-28")
    assert told["asked"].body["allowed"] is False
    assert [reason["code"] for reason in told["asked"].body["reasons"]] == ["opted_out"]
    (stopped,) = told["stopped"].body["results"]
    assert (stopped["status"], stopped["error"], stopped["reasons"][0]["code"]) == (
        "suppressed", "Optout Number", "opted_out",
    )  # fmt: skip
    assert told["stopped"].error is False, "a refusal is an answer, not an error"
    assert told["sent"].body["sent"] == 1
    assert (told["again"].body, told["again"].replayed) == (told["sent"].body, True)
    assert told["nobody"].error is True
    assert "number" in json.dumps(told["nobody"].body["errors"])
    assert [event["state"] for event in told["history"].body["events"]] == ["in", "out"]
    the_records_agree(heed, provider, told["sent"].body)


def the_records_agree(heed: Heed, provider: Running, sent: dict[str, Any]) -> None:
    """Heed's journal says of each message what the provider saw of it."""
    journal = heed.get("/v1/sends?number=%2B14155550123")
    handed = provider.handoffs()

    statuses = sorted(one["status"] for one in journal["items"])
    assert statuses == ["sent", "suppressed"]
    assert [one.to for one in handed] == [ADA]
    assert [one.text for one in handed] == ["Our sale starts today."]
    by_id = {one["id"]: one["status"] for one in journal["items"]}
    assert by_id[handed[0].send_id] == "sent"
    assert sent["results"][0]["provider_id"]


@pytest.mark.parametrize("mode", MODES)
def test_b03_a_wrong_key_gets_nowhere(heed: Heed, mode: str) -> None:
    answers: set[int] = set()
    heed.app.after_request(lambda response: (answers.add(response.status_code), response)[1])

    async def knock(url: str) -> str:
        told = "in"
        try:
            async with agent(url, "heed_test_wrong", mode) as client:
                await client.list_tools()
        except* MCPError as group:
            told = repr(group.exceptions)
        return told

    with served(heed) as url:
        told = asyncio.run(knock(url))

    assert told != "in"
    assert answers == {401}


@pytest.mark.parametrize("mode", MODES)
def test_b03_a_reading_agent_sees_what_it_may_do(heed: Heed, mode: str) -> None:
    key = key_with(heed, "read")

    async def look(url: str) -> tuple[list[Any], str]:
        async with agent(url, key, mode) as client:
            tools = (await client.list_tools()).tools
            try:
                await client.call_tool("add_to_opt_out", {"number": ADA})
            except MCPError as error:
                return tools, str(error)
            return tools, ""

    with served(heed) as url:
        tools, told = asyncio.run(look(url))

    assert {tool.name for tool in tools} == {"check_consent", "get_consent_history", "list_options"}
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert "Unknown tool" in told
    assert heed.act("check_consent", number=ADA)["allowed"] is True


@pytest.fixture
def one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file more in actions/, and nothing else."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "look_up.py").write_text(GREET)
    monkeypatch.setattr(actions, "__path__", [*actions.__path__, str(folder)])
    yield
    del sys.modules["actions.look_up"]
    del actions.look_up


def test_b03_a_new_action_is_a_new_tool(one_more: None, heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, reason="asked")

    async def look(url: str) -> tuple[set[str], Told]:
        async with agent(url, heed.key, "auto") as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            return names, await use(client, "look_up", number=ADA)

    with served(heed) as url:
        names, told = asyncio.run(look(url))

    assert "look_up" in names
    assert told.body["events"][0]["reason"] == "asked"
