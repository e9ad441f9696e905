"""A new action file is in every builder: where the builder reads live, at once; elsewhere after one export."""

import json

import pytest

from connector.builders.exports import EXPORTS
from connector.builders.make_check import make_faults
from connector.builders.x_ms import x_ms_faults
from tests.builders.test_exports import unpacked
from tests.contracts.test_a_new_action import dropped_in  # noqa: F401 - the file look_up.py, for as long as a test runs
from tests.heed import Heed

#: What each export says of an action that was there when it was made.
EXPORTED = {
    "zapier": lambda files: list(json.loads(files["definition.json"])["creates"]),
    "power-automate": lambda files: [
        method["operationId"]
        for path in json.loads(files["apiDefinition.swagger.json"])["paths"].values()
        for name, method in path.items()
        if name in ("get", "post")
    ],
    "make": lambda files: list(json.loads(files["makecomapp.json"])["components"]["module"]),
}


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.usefixtures("dropped_in")
def test_b02_a_new_action_is_there_after_one_export(heed: Heed, name: str) -> None:
    answer = heed.call("GET", f"/v1/builders/{name}")

    files = unpacked(answer.data, EXPORTS[name].form)

    assert ("lookUp" if name == "make" else "look_up") in EXPORTED[name](files)
    if name == "make":
        assert make_faults(files) == []
    if name == "power-automate":
        assert x_ms_faults(json.loads(files["apiDefinition.swagger.json"])) == []


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_the_piece_says_nothing_of_single_actions(heed: Heed) -> None:
    """So nothing in it can be out of date; only its README tells what there was."""
    files = unpacked(heed.call("GET", "/v1/builders/activepieces").data, "tgz")

    code = b"".join(part for path, part in files.items() if path.endswith((".js", ".json")))

    assert [one["name"] for one in heed.get("/v1/actions")["actions"] if one["name"].encode() in code] == []


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("dropped_in")
def test_b02_a_new_action_is_where_live_packages_read(heed: Heed) -> None:
    """The calls that they make: the catalogue, the action's schemas, and its form."""
    assert "look_up" in [one["name"] for one in heed.get("/v1/actions")["actions"]]
    assert "number" in heed.get("/v1/actions/look_up")["input_schema"]["properties"]
    assert heed.get("/v1/actions/look_up/form")["input_schema"]["properties"]["limit"]["type"] == "integer"
