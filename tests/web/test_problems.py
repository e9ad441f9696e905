"""Errors: one shape for all of them, and nothing about other tenants between the lines."""

import pytest

from connector.domain.errors import Unavailable
from tests.heed import Heed
from tests.oracles import key_with, other_organisation, post_bytes, problem

WRONG_KEYS = {
    "no header": None,
    "another scheme": "Basic aGVlZDp0ZXN0",
    "no key": "Bearer ",
    "not ours": "Bearer sk_live_1234",
    "an unknown id": "Bearer heed_nobody_" + "k" * 32,
    "a wrong secret": "Bearer heed_test_" + "x" * 32,
    "half a key": "Bearer heed_test",
}


def test_401_looks_the_same_whatever_is_wrong_with_the_key(heed: Heed) -> None:
    bodies = set()
    for authorization in WRONG_KEYS.values():
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = heed.app.test_client().get("/v1/me", headers=headers)
        problem(answer, 401, "unauthorised")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        bodies.add(answer.data)

    assert len(bodies) == 1


def test_401_comes_before_any_look_at_the_body(heed: Heed) -> None:
    answer = heed.app.test_client().post("/v1/actions/add_to_opt_out", data=b"{", content_type="application/json")

    problem(answer, 401)


def test_403_names_the_scope_that_lacks(heed: Heed) -> None:
    reader = key_with(heed, "read")

    body = problem(heed.call("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123"}, key=reader), 403)

    assert "write" in body["detail"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1/nothing", "/v1/actions/fly_to_the_moon", "/v1/actions/check_consent?version=2",
             "/v1/options/nothing", "/in/nobody"],
)  # fmt: skip
def test_404_for_what_is_not_there(heed: Heed, path: str) -> None:
    problem(heed.call("POST" if path.startswith("/in") else "GET", path, {} if "in/" in path else None), 404)


@pytest.mark.parametrize("end", ["", "/mapped", "/preview"])
def test_404_for_an_unknown_action_whatever_its_body(heed: Heed, end: str) -> None:
    problem(heed.call("POST", f"/v1/actions/fly_to_the_moon{end}", {"number": 5}), 404)


def test_405_says_what_is_allowed(heed: Heed) -> None:
    answer = heed.call("DELETE", "/v1/lists")

    problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_406_for_who_wants_something_else_than_json(heed: Heed) -> None:
    problem(heed.call("GET", "/v1/lists", Accept="image/png"), 406)
    for accept in (
        "*/*",
        "application/*",
        "application/json;q=0.5",
        "text/html, */*;q=0.1",
        "application/problem+json",
    ):
        assert heed.call("GET", "/v1/lists", Accept=accept).status_code == 200


def test_409_for_what_the_state_forbids(heed: Heed) -> None:
    problem(heed.call("DELETE", "/v1/lists/default"), 409, "default_list")


def test_413_415_and_422_have_the_same_shape(heed: Heed) -> None:
    problem(post_bytes(heed, "/v1/lists", b" " * 3_000_000), 413, "too_large")
    problem(post_bytes(heed, "/v1/lists", b"{}", "text/csv"), 415, "unsupported_media_type")
    assert problem(heed.call("POST", "/v1/lists", {}), 422, "invalid_input")["errors"]


def test_503_when_the_database_is_gone_and_never_allowed(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    heed.act("check_consent", number="+14155550123")

    def gone(*_: object) -> None:
        raise Unavailable

    for owner, name in ((heed.house.services.asking._lookup, "known"), (heed.house.database, "write")):
        monkeypatch.setattr(owner, name, gone)
    calls = [
        ("POST", "/v1/actions/check_consent", {"number": "+14155550123"}),
        ("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123"}),
        ("POST", "/v1/lists", {"name": "x", "keywords": ["x"]}),
    ]
    for method, path, body in calls:
        answer = heed.call(method, path, body)
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1


def test_a_crash_is_a_problem_too_and_tells_nothing(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret +14155550123")

    monkeypatch.setattr(heed.house.lists, "all", crash)
    answer = heed.call("GET", "/v1/lists")

    problem(answer, 500)
    assert "secret" not in answer.text


def test_a_foreign_id_and_an_unknown_id_answer_byte_by_byte_alike(heed: Heed) -> None:
    stranger = other_organisation(heed)
    sender = heed.sender()["id"]
    made = {
        "lists": heed.post("/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]})["id"],
        "senders": sender,
        "bindings": heed.post(
            "/v1/bindings", {"name": "b", "action": "check_consent", "mapping": {"number": "{{ n }}"}})["id"],
        "replies": heed.post("/v1/replies", {"keywords": ["HOURS"], "reply": "9 to 5"})["id"],
        "campaigns": heed.post(
            "/v1/campaigns", {"kind": "broadcast", "name": "c", "sender": sender, "steps": [{"text": "Hi"}]})["id"],
        "sends": heed.act(
            "send_with_suppression", sender=sender, number="+14155550123", text="Hi", send_at="2100-01-01T00:00:00Z"
        )["id"],
    }  # fmt: skip
    calls = [("GET", f"/v1/{kind}/", None) for kind in made]
    calls += [("PATCH", f"/v1/{kind}/", {}) for kind in ("lists", "senders", "bindings", "replies")]
    calls += [("DELETE", f"/v1/{kind}/", None) for kind in ("lists", "bindings", "replies")]

    for method, path, body in calls:
        ours = path + made[path.split("/")[2]]
        unknown = path + made[path.split("/")[2]][:4] + "000000000000"
        foreign = heed.call(method, ours, body, key=stranger)
        nobody = heed.call(method, unknown, body, key=stranger)
        problem(foreign, 404)
        assert foreign.data.replace(ours.encode(), b"") == nobody.data.replace(unknown.encode(), b""), (method, ours)
        assert list(foreign.headers.keys()) == list(nobody.headers.keys())


def test_foreign_names_in_a_body_are_unknown_names(heed: Heed) -> None:
    ours = heed.post("/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]})["id"]
    sender = heed.sender()["id"]
    body = {"sender": sender, "number": "+14155550123", "text": "Hi", "lists": [ours]}

    answer = heed.call("POST", "/v1/actions/send_with_suppression", body, key=other_organisation(heed))

    faults = {fault["pointer"]: fault["code"] for fault in problem(answer, 422)["errors"]}
    assert faults == {"/sender": "unknown_sender", "/lists/0": "unknown_list"}
