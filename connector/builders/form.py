"""An action's input as a form, in the words that the forms of every builder share; and samples of what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

#: From this length on, a text is written in a box of several lines.
_LONG = 1000
_PLAIN = {"integer": "integer", "number": "number", "boolean": "boolean", "object": "object"}
_EXAMPLES: Mapping[str, Any] = {
    "string": "text", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}, "null": None,
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: what it is called, what it takes, where its choices come from."""

    name: str
    title: str
    help: str
    #: text, time, integer, number, boolean, choice, texts (a list of texts), rows (a list of objects) or object.
    kind: str
    required: bool = False
    default: Any = None
    #: For later: hidden until somebody asks for more fields.
    advanced: bool = False
    #: Whether this is what most people come for.
    important: bool = False
    #: The source of ``/v1/options`` that knows its values, and the fields that a look there depends on.
    source: str | None = None
    depends_on: tuple[str, ...] = ()
    #: The values of a fixed choice.
    choices: tuple[Any, ...] = ()
    example: Any = None
    is_long: bool = False
    #: The fields of each row.
    rows: tuple[Field, ...] = ()
    schema: Schema | None = None


def fields(schema: Schema) -> tuple[Field, ...]:
    """The fields of an object's schema, in the order its author gave them."""
    required = schema.get("required", ())
    properties: Mapping[str, Schema] = schema.get("properties", {})
    placed = sorted(properties.items(), key=lambda one: one[1].get("x-order", len(properties)))
    return tuple(_field(name, inner, name in required) for name, inner in placed)


def _field(name: str, schema: Schema, required: bool) -> Field:
    options = schema.get("x-options", {})
    kind = _kind(schema)
    visibility = schema.get("x-visibility")
    return Field(
        name=name,
        title=schema.get("title") or name.replace("_", " ").capitalize(),
        help=schema.get("description", ""),
        kind=kind,
        required=required,
        default=schema.get("default"),
        advanced=visibility == "advanced",
        important=visibility == "important",
        # What is fixed needs no look at the service.
        source=None if kind == "choice" else options.get("source"),
        depends_on=tuple(options.get("depends_on", ())),
        choices=tuple(schema.get("enum", ())),
        example=next(iter(schema.get("examples", ())), None),
        is_long=schema.get("maxLength", 0) >= _LONG,
        rows=fields(schema["items"]) if kind == "rows" else (),
        schema=schema,
    )


def _kind(schema: Schema) -> str:
    if "enum" in schema:
        return "choice"
    types = schema.get("type", "string")
    found = types if isinstance(types, str) else next((one for one in ("string", *types) if one in types), "string")
    if found == "array":
        return "rows" if schema.get("items", {}).get("type") == "object" else "texts"
    if found == "string" and schema.get("format") == "date-time":
        return "time"
    return _PLAIN.get(found, "text")


def sample(schema: Schema, name: str = "") -> Any:
    """A value such as this schema describes: from its examples, else made up."""
    for given in (schema.get("examples"), [schema["const"]] if "const" in schema else None, schema.get("enum")):
        if given:
            return given[0]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], name)
    if "properties" in schema:
        return {key: sample(inner, key) for key, inner in schema["properties"].items() if isinstance(inner, Mapping)}
    return _plain(schema, name)


def _plain(schema: Schema, name: str) -> Any:
    types = schema.get("type", "string")
    found = types if isinstance(types, str) else types[0]
    if found == "array" and isinstance(schema.get("items"), Mapping):
        return [sample(schema["items"])]
    if found == "string":
        return "2026-01-31T09:30:00Z" if schema.get("format") == "date-time" else _text(name)
    return schema.get("minimum", _EXAMPLES[found]) if found == "integer" else _EXAMPLES[found]


def _text(name: str) -> str:
    return {
        "number": "+14155550123", "email": "ada@example.com", "id": "snd_0123456789ab", "key": "default",
        "name": "Default", "whatsapp_id": "US.13491208655302741918",
    }.get(name, name or "text")  # fmt: skip


def first_line(text: str) -> str:
    """The first sentence or line of a description, for places with room for one."""
    return text.partition("\n")[0]
