"""JSON Schema checks, compiled once; every fault at once, and never the value itself in what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs

from connector.domain.errors import Fault

#: As many faults as are told at once: five for each of a full batch.
MOST = 5_000

#: What callers are told, by the schema keyword that does not hold.
_SENTENCES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "type": ("wrong_type", lambda kind: "must be " + " or ".join(sorted(kind.types))),
    "enum": ("not_allowed", lambda kind: "must be one of " + ", ".join(str(one) for one in kind.options)),
    "const": ("not_allowed", lambda kind: f"must be {kind.expected_value}"),
    "minLength": ("too_short", lambda kind: f"must have at least {kind.limit} characters"),
    "maxLength": ("too_long", lambda kind: f"must have at most {kind.limit} characters"),
    "minItems": ("too_few", lambda kind: f"must have at least {kind.limit} items"),
    "maxItems": ("too_many", lambda kind: f"must have at most {kind.limit} items"),
    "maxProperties": ("too_many", lambda kind: f"must have at most {kind.limit} fields"),
    "minimum": ("too_small", lambda kind: f"must be at least {kind.limit}"),
    "maximum": ("too_large", lambda kind: f"must be at most {kind.limit}"),
    "format": ("bad_format", lambda kind: f"must be a {kind.format}"),
    "pattern": ("bad_format", lambda kind: "has the wrong form"),
    "uniqueItems": ("repeated", lambda kind: "must not repeat an item"),
    "falseSchema": ("not_allowed", lambda kind: "is not allowed here"),
}


class Schema:
    """One compiled schema. It never fetches: our schemas refer to nothing outside themselves."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema_rs.validator_for(dict(schema), validate_formats=True, retriever=_refuse)

    def faults(self, value: object) -> list[Fault]:
        """Everything that is wrong with a value, in the order of the schema."""
        if self._validator.is_valid(value):
            return []
        found = (fault for error in self._validator.iter_errors(value) for fault in _faults(error))
        return list(islice(found, MOST))


def check(schema: Mapping[str, Any], value: object) -> list[Fault]:
    """One-time check of a value against a schema that is not kept."""
    return Schema(schema).faults(value)


def pointer(path: list[str | int]) -> str:
    """RFC 6901: "/recipients/3/number"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _faults(error: Any) -> Iterator[Fault]:
    where, keyword = pointer(error.instance_path), error.kind.name
    if keyword == "required":
        yield Fault(f"{where}{pointer([error.kind.property])}", "required", "is required")
    elif keyword == "additionalProperties":
        for name in error.kind.unexpected:
            yield Fault(f"{where}{pointer([name])}", "unknown_field", "there is no such field")
    elif keyword in _SENTENCES:
        code, sentence = _SENTENCES[keyword]
        yield Fault(where, code, sentence(error.kind))
    else:
        yield Fault(where, keyword, "does not fit")


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema may not refer to {uri}")
