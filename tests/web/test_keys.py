"""API keys: what each scope may do, and when a key is over."""

import pytest

from connector.domain.instants import rfc3339
from connector.engine import keys
from tests.heed import Heed
from tests.oracles import key_with, other_organisation, pointers, problem

ALL = {"read", "write", "send", "export", "bypass", "admin", "lists:read", "platform"}
PERSON = {"number": "+14155550123"}

# method, path, body, the scopes of which any one is enough
CALLS = [
    ("GET", "/v1/me", None, ALL),
    ("GET", "/v1/actions", None, ALL),
    ("POST", "/v1/actions/add_to_opt_out", PERSON, {"write"}),
    ("POST", "/v1/actions/remove_from_opt_out", PERSON, {"write"}),
    ("POST", "/v1/actions/record_opt_in", PERSON, {"write"}),
    ("POST", "/v1/actions/check_consent", PERSON, {"read"}),
    ("POST", "/v1/actions/get_consent_history", PERSON, {"read"}),
    ("POST", "/v1/actions/send_with_suppression", PERSON, {"send"}),
    ("POST", "/v1/actions/add_to_sequence", PERSON, {"send"}),
    ("POST", "/v1/actions/remove_from_sequence", PERSON, {"write"}),
    ("POST", "/v1/actions/add_to_opt_out/mapped", {"mapping": {"number": "+14155550123"}, "data": {}}, {"write"}),
    ("GET", "/v1/lists", None, {"read", "lists:read"}),
    ("GET", "/v1/lists/default", None, {"read", "lists:read"}),
    ("POST", "/v1/lists", {}, {"write"}),
    ("PATCH", "/v1/lists/default", {}, {"write"}),
    ("DELETE", "/v1/lists/default", None, {"write"}),
    ("GET", "/v1/lists/default/entries", None, {"read", "lists:read"}),
    ("POST", "/v1/lists/default/entries", {}, {"write"}),
    ("POST", "/v1/lists/default/entries/remove", {}, {"write"}),
    ("PUT", "/v1/profiles/channels", {}, {"write"}),
    ("PUT", "/v1/profiles/lists", {}, {"write"}),
    ("GET", "/v1/defaults", None, {"read"}),
    ("PUT", "/v1/defaults", {}, {"write"}),
    ("GET", "/v1/panel-origins", None, {"admin"}),
    ("PUT", "/v1/panel-origins", {}, {"admin"}),
    ("POST", "/v1/panel-tickets", {}, {"write"}),
    ("GET", "/v1/users", None, {"admin"}),
    ("POST", "/v1/users", {}, {"admin"}),
    ("GET", "/v1/users/nobody", None, {"admin"}),
    ("PATCH", "/v1/users/nobody", {}, {"admin"}),
    ("DELETE", "/v1/users/nobody", None, {"admin"}),
    ("GET", "/v1/accounts", None, {"admin"}),
    ("POST", "/v1/accounts", {}, {"admin"}),
    ("PATCH", "/v1/accounts/nowhere", {}, {"admin"}),
    ("DELETE", "/v1/accounts/nowhere", None, {"admin"}),
    ("GET", "/v1/senders", None, {"read"}),
    ("POST", "/v1/senders", {}, {"admin"}),
    ("GET", "/v1/bindings", None, {"read"}),
    ("POST", "/v1/bindings", {}, {"write"}),
    ("GET", "/v1/replies", None, {"read"}),
    ("POST", "/v1/replies", {}, {"write"}),
    ("GET", "/v1/profiles?number=%2B14155550123", None, {"read"}),
    ("PUT", "/v1/profiles/block", {"number": "+14155550123", "blocked": False}, {"write"}),
    ("GET", "/v1/history?number=%2B14155550123", None, {"read"}),
    ("GET", "/v1/sends", None, {"read"}),
    ("GET", "/v1/campaigns", None, {"read"}),
    ("POST", "/v1/campaigns", {}, {"send"}),
    ("GET", "/v1/keys", None, {"admin"}),
    ("POST", "/v1/keys", {}, {"admin"}),
    ("POST", "/v1/organisations", {}, {"platform"}),
    ("GET", "/v1/options/lists", None, ALL),
    ("GET", "/v1/options/senders", None, {"read", "write", "send"}),
]


def test_each_scope_may_do_its_own_and_nothing_else(heed: Heed) -> None:
    by_scope = {scope: key_with(heed, scope) for scope in ALL}
    wrong = []
    for method, path, body, enough in CALLS:
        for scope, key in by_scope.items():
            allowed = heed.call(method, path, body, key=key).status_code != 403
            if allowed != (scope in enough):
                wrong.append((method, path, scope, allowed))

    assert wrong == []


def test_a_key_is_shown_once_and_kept_as_a_hash(heed: Heed) -> None:
    made = heed.call("POST", "/v1/keys", {"name": "Shop", "scopes": ["read"]})
    listed = heed.call("GET", "/v1/keys")

    assert made.status_code == 201
    assert made.json["key"].startswith("heed_")
    assert made.json["key"].split("_", 2)[2] not in listed.text
    assert {one["name"]: one["scopes"] for one in listed.json["items"]}["Shop"] == ["read"]


def test_a_key_gives_no_more_than_it_has(heed: Heed) -> None:
    admin = key_with(heed, "admin", "read")

    assert heed.call("POST", "/v1/keys", {"name": "x", "scopes": ["read"]}, key=admin).status_code == 201
    problem(heed.call("POST", "/v1/keys", {"name": "x", "scopes": ["read", "write"]}, key=admin), 403)


def test_an_organisations_own_admin_key_makes_no_organisations(heed: Heed) -> None:
    theirs = other_organisation(heed)

    assert heed.call("GET", "/v1/keys", key=theirs).status_code == 200
    problem(heed.call("POST", "/v1/organisations", {"name": "x"}, key=theirs), 403)


def test_a_revoked_key_is_over(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_KEPT_S", 0.0)  # a key in use is remembered for a second
    made = heed.post("/v1/keys", {"name": "Shop", "scopes": ["read"]})
    assert heed.call("GET", "/v1/me", key=made["key"]).status_code == 200

    assert heed.call("DELETE", f"/v1/keys/{made['id']}").json == {"deleted": True}

    problem(heed.call("GET", "/v1/me", key=made["key"]), 401)
    problem(heed.call("DELETE", f"/v1/keys/{made['id']}"), 404)


def test_an_expired_key_is_over_to_the_second_though_it_was_just_used(heed: Heed) -> None:
    minute = 60_000_000
    made = heed.post(
        "/v1/keys", {"name": "Shop", "scopes": ["read"], "expires_at": rfc3339(heed.clock() + minute)}
    )["key"]  # fmt: skip
    assert heed.call("GET", "/v1/me", key=made).status_code == 200

    heed.clock.pass_by(minute)

    problem(heed.call("GET", "/v1/me", key=made), 401)


def test_a_strangers_key_is_not_there_to_be_revoked(heed: Heed) -> None:
    mine = heed.post("/v1/keys", {"name": "Shop", "scopes": ["read"]})

    problem(heed.call("DELETE", f"/v1/keys/{mine['id']}", key=other_organisation(heed)), 404)

    assert heed.call("GET", "/v1/me", key=mine["key"]).status_code == 200


def test_every_fault_of_a_key_is_named(heed: Heed) -> None:
    body = {"name": "", "scopes": ["read", "fly"], "expires_at": "soon"}

    assert set(pointers(heed.call("POST", "/v1/keys", body))) == {"/name", "/scopes/1", "/expires_at"}
