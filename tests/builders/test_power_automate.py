"""The Power Automate connector: valid OpenAPI 2.0, and every name in Microsoft's extensions leads somewhere."""

import copy
import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from connector import bootstrap
from connector.builders.power_automate import definition, power_automate
from connector.builders.swagger_schema import plain
from connector.builders.x_ms import x_ms_faults
from tests.heed import Heed

CATALOGUE = bootstrap.pack().publish()
ADDRESS = "https://heed.example/below"


@pytest.fixture
def document() -> dict[str, Any]:
    """As it is written, so that nothing in it is shared."""
    return copy.deepcopy(json.loads(power_automate(CATALOGUE, ADDRESS)["apiDefinition.swagger.json"]))


def body(document: dict[str, Any], action: str) -> Any:
    return document["paths"][f"/v1/actions/{action}"]["post"]["parameters"][0]["schema"]["properties"]


def test_the_definition_is_openapi_2_and_its_extensions_are_sound(document):
    assert list(OpenAPIV2SpecValidator(document).iter_errors()) == []
    assert x_ms_faults(document) == []


def test_it_calls_the_service_it_was_made_for(document):
    assert (document["schemes"], document["host"], document["basePath"]) == (["https"], "heed.example", "/below")
    assert definition(CATALOGUE, "http://127.0.0.1:8080")["basePath"] == "/"


def test_b02_every_action_has_a_card_with_its_fields_in_order_and_every_event_starts_a_flow(document):
    for entry in CATALOGUE["actions"]:
        operation = document["paths"][entry["links"]["run"]]["post"]
        fields = operation["parameters"][0]["schema"]["properties"]
        assert (operation["operationId"], operation["summary"]) == (entry["name"], entry["title"])
        assert list(fields) == list(entry["input_schema"]["properties"])
        for name, schema in entry["input_schema"]["properties"].items():
            assert fields[name]["x-ms-summary"] == schema["title"]
            assert fields[name].get("x-ms-visibility") == schema.get("x-visibility")
    told = document["paths"]["/v1/webhooks"]["x-ms-notification-content"]["schema"]["properties"]
    assert set(told) == {name for one in CATALOGUE["triggers"] for name in one["payload_schema"]["properties"]}


def test_a_list_of_choices_is_looked_up_item_by_item(document):
    lists = body(document, "send_with_suppression")["lists"]

    assert lists["items"]["x-ms-dynamic-values"]["parameters"] == {"source": "lists"}
    assert lists["items"]["x-ms-dynamic-list"]["itemsPath"] == "options"
    assert body(document, "send_with_suppression")["sender"]["x-ms-dynamic-values"]["value-path"] == "value"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": ["string", "integer"], "minimum": 1, "maxLength": 9}, {"type": "string", "maxLength": 9}),
        ({"type": ["integer", "null"], "minimum": 1}, {"type": "integer", "minimum": 1}),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}], "title": "N"}, {"type": "integer", "x-ms-summary": "N"}),
        ({"enum": [False, True, "explicit"], "default": False}, {"type": "boolean", "default": False}),
        ({"enum": ["a", None]}, {"type": "string", "enum": ["a"]}),
        ({"const": True}, {"type": "boolean", "enum": [True]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "object", "properties": {"a": {}, "b": False}, "required": ["a", "b"], "oneOf": []},
         {"type": "object", "properties": {"a": {}}, "required": ["a"]}),
        ({"type": "string", "examples": ["x"], "x-order": 3, "x-visibility": "advanced"},
         {"type": "string", "example": "x", "x-ms-visibility": "advanced"}),
    ],
)  # fmt: skip
def test_newer_schemas_are_said_in_older_words(schema, told):
    assert plain(schema) == told


def without(key: str, *path: str):
    def change(document: dict[str, Any]) -> None:
        found = document
        for part in path:
            found = found[int(part)] if isinstance(found, list) else found[part]
        del found[key]

    return change


def put(value: Any, key: str, *path: str):
    def change(document: dict[str, Any]) -> None:
        found = document
        for part in path:
            found = found[int(part)] if isinstance(found, list) else found[part]
        found[key] = value

    return change


SEND = ("paths", "/v1/actions/send_with_suppression", "post")
SENDER = (*SEND, "parameters", "0", "schema", "properties", "sender")
HOOK = ("paths", "/v1/webhooks", "post")
HOOK_BODY = (*HOOK, "parameters", "0", "schema", "properties")
ANY = ("paths", "/v1/actions/{action}", "post")
#: What somebody breaks, and a part of what they are told.
BROKEN = [
    (put("nobody", "operationId", *SENDER, "x-ms-dynamic-values"), "sender x-ms-dynamic-values: there is no operation"),
    (put("choices", "value-collection", *SENDER, "x-ms-dynamic-values"), "has no list choices"),
    (put("name", "value-title", *SENDER, "x-ms-dynamic-values"), "no value-title name"),
    (put("id", "itemValuePath", *SENDER, "x-ms-dynamic-list"), "no itemValuePath id"),
    (without("itemTitlePath", *SENDER, "x-ms-dynamic-list"), "no itemTitlePath"),
    (without("x-ms-dynamic-list", *SENDER), "belong together"),
    (put({}, "parameters", *SENDER, "x-ms-dynamic-values"), "list_options needs source"),
    (put({"source": "senders", "of": "x"}, "parameters", *SENDER, "x-ms-dynamic-values"), "list_options takes no of"),
    (put({"source": {"parameterReference": "body/nobody"}}, "parameters", *SENDER, "x-ms-dynamic-list"),
     "has no field body/nobody"),
    (put({"source": {}}, "parameters", *SENDER, "x-ms-dynamic-list"), "without a value"),
    (put({"action": {"parameter": "what"}}, "parameters", *ANY, "parameters", "1", "schema", "x-ms-dynamic-schema"),
     "has no field what"),
    (put("schema", "value-path", *ANY, "parameters", "1", "schema", "x-ms-dynamic-schema"),
     "the answer of get_action_form has no schema"),
    (put("form", "itemValuePath", *ANY, "responses", "200", "schema", "x-ms-dynamic-properties"), "has no form"),
    (without("schema", "paths", "/v1/options/{source}", "get", "responses", "200"), "says nothing of its answer"),
    (without("default", *HOOK_BODY, "format"), "when_something_happens/body/format: internal and required"),
    (without("x-ms-notification-url", *HOOK_BODY, "url"), "0 notification URLs"),
    (put(True, "x-ms-notification-url", *HOOK_BODY, "format"), "2 notification URLs"),
    (put(True, "x-ms-notification-url", *SENDER), "an operation that is no trigger"),
    (without("x-ms-notification-content", "paths", "/v1/webhooks"), "says nothing of x-ms-notification-content"),
    (without("201", *HOOK, "responses"), "no answer 201"),
    (without("/v1/webhooks/{id}", "paths"), "nobody unsubscribes"),
    (put("once", "x-ms-trigger", *HOOK), "x-ms-trigger has no once"),
    (put("hidden", "x-ms-visibility", *SENDER), "x-ms-visibility has no hidden"),
    (without("x-ms-summary", *SENDER), "send_with_suppression/body/sender: no x-ms-summary"),
    (without("summary", *SEND), "send_with_suppression: no summary"),
    (put("check_consent", "operationId", *SEND), "operationId check_consent is there 2 times"),
    (put({"family": "x"}, "x-ms-api-annotation", *SEND), "needs a family and a revision"),
    (put({"family": "x", "revision": 1, "status": "Old"}, "x-ms-api-annotation", *SEND), "has no status Old"),
    (put("nobody", "operationId", "x-ms-capabilities", "testConnection"), "testConnection: there is no operation"),
    (put({"x": 1}, "parameters", "x-ms-capabilities", "testConnection"), "testConnection: get_me takes no x"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_the_check_of_the_extensions_bites(document, change, told):
    change(document)

    assert any(told in fault for fault in x_ms_faults(document)), x_ms_faults(document)


def test_the_key_goes_as_a_bearer_token_that_no_one_types():
    properties = json.loads(power_automate(CATALOGUE, ADDRESS)["apiProperties.json"])["properties"]

    (rule,) = properties["policyTemplateInstances"]
    assert properties["connectionParameters"]["api_key"]["type"] == "securestring"
    assert rule["parameters"]["x-ms-apimTemplateParameter.name"] == "Authorization"
    assert rule["parameters"]["x-ms-apimTemplateParameter.value"] == "Bearer @connectionParameters('api_key')"


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_every_look_up_of_the_designer_is_answered_as_it_is_described(heed: Heed, document):
    """What the connector names as paths into answers is there in the answers of a running service."""
    action = "send_with_suppression"
    form = heed.get(f"/v1/actions/{action}/form")
    described = body(document, action)

    assert form["input_schema"]["properties"] == described
    assert set(heed.get("/v1/options/lists")["options"][0]) >= {"value", "label"}
    assert {"name", "title"} <= set(heed.get("/v1/actions")["triggers"][0])
    assert heed.get("/v1/me")["name"] == "Heed"
    hook = heed.call("POST", "/v1/webhooks", {
        "url": "http://127.0.0.1:9/", "events": ["contact_opted_out"], "format": "flat",
    })  # fmt: skip
    assert hook.headers["Location"] == f"http://heed.test/v1/webhooks/{hook.json['id']}"
    assert heed.call("DELETE", hook.headers["Location"].removeprefix("http://heed.test")).status_code == 200
