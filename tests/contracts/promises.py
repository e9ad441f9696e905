"""What every action promises by being one: checked of those we have, and of any that a newcomer drops in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from connector.engine.catalog import Listed

NAME = re.compile(r"[a-z]+(_[a-z0-9]+)*\Z")
HINTS = {"x-order", "x-visibility", "x-options", "x-dynamic-schema", "x-template"}
EFFECTS = {"read_only", "destructive", "idempotent"}
MEMBERS = {
    *("name", "version", "title", "description", "icon", "input_schema", "output_schema", "examples", "effects"),
    *("errors", "links"),
}


def schemas_are_2020_12(listed: Listed) -> None:
    for schema in (listed.input_schema, listed.action.output_schema):
        Draft202012Validator.check_schema(schema)
    assert listed.input_schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert listed.input_schema["additionalProperties"] is False


def examples_are_accepted(listed: Listed) -> None:
    assert listed.action.examples, "an action shows how it is used"
    validator = Draft202012Validator(listed.input_schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for example in listed.action.examples:
        assert example["title"]
        assert list(validator.iter_errors(example["input"])) == []
        assert listed.faults(listed.tidy(example["input"])) == []


def what_is_required_is_required(listed: Listed) -> None:
    validator = Draft202012Validator(listed.input_schema)
    for example in listed.action.examples:
        for name in listed.required:
            lacking = {key: value for key, value in example["input"].items() if key != name}
            assert not validator.is_valid(lacking), name
            assert f"/{name}" in {fault.pointer for fault in listed.faults(lacking)}
    if listed.action.input.groups:
        assert not validator.is_valid({}), "somebody must be named"


def every_input_is_labelled_and_described(listed: Listed) -> None:
    properties: Mapping[str, Any] = listed.input_schema["properties"]
    for name, schema in properties.items():
        assert schema.get("title"), name
        assert schema.get("description", "").endswith("."), name
        assert {key for key in schema if key.startswith("x-")} <= HINTS
    assert [schema["x-order"] for schema in properties.values()] == list(range(1, len(properties) + 1))


def what_fills_a_dropdown_is_a_source(listed: Listed) -> None:
    sources = {"lists", "channels", "senders", "templates", "groups", "sequences"}
    named = {one["x-options"]["source"] for one in _members(listed.input_schema) if "x-options" in one}
    assert named <= sources


def its_names_are_one(listed: Listed) -> None:
    action = listed.action
    assert action.run.__name__ == action.name == action.run.__module__.rpartition(".")[2]
    assert NAME.match(action.name)
    assert len(action.name) <= 48


def it_is_published_whole(listed: Listed) -> None:
    entry = listed.publish()
    assert set(entry) >= MEMBERS  # more may be added, nothing is taken away
    assert set(entry["effects"]) == EFFECTS
    assert isinstance(entry["version"], int)
    assert all(isinstance(entry[name], str) and entry[name] for name in ("title", "description", "icon"))
    assert not (entry["effects"]["read_only"] and entry["effects"]["destructive"])


def _members(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, Mapping):
        yield schema
        for inner in schema.values():
            yield from _members(inner)


PROMISES = (
    schemas_are_2020_12,
    examples_are_accepted,
    what_is_required_is_required,
    every_input_is_labelled_and_described,
    what_fills_a_dropdown_is_a_source,
    its_names_are_one,
    it_is_published_whole,
)
