"""The Make app: every name in its files leads somewhere, and it has what the catalogue has."""

import json
from typing import Any

import pytest

from connector import bootstrap
from connector.builders.kit import Files
from connector.builders.make_app import camel, make_app
from connector.builders.make_check import make_faults

CATALOGUE = bootstrap.pack().publish()


@pytest.fixture
def files() -> Files:
    return make_app(CATALOGUE, "https://heed.example")


def read(files: Files, kind: str, name: str, part: str) -> Any:
    return json.loads(files[f"{kind}s/{name}/{name}.{part}.iml.json"])


def test_the_app_is_sound(files):
    assert make_faults(files) == []


def test_b02_every_action_has_a_module_and_every_event_an_instant_trigger(files):
    modules = json.loads(files["makecomapp.json"])["components"]["module"]

    for entry in CATALOGUE["actions"]:
        name = camel(entry["name"])
        assert modules[name]["label"] == entry["title"]
        asked = read(files, "module", name, "mappableParams")
        assert [one["name"] for one in asked] == list(entry["input_schema"]["properties"])
        assert [one["name"] for one in asked if one["required"]] == entry["input_schema"].get("required", [])
    for trigger in CATALOGUE["triggers"]:
        name = camel(trigger["name"])
        assert modules[f"{name}Now"] == {
            **modules[f"{name}Now"], "moduleType": "instant_trigger", "webhook": name, "label": trigger["title"],
        }  # fmt: skip
        assert read(files, "webhook", name, "attach")["body"]["events"] == [trigger["event"]]
        assert read(files, "module", f"{name}Now", "samples") == trigger["sample"]
    assert len(modules) == len(CATALOGUE["actions"]) + len(CATALOGUE["triggers"])


def test_fields_have_types_of_make_and_dropdowns_of_the_service(files):
    asked = {one["name"]: one for one in read(files, "module", "sendWithSuppression", "mappableParams")}

    assert asked["sender"]["type"] == "select"
    assert asked["sender"]["options"] == "rpc://listSenders"
    assert (asked["lists"]["multiple"], asked["lists"]["options"]) == (True, "rpc://listLists")
    assert [one["value"] for one in asked["require_opt_in"]["options"]] == [False, True, "explicit"]
    assert (asked["send_at"]["type"], asked["async"]["type"], asked["text"]["multiline"]) == ("date", "boolean", True)
    assert {one["name"]: one["type"] for one in asked["recipients"]["spec"]}["attributes"] == "any"
    assert read(files, "rpc", "listSenders", "communication")["url"] == "/v1/options/senders"


def test_problems_become_errors_that_make_tells_apart(files):
    error = json.loads(files["general/base.iml.json"])["response"]["error"]

    assert {status: error[status]["type"] for status in ("401", "422", "429", "503")} == {
        "401": "InvalidAccessTokenError", "422": "DataError", "429": "RateLimitError", "503": "ConnectionError",
    }  # fmt: skip
    assert "{{ifempty(body.detail; body.title)}}" in error["422"]["message"]


def change(path: str, *steps: Any) -> Any:
    """A file in which the value at a path of keys is another; a value of None takes it away."""

    def changed(files: Files) -> Files:
        *way, last, value = steps
        whole = found = json.loads(files[path])
        for part in way:
            found = found[part]
        if value is None:
            del found[last]
        else:
            found[last] = value
        return {**files, path: json.dumps(whole).encode()}

    return changed


SEND = "modules/sendWithSuppression/sendWithSuppression"
HOOK = "webhooks/contactOptedOut/contactOptedOut"
BASE = "general/base.iml.json"
LIST = "makecomapp.json"
BROKEN = [
    (change(f"{SEND}.mappableParams.iml.json", 0, "type", "string"), "sender: no type string"),
    (change(f"{SEND}.mappableParams.iml.json", 0, "label", None), "sender: needs a name and a label"),
    (change(f"{SEND}.mappableParams.iml.json", 0, "options", None), "a select without options"),
    (change(f"{SEND}.mappableParams.iml.json", 0, "options", "rpc://listCats"), "there is no rpc://listCats"),
    (change(f"{SEND}.mappableParams.iml.json", 0, "name", "email"), "email is there twice"),
    (change(f"{SEND}.mappableParams.iml.json", 4, "spec", None), "recipients: says nothing of its items"),
    (change(f"{SEND}.communication.iml.json", "body", "sender", None), "asks for sender and does not send it"),
    (change(f"{SEND}.communication.iml.json", "body", "x", "{{parameters.y}}"), "sends y, which nobody is asked for"),
    (change(f"{SEND}.samples.iml.json", "extra", 1), "the sample has extra"),
    (change(f"{HOOK}.attach.iml.json", "response", {}), "attach keeps no externalHookId"),
    (change(f"{HOOK}.attach.iml.json", "body", "url", "x"), "attach does not say where to"),
    (change(f"{HOOK}.detach.iml.json", "url", "/v1/webhooks"), "detach does not say which"),
    (change("rpcs/listLists/listLists.communication.iml.json", "response", "limit", 501), "500 at most"),
    (change("rpcs/listLists/listLists.communication.iml.json", "response", "output", {}), "a label and a value"),
    (change("connections/heed/heed.communication.iml.json", "url", "/v1/me"), "its address must be whole"),
    (change("connections/heed/heed.communication.iml.json", "log", {}), "heed: the key would stand in Make's log"),
    (change(BASE, "log", {}), "base: the key would stand in Make's log"),
    (change(BASE, "response", "error", "422", "type", "Oops"), "base: 422 needs a message and a type"),
    (change(LIST, "components", "module", "checkConsent", "connection", "other"), "there is no connection other"),
    (change(LIST, "components", "module", "checkConsent", "codeFiles", "interface", None), "no interface"),
    (change(LIST, "components", "module", "checkConsent", "label", ""), "checkConsent: no label"),
    (change(LIST, "components", "module", "contactOptedOutNow", "webhook", None), "without a webhook"),
    (change(LIST, "components", "rpc", "list_lists", {"label": "x", "codeFiles": {}}), "3 to 48 letters and digits"),
    (change("general/groups.json", 0, "modules", 0, "nobody"), "nobody is no module"),
    (lambda files: {**files, "modules/x.iml.json": b"{}"}, "modules/x.iml.json: there and not named"),
    (lambda files: {path: part for path, part in files.items() if path != f"{HOOK}.detach.iml.json"},
     "named and not there"),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_the_check_of_the_files_bites(files, broken, told):
    found = make_faults(broken(files))

    assert any(told in fault for fault in found), found
