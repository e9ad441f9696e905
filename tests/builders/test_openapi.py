"""The OpenAPI document is valid, whole, and follows the catalogue by itself."""

import copy
import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, SchemaError
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

import actions
from connector.app import create_app
from connector.builders.openapi import openapi
from connector.builders.openapi_dialect import readable
from connector.builders.triggers import triggers
from connector.domain.words import Channel
from connector.engine.catalog import discover
from schemas.answers import SEND_STATUSES
from tests.builders.described import Document, faults, operations, schemas

ENTRIES = [listed.publish() for listed in discover(actions).listed.values()]
#: Ways of Flask that nobody has to be told of.
CONSOLE = ("connector.web.pages.", "connector.web.console")
BESIDE = {"HEAD", "OPTIONS"}


@pytest.fixture(scope="module")
def document() -> Document:
    return openapi(ENTRIES, "https://heed.example")


def entry(**values: Any) -> dict[str, Any]:
    """A catalogue entry of an action that is not there."""
    name = values.get("name", "say_hello")
    return {
        "name": name, "version": 1, "title": "Say hello", "description": "Greet somebody.", "icon": "hand",
        "input_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["who"],
            "properties": {"who": {"type": "string", "x-order": 1}, "how": False}, "additionalProperties": False,
        },
        "output_schema": {"type": "object", "properties": {"said": {"type": "string"}}},
        "examples": [{"title": "The world", "input": {"who": "world"}, "output": {"said": "hello world"}}],
        "effects": {"read_only": True, "destructive": False, "idempotent": True},
        "errors": [{"status": 422, "code": "invalid_input"}],
        "links": {"run": f"/v1/actions/{name}"}, **values,
    }  # fmt: skip


def shape(path: str) -> str:
    """A path whatever its parts are called: Flask's <name> and OpenAPI's {list} alike."""
    return re.sub(r"<[^>]*>|{[^}]*}", "{}", path)


def test_the_document_is_valid_openapi(document):
    validate(document, cls=OpenAPIV31SpecValidator)

    assert document["openapi"].startswith("3.1.")


def test_every_schema_is_json_schema(document):
    """The validator of the document takes "type": "strin" for a type; this one does not."""
    found = list(schemas(document))

    broken = {}
    for place, schema in found:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            broken[place] = error.message
    assert broken == {}
    assert len(found) > 100


def test_every_reference_leads_somewhere(document):
    named = set(re.findall(r'"#/components/(\w+)/([\w.-]+)"', json.dumps(document)))

    assert {(kind, name) for kind, name in named if name not in document["components"][kind]} == set()


def test_every_route_of_the_service_is_described_and_nothing_else(document):
    app = create_app(object())
    # The console's pages are for people: their forms may change from one version to the next.
    views = {name: view.__module__ for name, view in app.view_functions.items()}
    rules = [one for one in app.url_map.iter_rules() if not views[one.endpoint].startswith(CONSOLE)]
    served = {(method, shape(rule.rule)) for rule in rules for method in rule.methods - BESIDE}
    runs = {f"/v1/actions/{one['name']}" for one in ENTRIES}

    described = {
        (method, "/v1/actions/{}" if path in runs else shape(path)) for method, path, _ in operations(document).values()
    }

    assert described == served


def test_every_action_has_its_own_path_schemas_and_examples(document):
    for one in ENTRIES:
        operation = document["paths"][f"/v1/actions/{one['name']}"]["post"]
        body = operation["requestBody"]["content"]["application/json"]
        assert operation["operationId"] == one["name"]
        assert operation["summary"] == one["title"]
        assert [example["value"] for example in body["examples"].values()] == [e["input"] for e in one["examples"]]
        for part in ("input", "output"):
            schema = document["components"]["schemas"][f"{one['name']}_{part}"]
            assert not {"$schema", "title"} & set(schema)
            given = {key: inner for key, inner in one[f"{part}_schema"].items() if key not in ("$schema", "title")}
            assert schema == readable(given)  # accepts the same: test_openapi_dialect.py
    assert len(ENTRIES) >= 8


def test_a_new_action_is_described_with_no_other_edit(document):
    made = openapi([*ENTRIES, entry()], "https://heed.example")

    validate(made, cls=OpenAPIV31SpecValidator)
    operation = made["paths"]["/v1/actions/say_hello"]["post"]
    assert operation["description"] == "Greet somebody."
    assert operation["requestBody"]["content"]["application/json"]["examples"]["example_1"] == {
        "summary": "The world", "value": {"who": "world"},
    }  # fmt: skip
    answer = operation["responses"]["200"]["content"]["application/json"]
    assert answer["examples"]["example_1"]["value"] == {"said": "hello world"}
    assert "202" not in operation["responses"], "it only reads, so nothing is ever still in flight"
    assert {"$ref": "#/components/schemas/say_hello_output"} in made["components"]["schemas"]["ActionOutput"]["anyOf"]
    assert "say_hello" in made["paths"]["/v1/actions/{action}/mapped"]["post"]["parameters"][0]["schema"]["enum"]
    assert set(made["paths"]) - set(document["paths"]) == {"/v1/actions/say_hello"}


def test_an_action_names_its_scope_where_the_catalogue_does():
    made = openapi([entry(scope="send"), entry(name="say_bye")], "https://heed.example")

    assert made["paths"]["/v1/actions/say_hello"]["post"]["security"] == [{"key": ["send"]}]
    assert "security" not in made["paths"]["/v1/actions/say_bye"]["post"], "any key, as said for the whole document"


def test_an_empty_catalogue_is_described_too():
    validate(openapi([], "https://heed.example"), cls=OpenAPIV31SpecValidator)


def test_the_catalogue_is_left_as_it_was():
    before = copy.deepcopy(ENTRIES)

    first, second = openapi(ENTRIES, "https://heed.example"), openapi(ENTRIES, "https://heed.example")

    assert before == ENTRIES
    assert first == second


def test_every_example_fits_its_schema(document):
    checked = 0
    for name, (_, _, operation) in operations(document).items():
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in part.get("content", {}).values():
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                checked += len(examples)
                assert (name, [faults(document, content["schema"], one) for one in examples]) == (
                    name,
                    [[]] * len(examples),
                )
    problem = document["components"]["schemas"]["Problem"]
    assert faults(document, problem, problem["examples"][0]) == []
    assert checked > 20


def test_every_body_can_be_tried(document):
    """What takes JSON shows some."""
    bodies = {
        name: operation["requestBody"]["content"].get("application/json")
        for name, (_, _, operation) in operations(document).items()
        if "requestBody" in operation
    }

    assert {name for name, body in bodies.items() if body and not {"example", "examples"} & set(body)} == set()


def test_who_may_call_is_said_exactly(document):
    needs = {name: one.get("security", document["security"]) for name, (_, _, one) in operations(document).items()}

    assert needs["list_lists"] == [{"key": ["read"]}, {"key": ["lists:read"]}]
    assert needs["create_key"] == [{"key": ["admin"]}]
    assert needs["get_me"] == [{"key": []}]
    assert {name for name, ways in needs.items() if ways == []} == {
        "receive", "challenge", "is_alive", "is_ready", "get_metrics", "get_description", "get_docs",
        "ask_unsubscribe", "unsubscribe", "ask_short_link", "use_short_link", "ask_preferences", "save_preferences",
        "show_opt_in_form", "send_opt_in_form", "ask_confirmation", "confirm_opt_in",
    }  # fmt: skip


def test_problems_follow_from_what_a_call_is(document):
    problems = {
        name: {status for status, answer in one["responses"].items() if "$ref" in answer}
        for name, (_, _, one) in operations(document).items()
    }

    assert problems["get_me"] == {"401", "406", "503"}
    assert problems["get_list"] == {"401", "403", "404", "406", "503"}
    # 410: the answer kept for a repeat named a person who was erased since.
    assert problems["create_list"] == {"400", "401", "403", "406", "409", "410", "413", "415", "422", "503"}
    assert problems["add_to_opt_out"] >= {"400", "401", "403", "409", "413", "415", "422", "429", "503"}
    assert problems["is_ready"] == set(), "its 503 is an answer, not a problem"


def test_the_key_that_makes_a_call_happen_once_is_named_where_it_is_kept(document):
    taking = {
        name
        for name, (_, _, one) in operations(document).items()
        if {"$ref": "#/components/parameters/IdempotencyKey"} in one["parameters"]
    }

    assert {"add_to_opt_out", "run_mapped_action", "run_binding", "create_list", "start_campaign"} <= taking
    assert not {"preview_action", "create_key", "enrol_in_campaign", "change_list", "receive"} & taking


def test_our_own_fields_are_described_as_they_are_read(document):
    fields = {name: schema.get("properties") for name, schema in document["components"]["schemas"].items()}
    channels = [channel.label for channel in Channel]

    assert fields["SenderInput"]["channel"] == {"type": "string", "enum": channels[1:]}
    assert fields["SmartReplyInput"]["channel"] == {"type": "string", "enum": channels, "default": "all"}
    assert fields["StepInput"]["delay"] == {"type": "string", "format": "duration", "default": "PT0S"}
    assert fields["KeyInput"]["expires_at"] == {"type": ["string", "null"], "format": "date-time"}
    assert fields["CampaignInput"]["require_opt_in"] == {
        "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["explicit"]}], "default": False,
    }  # fmt: skip
    assert fields["OptOutListInput"]["key"]["pattern"] == "^[a-z0-9][a-z0-9_-]{0,49}$"
    assert fields["BlockInput"]["number"]["type"] == ["string", "integer"]


def test_a_change_has_no_defaults_and_requires_nothing(document):
    """What is left out of a PATCH stays as it is."""
    changes = {name: one for name, one in document["components"]["schemas"].items() if name.endswith("Change")}

    assert len(changes) >= 4
    assert [name for name, one in changes.items() if "required" in one] == []
    assert [
        name for name, one in changes.items() if any("default" in field for field in one["properties"].values())
    ] == []


def test_closed_lists_of_words_are_those_of_the_domain(document):
    status = document["components"]["parameters"]["status"]["schema"]

    assert status["enum"] == SEND_STATUSES


def test_every_trigger_is_a_webhook_whose_examples_fit(document):
    names = [trigger["name"] for trigger in triggers()]

    assert list(document["webhooks"]) == names
    for trigger in triggers():
        delivery = document["webhooks"][trigger["name"]]["post"]
        content = delivery["requestBody"]["content"]["application/json"]
        assert {header["name"] for header in delivery["parameters"]} == {
            "webhook-id", "webhook-timestamp", "webhook-signature",
        }  # fmt: skip
        assert set(content["examples"]) == {"standard", "flat"}
        for shown in content["examples"].values():
            assert faults(document, content["schema"], shown["value"]) == []
        assert faults(document, content["schema"], {"type": trigger["event"]}) != []
        flat = document["components"]["schemas"][f"{trigger['name']}_payload"]
        own = {name: part for name, part in trigger["payload_schema"].items() if name not in ("$schema", "title")}
        assert flat == readable(own)
    assert len(names) >= 6
