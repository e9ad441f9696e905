"""Fields of a Zapier form, and the labels of what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.form import Field, fields

_TYPES = {
    "text": "string", "choice": "string", "texts": "string", "time": "datetime", "integer": "integer",
    "number": "number", "boolean": "boolean",
}  # fmt: skip
_OUT = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
_DRAFT_7 = {"type", "properties", "required", "items", "additionalProperties", "enum", "title", "description"}
_EVENT_ID = {
    "label": "Event ID",
    "helpText": "Where this zap may run twice for the same event: the event's own id, mapped from the trigger. The "
                "second run then repeats the first answer and has no second effect. Leave it empty otherwise.",
}  # fmt: skip


def input_fields(schema: Mapping[str, Any], server: str) -> list[dict[str, Any]]:
    """The form of an action, important fields in the order of the signature."""
    return [_input(one, server) for one in fields(schema)]


def _input(one: Field, server: str) -> dict[str, Any]:
    told: dict[str, Any] = {"key": one.name, "label": one.title, "required": one.required}
    if one.name == "idempotency_key":
        return {**told, "type": "string", **_EVENT_ID}
    if one.kind == "rows":
        # Keys of children share one room with all the others.
        return {**told, "children": [{**_input(row, server), "key": f"{one.name}_{row.name}"} for row in one.rows]}
    return {**told, **_kind(one), **_help(one), **_choices(one, server)}


def _kind(one: Field) -> dict[str, Any]:
    if one.kind == "object":
        shape = one.schema or {}
        # Names and values, or a shape of its own that is written as JSON.
        return {"type": "json", "schema": _draft_7(shape)} if "properties" in shape else {"dict": True}
    told: dict[str, Any] = {"type": "text" if one.is_long else _TYPES[one.kind]}
    if one.kind == "texts":
        told["list"] = True
    elif isinstance(one.default, str):
        told["default"] = one.default
    if isinstance(one.example, str):
        told["placeholder"] = one.example
    return told


def _help(one: Field) -> dict[str, Any]:
    return {"helpText": one.help[:1000]} if one.help else {}


def _choices(one: Field, server: str) -> dict[str, Any]:
    if one.choices:
        return {"choices": [_choice(value) for value in one.choices]}
    if one.source is None:
        return {}
    look: dict[str, Any] = {
        "method": "GET", "url": f"{server}/v1/options/{one.source}",
        "params": {"shape": "zapier", "paging_token": "{{bundle.meta.paging_token}}"},
        "removeMissingValuesFrom": {"params": True},
    }  # fmt: skip
    look["params"] |= {name: f"{{{{bundle.inputData.{name}}}}}" for name in one.depends_on}
    found: dict[str, Any] = {"choices": {"perform": look}}
    return {**found, "dependsOn": list(one.depends_on)} if one.depends_on else found


def _choice(value: Any) -> dict[str, str]:
    """Zapier's choices are texts; index.js makes "true" and "false" booleans again."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    label = {"true": "Yes", "false": "No"}.get(text, text.replace("_", " ").capitalize())
    return {"value": text, "sample": text, "label": label}


def _draft_7(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What drafts 7 and 2020-12 have in common, which is all that Zapier's editor draws from."""
    told = {key: value for key, value in schema.items() if key in _DRAFT_7}
    if "properties" in told:
        told["properties"] = {name: _draft_7(inner) for name, inner in told["properties"].items()}
    return told


def output_fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Labels and types of what comes out, as far as it is flat; the sample shows the rest."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [
        {"key": name, "label": inner.get("title") or name.replace("_", " ").capitalize(), "type": kind}
        for name, inner in properties.items()
        if (kind := _out(inner))
    ]


def _out(schema: Mapping[str, Any]) -> str | None:
    types = schema.get("type", "string" if "enum" in schema else None)
    found = types if isinstance(types, str) else next(iter(types or ()), None)
    if found == "string" and schema.get("format") == "date-time":
        return "datetime"
    return _OUT.get(found or "")
