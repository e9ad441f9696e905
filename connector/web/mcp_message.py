"""One JSON-RPC message of the Model Context Protocol, read: what it asks for, or the first thing wrong with it.

Two eras share one address. From 2026-07-28 each request carries its revision and the client's abilities in
``params._meta``, repeated in headers so that a proxy can route by them. Before, a handshake agreed on the revision.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.builders.mcp import HANDSHAKE, STATELESS

PARSE_ERROR, INVALID_REQUEST, UNKNOWN_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022

_VERSION = "io.modelcontextprotocol/protocolVersion"
_ABILITIES = "io.modelcontextprotocol/clientCapabilities"
#: The statuses of errors; those that are not here are a 200.
_STATUS = {
    PARSE_ERROR: 400, INVALID_REQUEST: 400, INVALID_PARAMS: 400, HEADER_MISMATCH: 400, UNSUPPORTED_VERSION: 400,
    UNKNOWN_METHOD: 404,
}  # fmt: skip
_BASE64 = ("=?base64?", "?=")

Header = Callable[[str], str | None]


class RpcError(Exception):
    """What is wrong with a message, as JSON-RPC says it."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    def body(self, id: str | int | None) -> dict[str, Any]:
        error = {"code": self.code, "message": str(self)} | ({"data": self.data} if self.data is not None else {})
        return {"jsonrpc": "2.0", "id": id, "error": error}

    def status(self, *, stateless: bool) -> int:
        """After a handshake an error is a 200, as long as there was a request at all."""
        return _STATUS.get(self.code, 200) if stateless or self.code in (PARSE_ERROR, INVALID_REQUEST) else 200


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or where ``id`` is None a notification, which nobody answers."""

    id: str | int | None
    method: str
    params: Mapping[str, Any]
    stateless: bool


def read(value: Any, header: Header) -> Message:
    """The message of a body; RpcError where it is none. ``header``: gives a header of the call."""
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0" or not isinstance(value.get("method"), str):
        raise RpcError(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 request or notification.")
    params = value.get("params", {})
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "params must be an object.")
    if "id" not in value:
        return Message(None, value["method"], params, stateless=False)
    if isinstance(value["id"], bool) or not isinstance(value["id"], str | int):
        raise RpcError(INVALID_REQUEST, "id must be a string or an integer.")
    return Message(value["id"], value["method"], params, is_stateless(params, header))


def is_stateless(params: Any, header: Header) -> bool:
    """Whether a request stands alone: it says so itself, or its header names no revision with a handshake."""
    meta = params.get("_meta") if isinstance(params, dict) else None
    if isinstance(meta, dict) and _VERSION in meta:
        return True
    named = header("MCP-Protocol-Version")
    return named is not None and named not in HANDSHAKE


def check_envelope(message: Message, header: Header) -> None:
    """RpcError where a stateless request lacks what it must carry, contradicts its headers, or is of another time."""
    meta = message.params.get("_meta")
    missing = [key for key in (_VERSION, _ABILITIES) if not isinstance(meta, dict) or key not in meta]
    if missing or not isinstance(meta, dict):
        raise RpcError(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}.")
    _same("MCP-Protocol-Version", header, meta[_VERSION])
    _same("Mcp-Method", header, message.method)
    if message.method == "tools/call" and message.params.get("name") is not None:
        _same("Mcp-Name", header, message.params["name"])
    if meta[_VERSION] not in STATELESS:
        data = {"supported": [*HANDSHAKE, *STATELESS], "requested": meta[_VERSION]}
        raise RpcError(UNSUPPORTED_VERSION, "Heed does not speak this revision of the protocol.", data)


def _same(name: str, header: Header, value: Any) -> None:
    given = header(name)
    if given is None or _decoded(given) != value:
        raise RpcError(HEADER_MISMATCH, f"The header {name} is not what the body says.")


def _decoded(value: str) -> str | None:
    """A header's text, which comes as base64 where it is not plain ASCII; None where that can't be read."""
    before, after = _BASE64
    if not (value.startswith(before) and value.endswith(after)):
        return value
    try:
        return base64.b64decode(value[len(before) : -len(after)], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
