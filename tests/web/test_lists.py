"""L01 and the life of lists: a Default that nobody can delete, and others that can be made, changed and dropped."""

from typing import Any

import pytest

from tests.heed import Heed
from tests.oracles import pointers, problem, row_counts

MEMBERS = {
    *("id", "key", "name", "description", "keywords", "opt_in_keywords", "messages", "send_response", "sender"),
    *("webhook_url", "webhook_format", "protect", "keyword_scope", "account"),
}
OFFERS = {"name": "Offers", "keywords": ["NO OFFERS"]}


def test_l01_the_default_list_is_there_from_the_start(heed: Heed) -> None:
    (default,) = heed.get("/v1/lists")["items"]

    assert (default["key"], default["name"]) == ("default", "Default")
    assert set(default) >= MEMBERS
    assert "STOP" in default["keywords"]
    assert heed.get("/v1/lists/default") == heed.get(f"/v1/lists/{default['id']}") == default


def test_l01_nobody_can_delete_it_or_take_its_name_away(heed: Heed) -> None:
    default = heed.get("/v1/lists/default")
    for path in ("/v1/lists/default", f"/v1/lists/{default['id']}"):
        problem(heed.call("DELETE", path), 409, "default_list")
        problem(heed.call("PATCH", path, {"name": "Mine"}), 409, "default_list")

    assert heed.get("/v1/lists/default") == default


def test_l01_every_organisation_has_one_of_its_own(heed: Heed) -> None:
    stranger = heed.post("/v1/organisations", {"name": "Else"})["admin_key"]
    theirs = heed.call("GET", "/v1/lists/default", key=stranger).json

    assert theirs["key"] == "default"
    assert theirs["id"] != heed.get("/v1/lists/default")["id"]


def test_a_list_is_made_read_changed_and_deleted(heed: Heed) -> None:
    made = heed.call("POST", "/v1/lists", OFFERS)
    path = made.headers["Location"]

    assert made.status_code == 201
    assert set(made.json) >= MEMBERS
    assert (made.json["key"], made.json["protect"], made.json["webhook_format"]) == ("offers", "none", "standard")
    changed = heed.call("PATCH", path, {"description": "Our offers", "protect": "person"}).json
    assert changed == {**made.json, "description": "Our offers", "protect": "person"}
    assert heed.call("PATCH", path, {"description": None}).json["description"] is None
    assert heed.call("DELETE", path).json == {"deleted": True}
    problem(heed.call("GET", path), 404)
    problem(heed.call("GET", "/v1/lists/offers"), 404)


def test_a_change_merges_also_what_lies_deeper(heed: Heed) -> None:
    first = {name: {"text": name} for name in ("first_opt_out", "first_opt_in", "already_opt_out")}
    path = "/v1/lists/" + heed.post("/v1/lists", {**OFFERS, "messages": first})["id"]

    heed.call("PATCH", path, {"messages": {"first_opt_out": {"text": "Good-bye"}, "first_opt_in": None}})

    assert heed.get(path)["messages"] == {
        "first_opt_out": {"text": "Good-bye"}, "already_opt_out": {"text": "already_opt_out"},
    }  # fmt: skip


def test_a_change_is_checked_as_a_new_list_is(heed: Heed) -> None:
    path = "/v1/lists/" + heed.post("/v1/lists", OFFERS)["id"]
    before = heed.get(path)

    assert set(pointers(heed.call("PATCH", path, {"messages": {"first_opt_out": {}}}))) == {
        "/messages/first_opt_out/text"
    }
    assert set(pointers(heed.call("PATCH", path, {"keywords": [], "name": "", "protect": "me"}))) == {
        "/keywords", "/name", "/protect",
    }  # fmt: skip
    assert heed.get(path) == before


def test_names_are_unique_whatever_their_case_and_keys_are_made_from_them(heed: Heed) -> None:
    heed.post("/v1/lists", OFFERS)
    rows = row_counts(heed)

    problem(heed.call("POST", "/v1/lists", {"name": "OFFERS", "keywords": ["A"]}), 409, "name_taken")
    problem(heed.call("POST", "/v1/lists", {"name": "x", "key": "offers", "keywords": ["A"]}), 409, "key_taken")
    assert row_counts(heed) == rows
    assert heed.post("/v1/lists", {"name": "Angebote für Dich!", "keywords": ["A"]})["key"] == "angebote-fur-dich"
    assert heed.post("/v1/lists", {"name": "お得な情報", "keywords": ["B"]})["key"] == "list"
    assert heed.post("/v1/lists", {"name": "Offers!", "keywords": ["C"]})["key"] == "offers-2"


def test_taking_a_name_that_is_taken_is_409(heed: Heed) -> None:
    heed.post("/v1/lists", OFFERS)
    path = "/v1/lists/" + heed.post("/v1/lists", {"name": "News", "keywords": ["A"]})["id"]

    problem(heed.call("PATCH", path, {"name": "offers"}), 409, "name_taken")
    assert heed.get(path)["name"] == "News"


# what a list can't be, and where it is said
WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"name": "x" * 51, "description": "x" * 301}, {"/name", "/description"}),
    ({"keywords": []}, {"/keywords"}),
    ({"keywords": ["x" * 51]}, {"/keywords/0"}),
    ({"keywords": [""]}, {"/keywords/0"}),
    ({"key": "With Spaces"}, {"/key"}),
    ({"messages": {"first_opt_out": {"text": "x" * 301}, "other": {}}},
     {"/messages/first_opt_out/text", "/messages/other"}),
    ({"webhook_url": "ftp://x.example", "webhook_format": "xml"}, {"/webhook_url", "/webhook_format"}),
    ({"protect": "all", "keyword_scope": "sms", "send_response": "yes"},
     {"/protect", "/keyword_scope", "/send_response"}),
    ({"sender": "sdr_000000000000"}, {"/sender"}),
    # One word can't say both: whoever writes it would be out and in.
    ({"keywords": ["Halt!"], "opt_in_keywords": ["HALT"]}, {"/opt_in_keywords"}),
    # Nobody can write a word without letters.
    ({"keywords": ["!!", "NO"], "opt_in_keywords": ["🎉"]}, {"/keywords/0", "/opt_in_keywords/0"}),
    # What one list understands, no other list on the same sender may: here the default list's STOP and START.
    ({"keywords": ["NO", "stop."], "opt_in_keywords": ["Start!"]}, {"/keywords/1", "/opt_in_keywords/0"}),
    ({"keywords": ["start"], "opt_in_keywords": ["stop"]}, {"/keywords/0", "/opt_in_keywords/0"}),
]  # fmt: skip


@pytest.mark.parametrize(("values", "faults"), WRONG)
def test_every_fault_of_a_list_is_named(heed: Heed, values: dict[str, Any], faults: set[str]) -> None:
    rows = row_counts(heed)

    assert set(pointers(heed.call("POST", "/v1/lists", {**OFFERS, **values}))) == faults
    assert row_counts(heed) == rows


def test_empty_and_null_mean_absent(heed: Heed) -> None:
    made = heed.post("/v1/lists", {**OFFERS, "description": "", "key": None, "sender": "", "webhook_url": None})

    assert (made["key"], made["description"], made["sender"], made["webhook_url"]) == ("offers", None, None, None)


def test_a_list_that_a_campaign_needs_stays(heed: Heed) -> None:
    offers = heed.post("/v1/lists", OFFERS)["id"]
    steps = [{"text": "x"}]
    body = {
        "kind": "broadcast",
        "name": "Spring sale",
        "sender": heed.sender()["id"],
        "lists": [offers],
        "steps": steps,
    }
    campaign = heed.post("/v1/campaigns", body)["id"]

    refused = problem(heed.call("DELETE", f"/v1/lists/{offers}"), 409, "list_in_use")
    heed.post(f"/v1/campaigns/{campaign}/cancel")

    assert "Spring sale" in refused["detail"]
    assert heed.call("DELETE", f"/v1/lists/{offers}").status_code == 200


def test_l02_a_keyword_collision_names_both_lists_and_both_words(heed: Heed) -> None:
    heed.post("/v1/lists", OFFERS)
    news = heed.post("/v1/lists", {"name": "News", "keywords": ["NO NEWS"]})["id"]
    sender = heed.sender()["id"]

    refused = [
        problem(heed.call("POST", "/v1/lists", {"name": "Deals", "keywords": ["no-offers!"]}), 422),
        problem(heed.call("PATCH", f"/v1/lists/{news}", {"keywords": ["No Offers"]}), 422),
        problem(heed.call("PATCH", f"/v1/lists/{news}", {"opt_in_keywords": ["No Offers"]}), 422),
    ]

    for one, name, word in zip(
        refused, ("Deals", "News", "News"), ("no-offers!", "No Offers", "No Offers"), strict=True
    ):
        (fault,) = one["errors"]
        assert fault["code"] == "keyword_collision"
        assert all(f"{part!r}" in fault["detail"] for part in (name, word, "Offers", "NO OFFERS"))
    # A list that names the sender goes before those that name none, so there the word is clear.
    heed.post("/v1/lists", {"name": "Deals", "keywords": ["no-offers!"], "sender": sender})
    again = {"name": "More", "keywords": ["No Offers"], "sender": sender}
    assert pointers(heed.call("POST", "/v1/lists", again)) == {"/keywords/0": "keyword_collision"}
    assert heed.call("PATCH", f"/v1/lists/{news}", {"keywords": ["No News"]}).status_code == 200
