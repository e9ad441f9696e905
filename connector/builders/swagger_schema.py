"""JSON Schema 2020-12 as OpenAPI 2.0 has it, for forms that know no newer one: one type a field, no alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ALWAYS = ("description", "default", "format")
_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern"), "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"), "boolean": (), "array": ("minItems", "maxItems"), "object": ("maxProperties",),
}  # fmt: skip


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The nearest schema of OpenAPI 2.0: it may allow more, so the service judges, and it never asks for more."""
    if not schema:
        return {}
    schema = _chosen(schema)
    kind = _type(schema)
    kept = {key: schema[key] for key in (*_ALWAYS, *_OF_TYPE[kind]) if key in schema}
    told: dict[str, Any] = {"type": kind, **kept, **_enum(schema, kind)}
    if schema.get("examples"):
        told["example"] = schema["examples"][0]
    if kind == "object":
        told |= _members(schema)
    if kind == "array":
        items = schema.get("items")
        told["items"] = plain(items) if isinstance(items, Mapping) else {}
    return {**told, **_hints(schema)}


def _chosen(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of alternatives, the first that is not null; a rule between fields is the service's to keep."""
    others = [one for one in schema.get("anyOf", ()) if isinstance(one, Mapping) and one.get("type") != "null"]
    return {**others[0], **schema} if others and "properties" not in schema else schema


def _type(schema: Mapping[str, Any]) -> str:
    types = schema.get("type")
    if isinstance(types, str):
        return types
    for kind in types or ():
        if kind != "null":
            return str(kind)
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    if any(isinstance(value, bool) for value in values):
        return "boolean"
    return "object" if "properties" in schema else "string"


def _enum(schema: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A choice of values of the one type; a boolean needs no list."""
    values = [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
    if not values or kind == "boolean":
        return {"enum": [True]} if values == [True] else {}
    return {"enum": [value for value in values if isinstance(value, str) or kind != "string"]}


def _members(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        name: plain(inner) for name, inner in schema.get("properties", {}).items() if isinstance(inner, Mapping)
    }
    required = [name for name in schema.get("required", ()) if name in properties]
    return {**({"properties": properties} if properties else {}), **({"required": required} if required else {})}


def _hints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Titles and places of fields in the words of Power Automate."""
    told: dict[str, Any] = {"x-ms-summary": schema["title"]} if "title" in schema else {}
    if "x-visibility" in schema:
        told["x-ms-visibility"] = schema["x-visibility"]
    return told


def titled(schema: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The schema with a title wherever one is missing."""
    if name and "x-ms-summary" not in schema:
        schema = {**schema, "x-ms-summary": name.replace("_", " ").capitalize()}
    if "properties" in schema:
        schema = {**schema, "properties": {key: titled(inner, key) for key, inner in schema["properties"].items()}}
    if isinstance(schema.get("items"), dict):
        schema = {**schema, "items": titled(schema["items"])}
    return schema
