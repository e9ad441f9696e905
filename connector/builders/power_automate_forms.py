"""Input forms of the Power Automate connector: fields whose values are looked up while a flow is edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.swagger_schema import plain, titled


def form(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An action's shapes for a form that is drawn while a flow is edited."""
    return {
        "name": entry["name"], "version": entry["version"], "title": entry["title"],
        "input_schema": with_options(entry["input_schema"]), "output_schema": titled(plain(entry["output_schema"])),
    }  # fmt: skip


def look_up(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def with_options(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The input of an action in its author's order, every choice that the service knows as a dropdown."""
    told = titled(plain(schema))
    for name, inner in schema["properties"].items():
        options = inner.get("x-options") if isinstance(inner, Mapping) else None
        if options and "enum" not in inner:
            field = told["properties"][name]
            target = field["items"] if field["type"] == "array" else field
            target |= choices(options["source"], options.get("depends_on", ()))
            target.setdefault("x-ms-summary", field["x-ms-summary"])
    return told


def choices(source: str, depends_on: tuple[str, ...] | list[str] = ()) -> dict[str, Any]:
    """A dropdown twice: in the older words, and in the newer that can also name a part of the body."""
    return {
        "x-ms-dynamic-values": {
            "operationId": "list_options", "value-collection": "options", "value-path": "value", "value-title": "label",
            "parameters": {"source": source, **{name: {"parameter": name} for name in depends_on}},
        },
        "x-ms-dynamic-list": {
            "operationId": "list_options", "itemsPath": "options", "itemValuePath": "value", "itemTitlePath": "label",
            "parameters": {
                "source": {"value": source}, **{name: {"parameterReference": f"body/{name}"} for name in depends_on},
            },
        },
    }  # fmt: skip


def listed(collection: str) -> dict[str, Any]:
    """A dropdown of what the catalogue lists: its actions or its triggers."""
    return {
        "x-ms-dynamic-values": {
            "operationId": "list_actions", "value-collection": collection, "value-path": "name", "value-title": "title",
        },
        "x-ms-dynamic-list": {
            "operationId": "list_actions", "itemsPath": collection, "itemValuePath": "name", "itemTitlePath": "title",
        },
    }  # fmt: skip


def form_of(part: str) -> dict[str, Any]:
    """A shape that depends on the action chosen: its input or its output."""
    return {
        "x-ms-dynamic-schema": {
            "operationId": "get_action_form", "parameters": {"action": {"parameter": "action"}}, "value-path": part,
        },
        "x-ms-dynamic-properties": {
            "operationId": "get_action_form", "parameters": {"action": {"parameterReference": "action"}},
            "itemValuePath": part,
        },
    }  # fmt: skip
