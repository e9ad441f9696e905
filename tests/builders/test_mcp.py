"""B03: the catalogue as an agent's tools, for the scopes of its key."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp_types import Tool

import actions
from connector.builders.mcp import HANDSHAKE, LIST_OPTIONS, STATELESS, tools
from connector.engine.catalog import discover

ENTRIES = [listed.publish() for listed in discover(actions).listed.values()]
EVERY = {"read", "write", "send", "bypass"}


def named(scopes: set[str]) -> dict[str, Any]:
    return {tool["name"]: tool for tool in tools(ENTRIES, scopes)}


def keywords(schema: Any) -> set[str]:
    """Every keyword that stands somewhere in a schema; names of properties are not keywords."""
    if isinstance(schema, list):
        return set().union(*map(keywords, schema))
    if not isinstance(schema, dict):
        return set()
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    inner += [one for choice in ("anyOf", "oneOf", "allOf") for one in schema.get(choice, [])]
    return set(schema) | keywords(inner)


# what the key may do, the tools it sees beside list_options
SCOPES = [
    ({"read"}, {"check_consent", "get_consent_history"}),
    ({"send"}, {"add_to_sequence", "send_with_suppression"}),
    ({"export"}, set()),
    (EVERY, {entry["name"] for entry in ENTRIES}),
]


@pytest.mark.parametrize(("scopes", "expected"), SCOPES, ids=lambda one: "-".join(sorted(one)) or "none")
def test_b03_a_key_sees_the_tools_that_it_may_run(scopes: set[str], expected: set[str]) -> None:
    found = named(scopes)

    assert LIST_OPTIONS["name"] in found
    assert {name for name in found if name != "list_options"} == {
        entry["name"] for entry in ENTRIES if entry["scope"] in scopes
    }
    assert expected <= set(found)


def test_b03_every_tool_is_one_in_the_protocols_own_words() -> None:
    for tool in tools(ENTRIES, EVERY):
        read = Tool.model_validate(tool)
        assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == tool
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
    assert len(named(EVERY)) >= 9


def test_b03_schemas_hold_nothing_that_models_do_not_know() -> None:
    for tool in tools(ENTRIES, EVERY):
        found = keywords(tool["inputSchema"]) | keywords(tool["outputSchema"])
        assert {name for name in found if name.startswith(("x-", "$"))} == set(), tool["name"]
        assert not {"oneOf", "anyOf", "allOf"} & set(tool["inputSchema"]), "no model takes a rule at the top"


def test_b03_what_a_rule_would_say_is_said_in_words() -> None:
    found = named(EVERY)

    assert "never both ways at once" in found["check_consent"]["description"]
    assert "never both ways at once" not in found["list_options"]["description"]


def test_b03_hints_are_the_effects_of_the_catalogue() -> None:
    found = named(EVERY)

    for entry in ENTRIES:
        hints = found[entry["name"]]["annotations"]
        assert [hints[name] for name in ("readOnlyHint", "destructiveHint", "idempotentHint")] == [
            entry["effects"][name] for name in ("read_only", "destructive", "idempotent")
        ]
    assert found["send_with_suppression"]["annotations"]["openWorldHint"]
    assert not found["add_to_opt_out"]["annotations"]["openWorldHint"]
    assert not found["send_with_suppression"]["annotations"]["idempotentHint"]


def test_b03_a_field_that_needs_a_scope_is_shown_with_it() -> None:
    assert "bypass_groups" in named(EVERY)["send_with_suppression"]["inputSchema"]["properties"]
    assert "bypass_groups" not in named({"send"})["send_with_suppression"]["inputSchema"]["properties"]


def test_b03_every_input_that_a_tool_allows_is_one_that_the_action_checks_as_well() -> None:
    """Examples fit both: what is left out of the tool's schema only narrows what is taken."""
    for entry in ENTRIES:
        tool = named(EVERY)[entry["name"]]
        for example in entry["examples"]:
            assert Draft202012Validator(tool["inputSchema"]).is_valid(example["input"])
            assert Draft202012Validator(entry["input_schema"]).is_valid(example["input"])


def test_b03_the_catalogue_is_left_as_it_was() -> None:
    before = json.dumps(ENTRIES)

    tools(ENTRIES, EVERY)

    assert json.dumps(ENTRIES) == before


def test_b03_the_revisions_are_those_that_there_are() -> None:
    from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

    assert (HANDSHAKE, STATELESS) == (HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS)
