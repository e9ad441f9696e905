"""The one call of agents."""

from __future__ import annotations

from connector.builders.openapi_route import JSON, Route

_ID = {"type": ["string", "integer"]}
_MESSAGE = {
    "type": "object", "required": ["jsonrpc", "method"],
    "properties": {
        "jsonrpc": {"const": "2.0"}, "id": _ID, "method": {"type": "string"}, "params": {"type": "object"},
    },
}  # fmt: skip
_ANSWER = {
    "type": "object", "required": ["jsonrpc", "id"],
    "properties": {
        "jsonrpc": {"const": "2.0"}, "id": {"type": ["string", "integer", "null"]},
        "result": {"type": "object", "additionalProperties": True},
        "error": {
            "type": "object", "required": ["code", "message"],
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}},
        },
    },
}  # fmt: skip

AGENTS = (
    Route(
        "POST /mcp", "speak_mcp", "The actions as an agent's tools: one JSON-RPC message of the Model Context Protocol",
        "", {JSON: _MESSAGE}, _ANSWER, (200, 202, 400, 404), also=(403,), keyed=False, silent=(202,),
        example={
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "check_consent", "arguments": {"number": "+14155550123"}},
        },
        meanings={
            202: "A notification: heard.", 400: "Not a message that can be answered, as JSON-RPC says it.",
            404: "There is no such method, as JSON-RPC says it.",
        },
    ),
)  # fmt: skip
