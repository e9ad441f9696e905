"""A09: a saved configuration of an action, run by one URL with any payload."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.heed import Heed
from tests.oracles import key_with, pointers, post_bytes, problem, row_counts

MAPPING = {"number": "{{ body.phone }}", "reason": "{{ body.why }}"}
SAMPLE = {"body": {"phone": "+14155550123", "why": "asked"}}
FORM = "application/x-www-form-urlencoded"


def a_binding(heed: Heed, **values: Any) -> dict[str, Any]:
    return heed.post(
        "/v1/bindings", {"name": "From the shop", "action": "add_to_opt_out", "mapping": MAPPING, **values}
    )


def test_a09_made_read_changed_listed_and_deleted(heed: Heed) -> None:
    made = heed.call(
        "POST", "/v1/bindings",
        {"name": "Shop", "action": "add_to_opt_out", "mapping": MAPPING, "sample": SAMPLE},
    )  # fmt: skip
    path = made.headers["Location"]

    assert made.status_code == 201
    assert path == f"/v1/bindings/{made.json['id']}"
    assert heed.get(path) == made.json
    assert (made.json["version"], made.json["sample"]) == (1, SAMPLE)
    changed = heed.call("PATCH", path, {"name": "Other", "sample": None}).json
    assert (changed["name"], changed["sample"], changed["mapping"]) == ("Other", None, MAPPING)
    assert heed.get("/v1/bindings") == {"items": [changed], "next_cursor": None}
    assert heed.call("DELETE", path).json == {"deleted": True}
    problem(heed.call("GET", path), 404)
    problem(heed.call("DELETE", path), 404)


def test_a09_it_runs_with_the_raw_payload(heed: Heed) -> None:
    run = a_binding(heed)["run_url"]

    answer = heed.post(run, SAMPLE)

    assert answer["results"][0]["status"] == "added"
    assert heed.act("get_consent_history", number="+14155550123")["events"][0]["reason"] == "asked"


# a payload of any form a builder may post, the mapping of the number
PAYLOADS: list[tuple[bytes, str, str]] = [
    (b'{"phone": "+14155550123"}', "application/json", "{{ phone }}"),
    (b'[{"phone": 14155550123}]', "application/json; charset=utf-8", "{{ [0].phone }}"),
    (b'"+14155550123"', "application/json", "{{ @ }}"),
    (b'{"data": {"phone": "+14155550123"}}', "application/cloudevents+json", "{{ data.phone }}"),
    (urlencode({"phone": "+14155550123"}).encode(), FORM, "{{ phone }}"),
    (b"phone=x&phone=%2B14155550123", FORM, "{{ phone[1] }}"),  # a name twice is a list
    (b'--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+14155550123\r\n--b--\r\n',
     "multipart/form-data; boundary=b", "{{ phone }}"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "number"), PAYLOADS)
def test_a09_any_json_and_any_form_is_data(heed: Heed, body: bytes, kind: str, number: str) -> None:
    run = a_binding(heed, mapping={"number": number})["run_url"]

    answer = post_bytes(heed, run, body, kind)

    assert answer.status_code == 200, answer.text
    assert answer.json["results"][0]["number"] == "+14155550123"


def test_a09_a_hostile_form_is_the_callers_fault(heed: Heed) -> None:
    run = a_binding(heed, mapping={"number": "+14155550123", "reason": "{{ why }}"})["run_url"]
    rows = row_counts(heed)

    assert set(pointers(post_bytes(heed, run, b"why=" + b"x" * 301, FORM))) == {"/reason"}
    assert pointers(post_bytes(heed, run, b"why=a%00b", FORM), 400) == {"/why": "bad_value"}
    problem(post_bytes(heed, run, b"why=" + b"x" * 3_000_000, FORM), 413)
    upload = (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--b--\r\n"
    )
    problem(post_bytes(heed, run, upload, "multipart/form-data; boundary=b"), 413)
    assert row_counts(heed) == rows


def test_a09_a_repeated_payload_with_a_key_has_one_effect(heed: Heed) -> None:
    run = a_binding(heed)["run_url"]

    first = heed.call("POST", run, SAMPLE, Idempotency_Key="e-1")
    again = heed.call("POST", run, SAMPLE, Idempotency_Key="e-1")
    other = heed.call("POST", run, {"body": {"phone": "+14155550124"}}, Idempotency_Key="e-1")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json
    problem(other, 422, "idempotency_mismatch")


def test_a09_the_key_may_come_from_the_payload(heed: Heed) -> None:
    run = a_binding(heed, mapping={**MAPPING, "idempotency_key": "{{ event_id }}"})["run_url"]

    heed.post(run, {**SAMPLE, "event_id": "e-1"})
    again = heed.call("POST", run, {**SAMPLE, "event_id": "e-1"})

    assert again.headers["Idempotency-Replayed"] == "true"


# what is wrong with a binding, and where it is said
WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"action": "fly"}, {"/action": "unknown_action"}),
    ({"mapping": {"phone": "x"}}, {"/mapping/phone": "unknown_field"}),
    ({"sample": {"body": {"phone": "nobody"}}}, {"/sample/number": "invalid_address"}),
    ({"sample": {}}, {"/sample": "recipient_needed"}),
    ({"mapping": {**MAPPING, "lists": ["nope"]}, "sample": SAMPLE}, {"/sample/lists/0": "unknown_list"}),
    ({"name": ""}, {"/name": "invalid"}),
    ({"name": None, "surprise": 1}, {"/name": "required", "/surprise": "unknown_field"}),
]


@pytest.mark.parametrize(("values", "faults"), WRONG)
def test_a09_a_binding_is_checked_whole_when_it_is_saved(
    heed: Heed, values: dict[str, Any], faults: dict[str, str]
) -> None:
    good = {"name": "b", "action": "add_to_opt_out", "mapping": MAPPING}
    path = f"/v1/bindings/{a_binding(heed)['id']}"

    assert pointers(heed.call("POST", "/v1/bindings", {**good, **values})) == faults
    if values.get("name", "x"):
        assert pointers(heed.call("PATCH", path, values)) == faults
    assert heed.get(path)["mapping"] == MAPPING


def test_a09_running_needs_the_scope_of_its_action(heed: Heed) -> None:
    run = a_binding(heed)["run_url"]

    problem(heed.call("POST", run, SAMPLE, key=key_with(heed, "read", "send")), 403)
    assert heed.call("POST", run, SAMPLE, key=key_with(heed, "write")).status_code == 200


def test_a09_pages_follow_each_other_without_gap_or_repeat(heed: Heed) -> None:
    made = [a_binding(heed, name=f"b{n}")["id"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = heed.get(f"/v1/bindings?limit=2&cursor={cursor}")
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == made
