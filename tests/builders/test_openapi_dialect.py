"""What generators need said otherwise accepts exactly what it accepted before."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector import bootstrap
from connector.builders.openapi import openapi
from connector.builders.openapi_dialect import readable

ENTRIES = bootstrap.pack().publish()["actions"]
SOMEBODY = {"number": "+14155550123"}
MANY = {"recipients": [{"number": "+14155550123", "attributes": {"first_name": "Ada", "deep": {"a": [1]}}}]}


def inputs(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Inputs of every kind, right and wrong: people in every way, and each field with values of every type."""
    needed = dict.fromkeys(entry["input_schema"].get("required", ()), "x")
    people: list[dict[str, Any]] = [{}, SOMEBODY, MANY, {**SOMEBODY, **MANY}, {"email": "a@b.example", **SOMEBODY}]
    values = ["", "x", "all", True, False, "explicit", "false", 0, 7, None, [], ["x"], [7], {}, {"name": "x", "a": {}}]
    fields = [{name: value} for name in entry["input_schema"]["properties"] for value in values]
    return [{**needed, **one} for one in people] + [{**needed, **SOMEBODY, **one} for one in [*fields, {"other": 1}]]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one["name"])
def test_an_input_is_accepted_where_it_was_and_refused_where_it_was(entry):
    before, after = Draft202012Validator(entry["input_schema"]), Draft202012Validator(readable(entry["input_schema"]))

    judged = [before.is_valid(one) for one in inputs(entry)]

    assert [after.is_valid(one) for one in inputs(entry)] == judged
    assert set(judged) == {True, False}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object"}, {"type": "object", "additionalProperties": True}),
        ({"type": ["object", "null"]}, {"type": ["object", "null"], "additionalProperties": True}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"enum": [False, True, "explicit"], "title": "T"},
         {"title": "T", "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["explicit"]}]}),
        ({"enum": ["a", 1, None]},
         {"anyOf": [{"type": "integer", "enum": [1]}, {"type": "null"}, {"type": "string", "enum": ["a"]}]}),
        # as they were
        ({"enum": ["a", "b", None]}, {"enum": ["a", "b", None]}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        ({"default": {"type": "object"}, "examples": [{"type": "array"}]},
         {"default": {"type": "object"}, "examples": [{"type": "array"}]}),
    ],
)  # fmt: skip
def test_each_thing_that_generators_stumble_over_is_said_otherwise(schema, told):
    assert readable(schema) == told


def test_a_property_may_be_called_like_a_keyword():
    schema = {"type": "object", "properties": {"enum": {"type": "object"}, "examples": {"type": "array"}}}

    assert readable(schema)["properties"] == {
        "enum": {"type": "object", "additionalProperties": True}, "examples": {"type": "array", "items": {}},
    }  # fmt: skip


def test_nothing_in_the_document_is_left_that_they_stumble_over():
    document = openapi(ENTRIES, "https://heed.example")

    assert readable(document["components"]) == document["components"]
    assert readable(document["paths"]) == document["paths"]
    titles = [one["title"] for one in document["components"]["schemas"].values() if "title" in one]
    assert len(titles) == len(set(titles))
