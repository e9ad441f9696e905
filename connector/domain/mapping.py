"""An action's input made from a flow's data.

A mapping is the input with ``{{ expressions }}`` in its strings, at any depth. Alone in its string an expression
keeps the type of what it finds; with text around it, it becomes text. Beside the fields a mapping may hold
``"$on_missing": {"reason": "null"}``, a rule for each field whose data is not there:

- ``error``: a fault; the rule of required fields
- ``skip``: the field is left out; the rule of optional fields, for which an empty text is nothing, too
- ``null``: the field is null

The same rule holds for each item of a list in the field. A member of an object in the field is left out, unless
``$on_missing`` names the field. No rule touches ``filters``, the fields that choose whom or what an action
applies to: where one is mapped and comes out empty, wholly or in one item, that is a fault, never "no filter".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from connector.domain.checking import Validate, check_field
from connector.domain.errors import Fault
from connector.domain.filling import Filling, Nothing, Rule, escape

ON_MISSING: Final = "$on_missing"
RULES: Final = ("error", "skip", "null")
FILTERS: Final = frozenset({"lists", "recipients"})
#: Of the fields that are templates, those that hold HTML.
MARKUP: Final = frozenset({"html"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """The input that came out, and what was wrong; with faults, the input is only as far as it got."""

    input: dict[str, Any]
    faults: tuple[Fault, ...]


def resolve(
    mapping: Mapping[str, Any],
    data: object,
    *,
    required: frozenset[str],
    on_missing: Mapping[str, str] | None = None,
    filters: frozenset[str] = FILTERS,
    templates: frozenset[str] = frozenset(),
) -> Resolved:
    """The action's input: the mapping with its expressions filled from the data, which is never evaluated.

    ``on_missing`` holds rules from elsewhere; those in the mapping come first. ``templates`` names the fields
    whose text is itself a template, for later: there the braces that came out of data are escaped, so that only
    what the mapping wrote as ``\\{{ first_name }}`` is filled for each recipient. Data within HTML is escaped; an
    expression alone is the field, and so it is the HTML.
    """
    rules = {**(on_missing or {}), **_own_rules(mapping)}
    filling = Filling(data)
    made = {}
    for name, value in _fields(mapping):
        rule = Rule(
            on_missing=rules.get(name) or ("error" if name in required else "skip"),
            asked=name in rules,
            optional=name not in required,
            template=name in templates,
            markup=name in templates & MARKUP,
        )
        fill = filling.filter if name in filters else filling.field
        found = fill(value, f"/{escape(name)}", rule)
        if not isinstance(found, Nothing):
            made[name] = found
    return Resolved(made, tuple(filling.faults))


#: No action has nearly as many; each field beyond would be looked at for a name that is alike.
MOST_FIELDS = 200


def check_mapping(
    mapping: Mapping[str, Any],
    input_schema: Mapping[str, Any],
    validate: Validate,
    *,
    filters: frozenset[str] = FILTERS,
    templates: frozenset[str] = frozenset(),
) -> list[Fault]:
    """Everything that is wrong with a mapping before it has seen data, with pointers into the mapping."""
    if len(mapping) > MOST_FIELDS:
        return [Fault("", "too_many", f"must have at most {MOST_FIELDS} fields")]
    return [*_check_fields(mapping, input_schema, validate, templates), *_check_rules(mapping, input_schema, filters)]


def _check_fields(
    mapping: Mapping[str, Any], schema: Mapping[str, Any], validate: Validate, templates: frozenset[str]
) -> Iterator[Fault]:
    known, required = schema.get("properties", {}), schema.get("required", ())
    for name, value in _fields(mapping):
        pointer = f"/{escape(name)}"
        if name not in known and schema.get("additionalProperties") is False:
            yield Fault(pointer, "unknown_field", f"there is no such field{_perhaps(name, known)}")
        elif name in required or value not in ("", None):
            yield from check_field(value, known.get(name, {}), pointer, validate, template=name in templates)
    for name in required:
        if name not in mapping:
            yield Fault(f"/{escape(name)}", "required", "is required")


def _check_rules(mapping: Mapping[str, Any], schema: Mapping[str, Any], filters: frozenset[str]) -> Iterator[Fault]:
    own = mapping.get(ON_MISSING, {})
    if not isinstance(own, dict):
        yield Fault(f"/{ON_MISSING}", "wrong_type", "must be an object of fields and their rules")
        return
    known = schema.get("properties", {})
    for name, rule in own.items():
        pointer = f"/{ON_MISSING}/{escape(name)}"
        if name not in known and schema.get("additionalProperties") is False:
            yield Fault(pointer, "unknown_field", f"there is no such field{_perhaps(name, known)}")
        elif rule not in RULES:
            yield Fault(pointer, "not_allowed", f"must be one of {', '.join(RULES)}")
        elif name in filters and rule != "error":
            yield Fault(pointer, "not_allowed", "must be error: left out, it would not filter")


def _fields(mapping: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in mapping.items() if name != ON_MISSING)


def _own_rules(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The rules that a mapping holds; what is none of the three is left to the check."""
    own = mapping.get(ON_MISSING)
    return {name: rule for name, rule in own.items() if rule in RULES} if isinstance(own, dict) else {}


def _perhaps(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; perhaps {near[0]}" if near else ""
