"""B03: /mcp, message by message, as the protocol has it."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.heed import Heed
from tests.oracles import problem

ADA = "+14155550123"
NEW = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": NEW, "io.modelcontextprotocol/clientCapabilities": {}}


def say(heed: Heed, message: Any, *, key: str | None = None, path: str = "/mcp", **headers: str) -> TestResponse:
    """One message, as the older revisions send it."""
    return heed.call("POST", path, message, key=key, **headers)


def request(method: str, params: Any = None, id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, **({} if params is None else {"params": params})}


def ask(heed: Heed, method: str, params: dict[str, Any] | None = None, **headers: str) -> TestResponse:
    """One request that stands alone, as the newest revision sends it."""
    named = {"Mcp_Name": params["name"]} if params and method == "tools/call" else {}
    sent = {"MCP_Protocol_Version": NEW, "Mcp_Method": method, **named, **headers}
    return say(heed, request(method, {**(params or {}), "_meta": META}), **sent)


def call(heed: Heed, name: str, **arguments: Any) -> dict[str, Any]:
    """The result of a tool."""
    answer = ask(heed, "tools/call", {"name": name, "arguments": arguments})
    assert answer.status_code == 200, answer.text
    return answer.json["result"]


def scoped(heed: Heed, *scopes: str) -> str:
    return heed.post("/v1/keys", {"name": "agent", "scopes": list(scopes)})["key"]


def test_b03_the_newest_revision_is_discovered_without_a_session(heed: Heed) -> None:
    answer = ask(heed, "server/discover")

    result = answer.json["result"]
    assert answer.json["id"] == 1
    assert NEW in result["supportedVersions"]
    assert (result["resultType"], result["cacheScope"]) == ("complete", "private")
    assert result["ttlMs"] > 0
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "heed"
    assert "Mcp-Session-Id" not in answer.headers


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_b03_an_older_revision_shakes_hands_and_goes_on(heed: Heed, revision: str) -> None:
    hello = request("initialize", {"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t"}})

    begun = say(heed, hello)
    told = say(heed, {"jsonrpc": "2.0", "method": "notifications/initialized"}, MCP_Protocol_Version=revision)
    listed = say(heed, request("tools/list"), MCP_Protocol_Version=revision)
    pong = say(heed, request("ping", id="p"), MCP_Protocol_Version=revision)

    assert begun.json["result"]["protocolVersion"] == revision
    assert (told.status_code, told.data, told.content_type) == (202, b"", None)
    assert "check_consent" in [tool["name"] for tool in listed.json["result"]["tools"]]
    assert pong.json == {"jsonrpc": "2.0", "id": "p", "result": {}}


def test_b03_a_revision_that_nobody_knows_is_offered_the_newest_with_a_handshake(heed: Heed) -> None:
    answer = say(heed, request("initialize", {"protocolVersion": "2019-01-01", "capabilities": {}}))

    assert answer.json["result"]["protocolVersion"] == "2025-11-25"


def test_b03_a_tool_answers_as_its_action_does(heed: Heed) -> None:
    result = call(heed, "add_to_opt_out", number=ADA)

    assert result["isError"] is False
    assert result["structuredContent"]["results"][0]["status"] == "added"
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    assert heed.act("check_consent", number=ADA)["allowed"] is False
    history = heed.act("get_consent_history", number=ADA)
    assert (history["events"][0]["source"], history["events"][0]["actor"][:9]) == ("action", "First key")


def test_b03_arguments_that_do_not_fit_are_a_result_with_every_pointer(heed: Heed) -> None:
    result = call(heed, "add_to_opt_out", channel="pigeon", colour="red")

    told = json.loads(result["content"][0]["text"])
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert {fault["pointer"] for fault in told["errors"]} == {"/channel", "/colour", ""}
    assert "number" in next(fault["detail"] for fault in told["errors"] if not fault["pointer"])


def test_b03_a_scope_that_lacks_within_a_tool_is_a_result_too(heed: Heed) -> None:
    heed.post("/v1/groups", {"name": "vips", "bypass": True})
    key = scoped(heed, "read")
    params = {"name": "check_consent", "arguments": {"number": ADA, "bypass_groups": ["vips"]}}

    answer = say(heed, request("tools/call", params), key=key)

    assert answer.json["result"]["isError"] is True
    assert json.loads(answer.json["result"]["content"][0]["text"])["code"] == "forbidden"


def test_b03_an_agent_sees_and_runs_what_its_key_may(heed: Heed) -> None:
    key = scoped(heed, "read")

    listed = say(heed, request("tools/list"), key=key).json["result"]["tools"]
    tried = say(heed, request("tools/call", {"name": "add_to_opt_out", "arguments": {"number": ADA}}), key=key).json
    unknown = say(heed, request("tools/call", {"name": "add_to_opt_ins", "arguments": {}}), key=key).json

    assert {tool["name"] for tool in listed} == {"check_consent", "get_consent_history", "list_options"}
    assert tried["error"] == {"code": -32602, "message": "Unknown tool: add_to_opt_out"}
    assert unknown["error"] == {"code": -32602, "message": "Unknown tool: add_to_opt_ins"}
    assert heed.act("check_consent", number=ADA)["allowed"] is True


def test_b03_one_key_has_one_effect_whichever_road_it_comes(heed: Heed) -> None:
    first = call(heed, "add_to_opt_out", number=ADA, idempotency_key="k-1")
    again = call(heed, "add_to_opt_out", number=ADA, idempotency_key="k-1")
    by_http = heed.call("POST", "/v1/actions/add_to_opt_out", {"number": ADA}, Idempotency_Key="k-1")
    other = call(heed, "add_to_opt_out", number="+14155550124", idempotency_key="k-1")

    assert first["structuredContent"] == again["structuredContent"] == by_http.json
    assert again["_meta"] == {"replayed": True}
    assert "_meta" not in first
    assert json.loads(other["content"][0]["text"])["code"] == "idempotency_mismatch"
    assert len(heed.act("get_consent_history", number=ADA)["events"]) == 1


def test_b03_what_goes_on_in_the_background_says_where_to_look(heed: Heed) -> None:
    sender = heed.sender()["id"]

    result = call(heed, "send_with_suppression", sender=sender, number=ADA, text="Hello", **{"async": True})

    assert result["isError"] is False
    assert f"/v1/sends/{result['structuredContent']['id']}" in result["content"][1]["text"]


def test_b03_ids_are_found_without_leaving_the_protocol(heed: Heed) -> None:
    sender = heed.sender()

    found = call(heed, "list_options", source="senders", q="5005550006")
    wrong = call(heed, "list_options", source="cities")
    few = scoped(heed, "lists:read")
    refused = say(heed, request("tools/call", {"name": "list_options", "arguments": {"source": "senders"}}), key=few)

    assert found["structuredContent"]["options"][0]["value"] == sender["id"]
    assert json.loads(wrong["content"][0]["text"])["errors"][0]["pointer"] == "/source"
    assert refused.json["result"]["isError"] is True


# a message, the JSON-RPC code, the status where requests stand alone
WRONG = [
    ([request("tools/list")], -32600, 400),  # a batch
    ("hello", -32600, 400),
    ({"id": 1, "method": "ping"}, -32600, 400),
    ({"jsonrpc": "2.0", "id": 1}, -32600, 400),
    (request("ping", id=None), -32600, 400),
    (request("ping", id=True), -32600, 400),
    (request("ping", id=1.5), -32600, 400),
    (request("ping", [1]), -32602, 400),
    (request("tools/list", {"_meta": META, "cursor": "2"}), -32602, 400),
    (request("tools/call", {"_meta": META}), -32602, 400),
    (request("tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": NEW}}), -32602, 400),
    (request("tools/list", {}), -32602, 400),
    (request("resources/list", {"_meta": META}), -32601, 404),
]


@pytest.mark.parametrize(("message", "code", "status"), WRONG, ids=range(len(WRONG)))
def test_b03_what_is_no_message_is_told_so(heed: Heed, message: Any, code: int, status: int) -> None:
    method = message.get("method", "") if isinstance(message, dict) else ""

    answer = say(heed, message, MCP_Protocol_Version=NEW, Mcp_Method=method)

    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["jsonrpc"] == "2.0"


def test_b03_after_a_handshake_an_error_is_a_200(heed: Heed) -> None:
    unknown = say(heed, request("resources/list"), MCP_Protocol_Version="2025-11-25")
    nothing = say(heed, request("tools/call", {"arguments": {}}), MCP_Protocol_Version="2025-11-25")

    assert (unknown.status_code, unknown.json["error"]["code"]) == (200, -32601)
    assert (nothing.status_code, nothing.json["error"]["code"]) == (200, -32602)


def test_b03_a_body_that_is_no_json_is_a_parse_error(heed: Heed) -> None:
    headers = {"Authorization": f"Bearer {heed.key}"}

    answer = heed.app.test_client().post("/mcp", data=b"{", content_type="application/json", headers=headers)

    assert (answer.status_code, answer.json["error"]["code"], answer.json["id"]) == (400, -32700, None)


def test_b03_a_header_that_says_something_else_is_refused(heed: Heed) -> None:
    params = {"name": "add_to_opt_out", "arguments": {"number": ADA}}
    told = [
        ask(heed, "tools/call", params, Mcp_Name="check_consent"),
        ask(heed, "tools/call", params, Mcp_Method="tools/list"),
        ask(heed, "tools/call", params, MCP_Protocol_Version="2025-11-25"),
        ask(heed, "tools/call", params, Mcp_Name="=?base64?!?="),
        say(heed, request("tools/call", {**params, "_meta": META})),
    ]

    assert [(one.status_code, one.json["error"]["code"]) for one in told] == [(400, -32020)] * 5
    assert heed.act("check_consent", number=ADA)["allowed"] is True


def test_b03_a_name_in_base64_is_the_same_name(heed: Heed) -> None:
    params = {"name": "check_consent", "arguments": {"number": ADA}}

    answer = ask(heed, "tools/call", params, Mcp_Name="=?base64?Y2hlY2tfY29uc2VudA==?=")

    assert answer.json["result"]["structuredContent"]["allowed"] is True


def test_b03_a_later_revision_is_told_which_ones_there_are(heed: Heed) -> None:
    meta = META | {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    headers = {"MCP_Protocol_Version": "2031-01-01", "Mcp_Method": "server/discover"}

    answer = say(heed, request("server/discover", {"_meta": meta}), **headers)

    assert (answer.status_code, answer.json["error"]["code"]) == (400, -32022)
    assert answer.json["error"]["data"]["requested"] == "2031-01-01"
    assert NEW in answer.json["error"]["data"]["supported"]


def test_b03_only_a_post_with_a_key_in_its_header_gets_in(heed: Heed) -> None:
    message = request("tools/list")

    for method in ("GET", "DELETE", "PUT"):
        answer = heed.call(method, "/mcp")
        problem(answer, 405)
        assert "POST" in answer.headers["Allow"]
    problem(say(heed, message, key="heed_test_wrong"), 401)
    client = heed.app.test_client()
    problem(client.post(f"/mcp?api_key={heed.key}&access_token={heed.key}", json=message), 401)
    problem(heed.call("POST", "/mcp", message, Accept="image/png"), 406)


# Host, Origin, whether it gets in
DOORS = [
    ("heed.test", None, True),
    ("heed.test:443", "http://heed.test", True),
    ("localhost:8080", "http://localhost:8080", True),
    ("127.0.0.1:8080", None, True),
    ("[::1]:8080", None, True),
    ("10.0.0.7", None, True),  # no name server can bend an address
    ("evil.example", None, False),
    ("evil.example:8080", "http://evil.example:8080", False),
    ("heed.test.evil.example", None, False),
    ("heed.test", "https://evil.example", False),
    ("heed.test", "null", False),
    ("localhost:8080", "http://localhost:3000", False),
]


@pytest.mark.parametrize(("host", "origin", "open_"), DOORS)
def test_b03_a_page_of_another_site_gets_nothing(heed: Heed, host: str, origin: str | None, open_: bool) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})

    answer = say(heed, request("tools/list"), **headers)

    assert answer.status_code == (200 if open_ else 403), answer.text
    if not open_:
        problem(answer, 403)
