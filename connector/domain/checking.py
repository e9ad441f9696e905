"""Checking one field of a mapping before it has seen data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression
from connector.domain.filling import DEEPEST, at_character, escape, holds_expression, read_mapped
from connector.domain.templates import read_template

#: Checks a value against a JSON Schema; the pointers of its faults begin at the value.
Validate = Callable[[Mapping[str, Any], Any], list[Fault]]


def check_field(
    value: object, schema: Mapping[str, Any], pointer: str, validate: Validate, *, template: bool, depth: int = 0
) -> Iterator[Fault]:
    """What is wrong with a value: constants against the schema, expressions by reading them.

    What an expression will find is not known yet, so of the schema only its place is looked at: text can't
    stand where a number is asked for, nor a list where an object is.
    """
    if depth > DEEPEST:
        yield Fault(pointer, "too_deep", f"a mapping has at most {DEEPEST} levels")
    elif not holds_expression(value):
        constant = "".join(map(str, read_template(value))) if isinstance(value, str) else value
        for fault in validate(schema, constant):
            yield Fault(pointer + fault.pointer, fault.code, fault.detail)
    elif isinstance(value, str):
        yield from _check_text(value, schema, pointer, template)
    elif isinstance(value, dict):
        yield from _misplaced("object", schema, pointer)
        for key, member in value.items():
            place = f"{pointer}/{escape(key)}"
            known = schema.get("properties", {})
            if key in known or schema.get("additionalProperties") is not False:
                inner = known.get(key, {})
                yield from check_field(member, inner, place, validate, template=template, depth=depth + 1)
            else:
                yield Fault(place, "unknown_field", "there is no such field")
    elif isinstance(value, list):
        yield from _misplaced("array", schema, pointer)
        for index, item in enumerate(value):
            inner, place = schema.get("items", {}), f"{pointer}/{index}"
            yield from check_field(item, inner, place, validate, template=template, depth=depth + 1)


def _check_text(text: str, schema: Mapping[str, Any], pointer: str, template: bool) -> Iterator[Fault]:
    try:
        parts = read_mapped(text)
        for part in parts:
            if template and isinstance(part, str):
                read_template(part)
    except BadExpression as why:
        yield Fault(pointer, why.code, at_character(why))
        return
    if len(parts) > 1:
        yield from _misplaced("string", schema, pointer)


def _misplaced(kind: str, schema: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """A fault where the schema names its types and this kind of value is none of them."""
    named = schema.get("type", kind)
    types = [named] if isinstance(named, str) else named
    if kind not in types:
        yield Fault(pointer, "wrong_type", f"must be {' or '.join(types)}, and this makes a {kind}")
