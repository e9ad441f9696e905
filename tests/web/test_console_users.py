"""Users over the API: made, changed and deleted by admins, within one organisation."""

import pytest

from connector.domain.ids import public_id
from connector.domain.users import ROLE_SCOPES, Role
from tests.heed import Heed
from tests.oracles import other_organisation, pointers, problem
from tests.web.console import PASSWORD, user


def test_b04_a_user_is_made_listed_changed_and_deleted(heed: Heed):
    made = heed.post("/v1/users", {"name": "Anna", "role": "operator"}, status=201)

    assert len(made.pop("password")) == 19
    assert made == heed.get(f"/v1/users/{made['id']}") == heed.get("/v1/users")["items"][0]
    assert (made["role"], made["must_change"], made["disabled"]) == ("operator", True, False)
    changed = heed.call("PATCH", f"/v1/users/{made['id']}", {"role": "viewer", "password": PASSWORD}).json
    assert (changed["role"], changed["must_change"], "password" in changed) == ("viewer", False, False)
    assert heed.call("DELETE", f"/v1/users/{made['id']}").json == {"deleted": True}
    problem(heed.call("GET", f"/v1/users/{made['id']}"), 404)


def test_every_fault_of_a_user_is_named(heed: Heed):
    answer = heed.call("POST", "/v1/users", {"name": "", "role": "king", "password": "short", "age": 3})

    assert set(pointers(answer)) == {"/name", "/role", "/password", "/age"}
    assert pointers(heed.call("POST", "/v1/users", {"name": "A", "role": "viewer", "account": "acc_x"})) == {
        "/account": "unknown_account"
    }


def test_a_name_is_had_once(heed: Heed):
    user(heed, name="Anna")
    bert = user(heed, name="Bert")

    problem(heed.call("POST", "/v1/users", {"name": " ANNA", "role": "viewer"}), 409, "name_taken")
    problem(heed.call("PATCH", f"/v1/users/{bert['id']}", {"name": "anna"}), 409, "name_taken")


def test_users_of_another_organisation_are_not_there(heed: Heed):
    anna = user(heed, name="Anna")
    other = other_organisation(heed)

    for method in ("GET", "PATCH", "DELETE"):
        problem(heed.call(method, f"/v1/users/{anna['id']}", {} if method == "PATCH" else None, key=other), 404)
    assert heed.call("GET", "/v1/users", key=other).json["items"] == []


def test_nobody_gives_what_they_lack(heed: Heed):
    key = heed.post("/v1/keys", {"name": "Half an admin", "scopes": ["admin", "read", "lists:read"]})["key"]
    anna = user(heed, name="Anna")

    problem(heed.call("POST", "/v1/users", {"name": "Bert", "role": "admin"}, key=key), 403)
    problem(heed.call("PATCH", f"/v1/users/{anna['id']}", {"password": None}, key=key), 403)
    problem(heed.call("DELETE", f"/v1/users/{anna['id']}", key=key), 403)
    assert heed.call("POST", "/v1/users", {"name": "Bert", "role": "viewer"}, key=key).status_code == 201


@pytest.mark.parametrize("role", Role)
def test_a_role_is_a_set_of_the_scopes_that_keys_have(heed: Heed, role: Role):
    """Nobody but the platform's own key makes organisations."""
    assert "platform" not in ROLE_SCOPES[role]
    assert ROLE_SCOPES[Role.VIEWER] <= ROLE_SCOPES[role] <= ROLE_SCOPES[Role.ADMIN]


def test_a_user_is_renamed_and_stays_signed_in_and_nobody_is_not_found(heed: Heed):
    made = heed.post("/v1/users", {"name": "Bert", "role": "viewer", "password": "correct horse battery"})

    renamed = heed.call("PATCH", f"/v1/users/{made['id']}", {"name": "Berta"})

    assert (renamed.status_code, renamed.json["name"]) == (200, "Berta")
    assert heed.call("PATCH", f"/v1/users/{public_id('user', 999)}", {"name": "Nobody"}).status_code == 404
