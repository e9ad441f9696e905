"""Parameters of a Make module, and the interface that its output is mapped from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.builders.form import Field, fields

_TYPES = {
    "text": "text", "time": "date", "integer": "integer", "number": "number", "boolean": "boolean", "object": "any",
}  # fmt: skip
_OUT = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


def parameters(schema: Mapping[str, Any], rpc: Callable[[str], str]) -> list[dict[str, Any]]:
    """The form of an action; ``rpc``: the name of the remote procedure that lists a source's values."""
    return [_parameter(one, rpc) for one in fields(schema)]


def _parameter(one: Field, rpc: Callable[[str], str]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "label": one.title, "required": one.required, **_type(one, rpc)}
    if one.help:
        told["help"] = one.help
    if one.advanced:
        told["advanced"] = True
    if one.kind == "choice" and one.default is not None:
        told["default"] = one.default
    return told


def _type(one: Field, rpc: Callable[[str], str]) -> dict[str, Any]:
    if one.choices:
        return {"type": "select", "mappable": True,
                "options": [{"label": _label(value), "value": value} for value in one.choices]}  # fmt: skip
    if one.source:
        several = {"multiple": True} if one.kind == "texts" else {}
        return {"type": "select", "mappable": True, "options": f"rpc://{rpc(one.source)}", **several}
    if one.kind == "texts":
        return {"type": "array", "spec": {"type": "text", "label": one.title}}
    if one.kind == "rows":
        return {"type": "array", "spec": [_parameter(row, rpc) for row in one.rows]}
    if one.kind == "object" and "properties" in (one.schema or {}):
        return {"type": "collection", "spec": [_parameter(inner, rpc) for inner in fields(one.schema or {})]}
    return {"type": _TYPES[one.kind], **({"multiline": True} if one.is_long else {})}


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value).replace("_", " ").capitalize()


def interface(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What comes out, named and typed, so that the next module can map it before anything has run."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [_out(name, inner) for name, inner in properties.items() if isinstance(inner, Mapping)]


def _out(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    told = {"name": name, "label": schema.get("title") or name.replace("_", " ").capitalize()}
    schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    types = schema.get("type", "string")
    kind = types if isinstance(types, str) else next(one for one in types if one != "null")
    if kind == "array":
        items = schema.get("items", {})
        inner: Any = interface(items) if "properties" in items else {"type": _OUT.get(items.get("type"), "any")}
        return {**told, "type": "array", "spec": inner}
    if kind == "object":
        return {**told, "type": "collection", "spec": interface(schema)}
    return {**told, "type": "date" if schema.get("format") == "date-time" else _OUT[kind]}
