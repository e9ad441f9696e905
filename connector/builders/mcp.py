"""The Model Context Protocol: the catalogue as an agent's tools, those alone that its key may run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

#: Revisions in which each request stands alone, and those that begin with a handshake; the newest last.
STATELESS = ("2026-07-28",)
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")

INSTRUCTIONS = """Heed keeps what people said about being messaged, and asks it again before each message leaves.
- To message somebody, call send_with_suppression. "suppressed" with its reasons is the answer, not an error: the person
  said no. Do not look for another way to reach them.
- Call record_opt_in or remove_from_opt_out only on the person's own word, and give that word as evidence.
- list_options finds the ids of senders, lists, groups, templates and sequences.
- Give each send an idempotency_key of its own, and the same one when you try again."""

#: JSON Schema that every revision and every model's own tools know; our x- hints are for forms.
_KEPT = frozenset({
    "type", "title", "description", "enum", "const", "default", "examples", "format", "pattern", "required",
    "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems", "maxProperties",
    "additionalProperties",
})  # fmt: skip
_NESTED = ("items", "additionalProperties")
_CHOICES = ("oneOf", "anyOf", "allOf")
#: Fields that a key can use only with a scope of its own.
_NEEDS = {"bypass_groups": "bypass"}
_SOURCES = ("lists", "channels", "senders", "templates", "groups", "sequences")
#: What is said in words, because models take no rule at the top of an input.
_PEOPLE = "Name people by number, email or whatsapp_id, or several in recipients; never both ways at once."

LIST_OPTIONS: Mapping[str, Any] = {
    "name": "list_options",
    "title": "List options",
    "description": "The ids that other tools take: senders, lists, groups, templates, sequences, channels.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "source": {"type": "string", "title": "Source", "description": "What to list.", "enum": list(_SOURCES)},
            "q": {"type": "string", "title": "Search", "description": "A part of the label.", "maxLength": 200},
            "cursor": {"type": "string", "title": "Cursor", "description": "next_cursor of the page before."},
        },
        "required": ["source"],
        "additionalProperties": False,
    },
    "outputSchema": {
        "type": "object",
        "properties": {
            "options": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "string"},
                        "label": {"type": "string"},
                        "description": {"type": ["string", "null"]},
                    },
                    "required": ["value", "label"],
                },
            },
            "next_cursor": {"type": ["string", "null"]},
        },
        "required": ["options", "next_cursor"],
    },
    "annotations": {
        "title": "List options", "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True,
        "openWorldHint": False,
    },
}  # fmt: skip


def tools(actions: Iterable[Mapping[str, Any]], scopes: Collection[str]) -> list[dict[str, Any]]:
    """The tools of a key. ``actions``: the catalogue's entries as published; ``scopes``: what the key may do."""
    return [*(_tool(entry, scopes) for entry in actions if may_run(entry, scopes)), dict(LIST_OPTIONS)]


def may_run(entry: Mapping[str, Any], scopes: Collection[str]) -> bool:
    """Whether a key with these scopes sees an action at all."""
    return entry["scope"] in scopes


def _tool(entry: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any]:
    effects = entry["effects"]
    given = _input(entry["input_schema"], scopes)
    people = f"\n\n{_PEOPLE}" if "recipients" in given["properties"] else ""
    return {
        "name": entry["name"],
        "title": entry["title"],
        "description": entry["description"] + people,
        "inputSchema": given,
        "outputSchema": _plain(entry["output_schema"]),
        "annotations": {
            "title": entry["title"],
            "readOnlyHint": effects["read_only"],
            "destructiveHint": effects["destructive"],
            "idempotentHint": effects["idempotent"],
            # What needs the scope to send reaches people outside; all else ends in Heed's own book.
            "openWorldHint": entry["scope"] == "send",
        },
    }


def _input(schema: Mapping[str, Any], scopes: Collection[str]) -> Schema:
    plain = {name: value for name, value in _plain(schema).items() if name not in _CHOICES}
    hidden = {name for name, scope in _NEEDS.items() if scope not in scopes}
    properties = {name: one for name, one in plain.get("properties", {}).items() if name not in hidden}
    return {**plain, "properties": properties}


def _plain(schema: Any) -> Any:
    """A schema without what is ours alone; ``true`` and ``false`` are schemas too."""
    if not isinstance(schema, Mapping):
        return schema
    made: Schema = {}
    for keyword, value in schema.items():
        if keyword == "properties":
            made[keyword] = {name: _plain(one) for name, one in value.items()}
        elif keyword in _CHOICES:
            made[keyword] = [_plain(one) for one in value]
        elif keyword in _NESTED:
            made[keyword] = _plain(value)
        elif keyword in _KEPT:
            made[keyword] = value
    return made
