"""The catalogue: every action found in the pack, published with its schemas, ready to check an input."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

import orjson

from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.foreign import unresolved
from connector.domain.mapping import ON_MISSING
from connector.domain.recipients import tidy_people
from connector.domain.schema import Schema as JsonSchema
from connector.engine import validation
from connector.sdk import Action, BadAction

_KEY: JsonSchema = {
    "type": "string", "title": "Idempotency key", "minLength": 1, "maxLength": 255, "x-visibility": "advanced",
    "description": "The same key again repeats the answer instead of the effect. Equal to the header Idempotency-Key.",
}  # fmt: skip
_ERRORS = (
    (400, "malformed_body"), (401, "unauthorised"), (403, "forbidden"), (409, "in_progress"),
    (422, "invalid_input"), (422, "idempotency_mismatch"), (429, "too_many_requests"), (503, "unavailable"),
)  # fmt: skip


class Listed:
    """One action as the catalogue has it: what it publishes and how its input is read."""

    def __init__(self, action: Action) -> None:
        self.action = action
        schema = dict(action.input.schema)
        place = len(schema["properties"]) + 1
        schema["properties"] = {**schema["properties"], "idempotency_key": {**_KEY, "x-order": place}}
        self.input_schema: JsonSchema = schema
        self._aliases = {_camel(name): name for name in schema["properties"] if "_" in name}
        self._optional = frozenset(schema["properties"]) - frozenset(schema.get("required", ()))

    @cached_property
    def _schema(self) -> validation.Schema:
        return validation.Schema(self.input_schema)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.input_schema.get("required", ()))

    @property
    def templates(self) -> frozenset[str]:
        """Fields that are message templates, evaluated for each recipient later."""
        return frozenset(n for n, schema in self.input_schema["properties"].items() if schema.get("x-template"))

    def publish(self) -> dict[str, Any]:
        """The entry of ``GET /v1/actions``."""
        action = self.action
        run = f"/v1/actions/{action.name}"
        return {
            "name": action.name, "version": action.version, "title": action.title,
            "description": action.description, "icon": action.icon, "scope": action.scope,
            "input_schema": self.input_schema,
            "output_schema": action.output_schema, "examples": [dict(example) for example in action.examples],
            "effects": {
                "read_only": action.read_only, "destructive": action.destructive, "idempotent": action.idempotent,
            },
            "errors": [{"status": status, "code": code} for status, code in _ERRORS],
            "links": {"run": run, "mapped": f"{run}/mapped", "preview": f"{run}/preview"},
        }  # fmt: skip

    def tidy(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Aliases under their names; empty strings and nulls of optional fields left out: builders send them."""
        tidied: dict[str, Any] = {}
        faults = []
        for given, value in values.items():
            name = self._aliases.get(given, given)
            if name != given and name in values:
                faults.append(Fault(f"/{given}", "repeated", f"is the same as {name}, which is given too"))
            if not (name in self._optional and (value is None or value == "")):
                tidied[name] = value
        if faults:
            raise Invalid(faults)
        return tidy_people(tidied)

    def named(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """A mapping with aliases under their names, its rules for what is missing as well."""
        rules = mapping.get(ON_MISSING)
        own = {ON_MISSING: self._renamed(rules)} if isinstance(rules, dict) else {}
        return {**self._renamed(mapping), **own}

    def _renamed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """An alias beside its name stays as it is, and is then an unknown field."""
        names = {given: self._aliases.get(given, given) for given in values}
        return {given if name in values else name: values[given] for given, name in names.items()}

    def faults(self, tidied: Mapping[str, Any]) -> list[Fault]:
        """Everything that is wrong with a tidied input."""
        faults = [self._explain(fault) for fault in self._schema.faults(tidied)]
        return faults + list(_unfilled(tidied))

    def read(self, tidied: Mapping[str, Any], region: str | None) -> dict[str, Any]:
        """The arguments of the action's function, from an input without schema faults."""
        arguments, faults = self._words(tidied)
        if faults:
            raise Invalid(faults + self.address_faults(tidied, region))
        for name, group in self.action.input.groups.items():
            arguments[name] = group.read(tidied, region)
        return arguments

    def reading_faults(self, tidied: Mapping[str, Any], faults: Sequence[Fault]) -> list[Fault]:
        """What only reading finds, in the fields of which the schema has not complained."""
        faulty = {fault.pointer.split("/")[1] for fault in faults if fault.pointer}
        return self._words({name: value for name, value in tidied.items() if name not in faulty})[1]

    def _words(self, tidied: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        arguments: dict[str, Any] = {}
        faults: list[Fault] = []
        for name, word in self.action.input.words.items():
            if name not in tidied:
                continue
            try:
                value = word.read(tidied[name]) if word.read else tidied[name]
            except ValueError as error:
                faults.append(Fault(f"/{name}", "bad_format", str(error)))
            else:
                arguments[f"{name}_" if name == "async" else name] = value
        return arguments, faults

    def address_faults(self, tidied: Mapping[str, Any], region: str | None) -> list[Fault]:
        """What is wrong with the addresses of an input that may have other faults as well."""
        people = tidied.get("recipients")
        most = self.input_schema["properties"].get("recipients", {}).get("maxItems", 0)
        if isinstance(people, list) and len(people) > most:
            return []  # too many, as the schema says already: to look at each of them would be what costs
        try:
            batches = [group.read(tidied, region) for group in self.action.input.groups.values()]
        except Invalid as error:
            return list(error.faults)
        except (AttributeError, TypeError, KeyError):
            return []  # not even the shape of recipients; that is reported already
        named = (named for batch in batches for person in batch.people for named in person.named)
        return [one.fault for one in named if one.fault is not None]

    def _explain(self, fault: Fault) -> Fault:
        for group in self.action.input.groups.values():
            fault = group.explain(fault)
        return fault


class Catalog:
    """All actions by name."""

    def __init__(self, listed: Mapping[str, Listed], triggers: Sequence[Mapping[str, Any]] = ()) -> None:
        self.listed = dict(listed)
        self._triggers = triggers

    def publish(self) -> dict[str, Any]:
        """The answer of ``GET /v1/actions``."""
        return {"actions": [one.publish() for one in self.listed.values()], "triggers": list(self._triggers)}

    def find(self, name: str, version: int | None = None) -> Listed:
        found = self.listed.get(name)
        if found is None or version not in (None, found.action.version):
            raise NotFound("There is no such action; GET /v1/actions lists them.")
        return found


def discover(package: ModuleType, triggers: Sequence[Mapping[str, Any]] = ()) -> Catalog:
    """Every action of a package: one a file, named like the file. ``triggers``: published beside them."""
    listed = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found = getattr(module, info.name, None)
        if not isinstance(found, Action):
            raise BadAction(f"{module.__name__} must define an action named {info.name}")
        listed[info.name] = Listed(found)
    return Catalog(listed, triggers)


def is_storable(value: object) -> bool:
    """Whether every database keeps this: no lone halves of surrogate pairs, no NUL, integers of 64 bits."""
    try:
        return b"\\u0000" not in orjson.dumps(value).replace(b"\\\\", b"")  # a backslash before u0000 is just text
    except TypeError:
        return False


def _unfilled(tidied: Mapping[str, Any]) -> Iterator[Fault]:
    """Lists and keys in which a builder left its own template unfilled."""
    for index, name in enumerate(tidied.get("lists") or () if isinstance(tidied.get("lists"), list) else ()):
        if isinstance(name, str) and unresolved(name):
            yield Fault(f"/lists/{index}", "unresolved_template", "holds a template that nobody filled")
    for name in ("idempotency_key", "sender", "sequence"):
        if isinstance(tidied.get(name), str) and unresolved(tidied[name]):
            yield Fault(f"/{name}", "unresolved_template", "holds a template that nobody filled")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
