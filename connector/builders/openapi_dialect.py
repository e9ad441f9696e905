"""The same schemas as generators of clients can read them. What they accept stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Below these stand values, not schemas.
_VALUES = {"example", "examples", "default", "enum", "const"}
_SAID = {"properties", "additionalProperties", "$ref", "anyOf", "oneOf", "allOf"}
_TYPES: Mapping[type, str] = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}


def readable(node: Any) -> Any:
    """A part of the document, its free objects said to be free and its choices of one type each."""
    if isinstance(node, list):
        return [readable(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    told = {key: _below(key, inner) for key, inner in node.items()}
    return _unmixed(_opened(_ruled(told)))


def _below(key: str, inner: Any) -> Any:
    if key == "properties" and isinstance(inner, dict):
        return {name: readable(schema) for name, schema in inner.items()}  # whatever a property is called
    return inner if key in _VALUES else readable(inner)


def _ruled(schema: dict[str, Any]) -> dict[str, Any]:
    """A rule between the fields of an object, said as what may not be broken: as alternatives, generators would make
    as many types of it and lose the fields."""
    if "oneOf" not in schema or "properties" not in schema:
        return schema
    rest = {key: inner for key, inner in schema.items() if key != "oneOf"}
    return {**rest, "not": {"not": {"oneOf": schema["oneOf"]}}}


def _opened(schema: dict[str, Any]) -> dict[str, Any]:
    """Without this, a bare object is taken for one that is always empty, and a bare list for none at all."""
    types = schema.get("type")
    kinds = types if isinstance(types, list) else [types]
    if "object" in kinds and not _SAID & set(schema):
        schema = {**schema, "additionalProperties": True}
    return {**schema, "items": {}} if "array" in kinds and "items" not in schema else schema


def _unmixed(schema: dict[str, Any]) -> dict[str, Any]:
    """A choice between true, false and a word is a boolean or a word: an enumeration has one type in most languages."""
    values = schema.get("enum")
    if not isinstance(values, list) or "anyOf" in schema:
        return schema
    kinds = {_TYPES[type(value)] for value in values}
    if len(kinds - {"null"}) < 2:
        return schema
    each = [_of_kind(kind, [value for value in values if _TYPES[type(value)] == kind]) for kind in sorted(kinds)]
    return {**{key: inner for key, inner in schema.items() if key not in ("enum", "type")}, "anyOf": each}


def _of_kind(kind: str, values: list[Any]) -> dict[str, Any]:
    whole = kind == "null" or (kind == "boolean" and len(values) == 2)
    return {"type": kind} if whole else {"type": kind, "enum": values}
