"""A07 and A06: the catalogue, whose key this is, and what builders fill their fields from."""

import re
from typing import Any

import pytest

from tests.heed import Heed
from tests.oracles import key_with, pointers, post_bytes, problem

ENTRY = ["name", "version", "title", "description", "icon", "input_schema", "output_schema", "examples", "effects"]


def test_a07_the_catalogue_has_the_shape_of_the_contract(heed: Heed) -> None:
    catalogue = heed.get("/v1/actions")

    assert set(catalogue) >= {"actions", "triggers"}
    for entry in catalogue["actions"]:
        assert [name for name in entry if name in ENTRY] == ENTRY  # people read it: the order is part of it
        assert {"errors", "links"} <= set(entry)
        assert set(entry["effects"]) == {"read_only", "destructive", "idempotent"}
        assert entry == heed.get(f"/v1/actions/{entry['name']}")
        assert all({"title", "input"} <= set(example) for example in entry["examples"])


def test_a07_links_lead_to_where_the_action_runs(heed: Heed) -> None:
    for entry in heed.get("/v1/actions")["actions"]:
        for link in entry["links"].values():
            assert heed.call("POST", link, {}).status_code in (403, 422), link


def test_a07_fields_keep_their_order_in_the_bytes_and_in_x_order(heed: Heed) -> None:
    text = heed.call("GET", "/v1/actions/add_to_opt_out").text
    properties = heed.get("/v1/actions/add_to_opt_out")["input_schema"]["properties"]
    wanted = ["number", "email", "whatsapp_id", "recipients", "channel", "lists", "reason", "occurred_at", "evidence",
              "idempotency_key"]  # fmt: skip

    assert list(properties) == wanted
    places = [text.index(f'"{name}":{{') for name in wanted]
    assert places == sorted(places)
    assert [properties[name]["x-order"] for name in wanted] == list(range(1, 11))


def test_a07_every_dropdown_source_answers(heed: Heed) -> None:
    text = heed.call("GET", "/v1/actions").text
    for source in set(re.findall(r'"source":"(\w+)"', text)):
        assert set(heed.get(f"/v1/options/{source}")) == {"options", "next_cursor"}


@pytest.mark.parametrize("path", ["/v1/actions", "/v1/actions/check_consent"])
def test_a07_an_unchanged_catalogue_is_304_by_its_etag(heed: Heed, path: str) -> None:
    first = heed.call("GET", path)
    unchanged = heed.call("GET", path, If_None_Match=first.headers["ETag"])
    changed = heed.call("GET", path, If_None_Match='"another"')

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    assert (changed.status_code, changed.data) == (200, first.data)


def test_a07_a_version_can_be_asked_for(heed: Heed) -> None:
    assert heed.get("/v1/actions/check_consent?version=1")["version"] == 1
    assert heed.post("/v1/actions/check_consent?version=1", {"number": "+14155550123"})["allowed"] is True
    for path in ("/v1/actions/check_consent?version=2", "/v1/actions/check_consent?version=999999999999"):
        problem(heed.call("GET", path), 404)
        problem(heed.call("POST", path, {"number": "+14155550123"}), 404)
    problem(heed.call("GET", "/v1/actions/check_consent?version=one"), 422)


def test_me_says_whose_key_this_is(heed: Heed) -> None:
    me = heed.get("/v1/me")
    narrow = heed.call("GET", "/v1/me", key=key_with(heed, "lists:read")).json

    assert me["organisation"]["name"] == me["name"] == "Heed"
    assert {"read", "write", "send", "admin"} <= set(me["scopes"])
    assert narrow["scopes"] == ["lists:read"]
    assert "secret" not in heed.call("GET", "/v1/me").text


def test_a06_the_picker_offers_every_value_of_the_data_with_an_expression_that_finds_it(heed: Heed) -> None:
    data = {"contact": {"first name": "Ada", "age": 36}, "tags": ["a", "b"], "orders": [{"id": 1}, {"id": 2}]}

    offered = {one["expression"]: one for one in heed.post("/v1/attributes", {"data": data})["attributes"]}

    assert {"contact", 'contact."first name"', "contact.age", "tags[0]", "orders[*].id"} <= set(offered)
    assert set(offered["contact.age"]) == {"expression", "label", "type", "sample"}
    assert (offered["contact.age"]["type"], offered["contact.age"]["sample"]) == ("integer", 36)
    for expression in offered:  # each works in a mapping as it stands
        body = {"mapping": {"number": "+14155550123", "evidence": {"v": f"{{{{ {expression} }}}}"}}, "data": data}
        preview = heed.post("/v1/actions/add_to_opt_out/preview", body)
        assert preview["problems"] == [], expression


@pytest.mark.parametrize("data", [None, 5, "x", [], [[]], {}, [{"a": 1}], {"": {"": 1}}, {"a b": {'c"d': [{"é": 1}]}}])
def test_a06_any_json_can_be_looked_into(heed: Heed, data: Any) -> None:
    assert isinstance(heed.post("/v1/attributes", {"data": data})["attributes"], list)


def test_a06_without_data_there_is_a_fault(heed: Heed) -> None:
    assert pointers(heed.call("POST", "/v1/attributes", {})) == {"/data": "required"}
    problem(post_bytes(heed, "/v1/attributes", b'{"data": {"a": 1, "a": 2}}'), 400)


def test_a07_options_are_searched_and_paged_and_answer_in_the_shape_of_zapier_too(heed: Heed) -> None:
    made = [heed.post("/v1/lists", {"name": f"List {n:03}", "keywords": [f"NO{n}"]}) for n in range(105)]

    first = heed.get("/v1/options/lists")
    rest = heed.get(f"/v1/options/lists?cursor={first['next_cursor']}")
    found = heed.get("/v1/options/lists?q=list%20007")
    zapier = heed.get("/v1/options/lists?search=LIST+007&shape=zapier")
    more = heed.get("/v1/options/lists?shape=zapier")
    problem(heed.call("GET", "/v1/options/lists?shape=square"), 422)

    values = [one["value"] for one in (*first["options"], *rest["options"])]
    assert (len(first["options"]), rest["next_cursor"]) == (100, None)
    assert [one["id"] for one in made] == values[1:]  # the default list comes first
    assert found["options"] == [{"value": made[7]["id"], "label": "List 007", "description": None}]
    assert zapier == {"results": [{"id": made[7]["id"], "label": "List 007"}], "paging_token": None}
    again = heed.get(f"/v1/options/lists?shape=zapier&paging_token={more['paging_token']}")
    assert [one["id"] for one in again["results"]] == values[100:]


@pytest.mark.parametrize("cursor", ["-1", "x", "%D9%A3", "9" * 5000])
def test_a07_a_cursor_that_is_none_of_ours_crashes_nothing(heed: Heed, cursor: str) -> None:
    assert heed.call("GET", f"/v1/options/channels?cursor={cursor}").status_code in (200, 422)


def test_a07_each_source_has_its_options(heed: Heed) -> None:
    sender = heed.sender()
    body = {"kind": "sequence", "name": "Welcome", "sender": sender["id"], "steps": [{"text": "x"}]}
    sequence = heed.post("/v1/campaigns", body)

    def offered(source: str) -> list[str]:
        return [one["value"] for one in heed.get(f"/v1/options/{source}")["options"]]

    assert offered("channels") == ["all", "sms", "whatsapp", "rcs", "truecaller", "voice", "email"]
    assert (offered("senders"), offered("sequences")) == ([sender["id"]], [sequence["id"]])
    assert (offered("templates"), offered("groups")) == ([], [])


def test_a07_a_third_party_that_may_read_lists_sees_no_senders(heed: Heed) -> None:
    third = key_with(heed, "lists:read")

    assert heed.call("GET", "/v1/options/lists", key=third).status_code == 200
    for source in ("senders", "sequences"):
        problem(heed.call("GET", f"/v1/options/{source}", key=third), 403)
