"""What a sample of a flow's data offers to a picker: every value with the expression that finds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from connector.domain.expressions import LONGEST


def attributes(data: object) -> list[dict[str, Any]]:
    """[{expression, label, type, sample}] of at most 500 values, each before its parts.

    A list is looked into by its first item, once as ``contacts[0].phone`` and once, for all items, as
    ``contacts[*].phone``; not below 8 levels, nor into lists inside of ``[*]``. ``type`` is JSON Schema's word.
    ``sample`` is what the expression finds, ``shortened``, and for ``[*]`` what it finds in the first items.
    """
    short_enough = (found for found in _inside(data, "", "", 0) if len(found[0]) <= LONGEST)
    return [
        {"expression": expression, "label": label, "type": _TYPES.get(type(value)), "sample": shortened(value)}
        for expression, label, value in islice(short_enough, _MOST)
    ]


def shortened(value: object, depth: int = 0) -> object:
    """A value cut to fit into a picker: 100 characters, three items, ten members, three levels."""
    if isinstance(value, str):
        return value if len(value) <= 100 else f"{value[:100]}…"
    if isinstance(value, dict):
        members = list(islice(value.items(), 10)) if depth < 3 else []
        return {key: shortened(member, depth + 1) for key, member in members}
    if isinstance(value, list):
        return [shortened(item, depth + 1) for item in value[:3]] if depth < 3 else []
    return value


_MOST = 500
_DEEPEST = 8
#: Enough of a list to see what its items hold.
_FIRST = 50

_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}

_Found = tuple[str, str, object]


def _inside(value: object, expression: str, label: str, depth: int) -> Iterator[_Found]:
    """The members of an object and the items of a list, each with its own, as (expression, label, value)."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _with_inside(member, _dotted(expression, key), _below(label, key), depth)
    elif isinstance(value, list) and value:
        yield from _with_inside(value[0], f"{expression}[0]", f"{label} (first)".lstrip(), depth)
        yield from _inside_all(value[:_FIRST], value[0], f"{expression}[*]", f"{label} (all)".lstrip(), depth)


def _with_inside(value: object, expression: str, label: str, depth: int) -> Iterator[_Found]:
    yield expression, label, value
    if depth < _DEEPEST and len(expression) <= LONGEST:  # what is inside of it would be longer yet
        yield from _inside(value, expression, label, depth + 1)


def _inside_all(items: list[Any], first: object, expression: str, label: str, depth: int) -> Iterator[_Found]:
    """The members of every item, by the members that the first one has; [*] leaves out what is null."""
    for key, member in first.items() if isinstance(first, dict) else ():
        found = [item[key] for item in items if isinstance(item, dict) and item.get(key) is not None]
        inner, name = _dotted(expression, key), _below(label, key)
        yield inner, name, found
        if depth < _DEEPEST and len(inner) <= LONGEST:
            yield from _inside_all(found, member, inner, name, depth + 1)


def _below(label: str, key: str) -> str:
    return f"{label} › {key}" if label else key


_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _dotted(expression: str, key: str) -> str:
    """The expression for a key in what another expression finds, quoted where JMESPath needs it."""
    bare = _BARE_KEY.fullmatch(key) is not None
    quoted = key if bare else json.dumps(key, ensure_ascii=not key.isprintable())
    return f"{expression}.{quoted}" if expression else quoted
