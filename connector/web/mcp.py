"""/mcp: an agent's tools, run through the same corridor as everything else. No session: each call brings its key."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import orjson
from flask import Blueprint, Response, request

from connector.builders.mcp import HANDSHAKE, INSTRUCTIONS, LIST_OPTIONS, STATELESS, may_run, tools
from connector.domain.errors import Fault, HeedError, Invalid, Malformed
from connector.domain.words import Source
from connector.engine import validation
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web import mcp_message as rpc
from connector.web.body import json_value
from connector.web.catalogue import options_of
from connector.web.endpoint import endpoint
from connector.web.house import house
from connector.web.strangers import refuse_strangers

blueprint = Blueprint("mcp", __name__)
blueprint.before_request(refuse_strangers)

_OPTIONS = validation.Schema(LIST_OPTIONS["inputSchema"])
#: How long a client may keep what it was told, and for whom: another key may run other tools.
_KEPT: Mapping[str, Any] = {"ttlMs": 60_000, "cacheScope": "private"}
_SERVER = {"name": "heed", "title": "Heed", "version": version("heed")}


@blueprint.post("/mcp")
@endpoint(source=Source.ACTION, keyed=False)
def mcp(who: Who) -> Any:
    """One message in, one answer out."""
    value: Any = None
    try:
        value = _body()
        message = rpc.read(value, request.headers.get)
        if message.id is None:
            return _heard()
        if message.stateless:
            rpc.check_envelope(message, request.headers.get)
        methods = _STATELESS_METHODS if message.stateless else _HANDSHAKE_METHODS
        if message.method not in methods:
            raise rpc.RpcError(rpc.UNKNOWN_METHOD, "There is no such method.")
        result = methods[message.method](who, message.params)
    except rpc.RpcError as error:
        return _refused(error, value)
    marked = {"resultType": "complete"} if message.stateless else {}
    return {"jsonrpc": "2.0", "id": message.id, "result": {**marked, **result}}


def _heard() -> Response:
    """Nobody waits for an answer to a notification, and none of them changes anything here."""
    response = Response(status=202)
    del response.headers["Content-Type"]
    return response


def _body() -> Any:
    try:
        return json_value()
    except Malformed as error:
        raise rpc.RpcError(rpc.PARSE_ERROR, error.faults[0].detail) from None


def _refused(error: rpc.RpcError, value: Any) -> Answer:
    asked = value if isinstance(value, dict) else {}
    stateless = rpc.is_stateless(asked.get("params"), request.headers.get)
    id = asked.get("id")
    named = id if isinstance(id, str | int) and not isinstance(id, bool) else None
    return Answer(error.status(stateless=stateless), error.body(named))


def _discover(_who: Who, _params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "supportedVersions": [*HANDSHAKE, *STATELESS],
        "capabilities": {"tools": {}},
        "instructions": INSTRUCTIONS,
        "_meta": {"io.modelcontextprotocol/serverInfo": _SERVER},
        **_KEPT,
    }


def _initialize(_who: Who, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in HANDSHAKE else HANDSHAKE[-1],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": _SERVER,
        "instructions": INSTRUCTIONS,
    }


def _list(who: Who, params: Mapping[str, Any]) -> dict[str, Any]:
    if params.get("cursor") is not None:
        raise rpc.RpcError(rpc.INVALID_PARAMS, "There is one page of tools, so there is no such cursor.")
    entries = [one.publish() for one in house().catalog.listed.values()]
    return {"tools": tools(entries, who.scopes), **_KEPT}


def _call(who: Who, params: Mapping[str, Any]) -> dict[str, Any]:
    name, values = params.get("name"), params.get("arguments")
    if values is None:
        values = {}
    if not isinstance(name, str) or not isinstance(values, dict):
        raise rpc.RpcError(rpc.INVALID_PARAMS, "tools/call takes a name and an object of arguments.")
    listed = house().catalog.listed.get(name)
    if name != LIST_OPTIONS["name"] and (listed is None or not may_run(listed.publish(), who.scopes)):
        raise rpc.RpcError(rpc.INVALID_PARAMS, f"Unknown tool: {name[:64]}")
    try:
        if listed is None:
            return _result(Answer(200, _options(who, values)))
        return _result(house().corridor.run(who, name, values))
    except HeedError as error:
        return _failed(error)


def _options(who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if faults := _OPTIONS.faults(given):
        raise Invalid(faults)
    return options_of(who, given["source"], given.get("q", ""), given.get("cursor"))


def _result(answer: Answer) -> dict[str, Any]:
    """What an action answered: structured, and the same as text for a client that knows only that."""
    content = [_text(orjson.dumps(answer.body).decode())]
    if "Location" in answer.headers:
        content.append(_text(f"Taken; the rest goes on in the background: {answer.headers['Location']}"))
    meta = {"_meta": {"replayed": True}} if answer.replayed else {}
    return {"content": content, "structuredContent": answer.body, "isError": False, **meta}


def _failed(error: HeedError) -> dict[str, Any]:
    """What an agent can mend is a result that it reads, every fault with its pointer."""
    faults: tuple[Fault, ...] = error.faults if isinstance(error, Invalid) else ()
    told = {
        "code": error.code,
        "detail": error.detail,
        "errors": [{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in faults],
    }
    return {"content": [_text(orjson.dumps(told).decode())], "isError": True}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


_STATELESS_METHODS = {"server/discover": _discover, "tools/list": _list, "tools/call": _call}
_HANDSHAKE_METHODS = {
    "initialize": _initialize, "ping": lambda _who, _params: {}, "tools/list": _list, "tools/call": _call,
}  # fmt: skip
