"""A06, A08: an action's input from a flow's data: checked, previewed, typed when it runs; data is never evaluated."""

from typing import Any

import pytest

from tests.heed import Heed
from tests.oracles import pointers, problem, row_counts

MAPPED, PREVIEW = "/v1/actions/add_to_opt_out/mapped", "/v1/actions/add_to_opt_out/preview"
DATA = {
    "contact": {"phone": 14155550123, "mail": "ada@example.com", "name": "Ada", "none": None, "empty": ""},
    "people": [{"phone": "+14155550124"}, {"phone": "+14155550125", "email": "cy@example.com"}],
    "channel": "sms", "lists": ["default"], "at": "2026-03-02T10:00:00Z",
}  # fmt: skip


def previewed(heed: Heed, mapping: dict[str, Any], data: Any = None) -> dict[str, Any]:
    rows = row_counts(heed)
    answer = heed.post(PREVIEW, {"mapping": mapping, "data": DATA if data is None else data})
    assert row_counts(heed) == rows, "a preview has no effect"
    assert set(answer) == {"input", "problems"}
    return answer


def test_a06_each_field_takes_a_constant_or_an_attribute(heed: Heed) -> None:
    mapping = {"number": "{{ contact.phone }}", "channel": "{{ channel }}", "reason": "{{ contact.name }} asked"}

    answer = heed.post(MAPPED, {"mapping": mapping, "data": DATA})

    assert answer["results"][0]["number"] == "+14155550123"
    event = heed.act("get_consent_history", number="+14155550123")["events"][0]
    assert (event["channel"], event["reason"]) == ("sms", "Ada asked")


def test_a08_alone_an_expression_keeps_its_type_and_within_text_it_becomes_text(heed: Heed) -> None:
    mapping = {
        "number": "{{ contact.phone }}", "lists": "{{ lists }}", "reason": "no. {{ contact.phone }}",
        "evidence": {"person": "{{ contact }}", "n": 7},
    }  # fmt: skip

    assert previewed(heed, mapping) == {
        "input": {"number": 14155550123, "lists": ["default"], "reason": "no. 14155550123",
                  "evidence": {"person": DATA["contact"], "n": 7}},
        "problems": [],
    }  # fmt: skip


def test_a06_a_batch_is_mapped_in_one_expression(heed: Heed) -> None:
    mapping = {"recipients": "{{ people[*].{number: phone, email: email} }}"}

    results = heed.post(MAPPED, {"mapping": mapping, "data": DATA})["results"]

    assert [one.get("number") or one["email"] for one in results] == [
        "+14155550124", "+14155550125", "cy@example.com",
    ]  # fmt: skip


def test_a08_braces_in_the_data_stay_what_they_are(heed: Heed) -> None:
    data = {"n": "+14155550123", "why": "{{ contact.phone }} ={{ x }} @{y}"}

    answer = previewed(heed, {"number": "{{ n }}", "reason": "{{ why }}"}, data)

    assert answer == {"input": {"number": data["n"], "reason": data["why"]}, "problems": []}


def test_a08_an_address_that_comes_out_as_a_template_is_refused(heed: Heed) -> None:
    body = {"mapping": {"number": "{{ n }}"}, "data": {"n": "{{ contact.phone }}"}}

    assert pointers(heed.call("POST", MAPPED, body)) == {"/number": "unresolved_template"}


# mapping, where and what is wrong before it has seen any data
BROKEN: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"number": "{{ contact.phone }}", "numbr": "x"}, {"/numbr": "unknown_field"}),
    ({"number": "{{ contact. }}"}, {"/number": "bad_expression"}),
    ({"number": "{{ contact.phone"}, {"/number": "bad_expression"}),
    ({"number": "{{ n }}", "channel": "fax"}, {"/channel": "not_allowed"}),  # a constant of the wrong kind
    ({"number": "{{ n }}", "lists": "default"}, {"/lists": "wrong_type"}),
    ({"number": "{{ n }}", "lists": "a {{ n }}"}, {"/lists": "wrong_type"}),  # text where a list is asked for
    ({"number": "{{ n }}", "evidence": 5}, {"/evidence": "wrong_type"}),
    ({"number": "={{ $json.phone }}"}, {"/number": "bad_expression"}),  # another builder's
    ({"number": "{{ [n, n] }}"}, {"/number": "not_allowed_here"}),  # multi-select lists double
    ({"number": "{{ n }}", "$on_missing": {"reason": "maybe"}}, {"/$on_missing/reason": "not_allowed"}),
    ({"numbr": 1, "channel": "fax", "reason": "{{"}, {
        "/numbr": "unknown_field", "/channel": "not_allowed", "/reason": "bad_expression"}),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "faults"), BROKEN)
def test_a08_what_is_wrong_with_a_mapping_is_said_at_once_wherever_it_is_given(
    heed: Heed, mapping: dict[str, Any], faults: dict[str, str]
) -> None:
    problems = previewed(heed, mapping)["problems"]
    ran = pointers(heed.call("POST", MAPPED, {"mapping": mapping, "data": DATA}))
    saved = pointers(heed.call("POST", "/v1/bindings", {"name": "b", "action": "add_to_opt_out", "mapping": mapping}))

    assert {one["pointer"] for one in problems} == set(ran) == set(faults)
    assert saved == {f"/mapping{pointer}": code for pointer, code in ran.items()}
    for pointer, code in faults.items():
        if code not in ("bad_expression", "not_allowed_here"):  # the language's own codes have their own tests
            assert ran[pointer] == code


# a mapping that is right, and what comes out wrong for this data
OUTCOMES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"number": "{{ contact.none }}"}, {"": "recipient_needed"}),
    ({"number": "{{ contact.name }}"}, {"/number": "invalid_address"}),
    ({"number": "{{ contact.phone }}", "channel": "{{ contact.name }}"}, {"/channel": "not_allowed"}),
    ({"number": "{{ contact.phone }}", "reason": "{{ contact }}"}, {"/reason": "wrong_type"}),
    # A filter that maps to nothing is never "no filter".
    ({"number": "{{ contact.phone }}", "lists": "{{ nothing }}"}, {"/lists": "empty_filter"}),
    ({"number": "{{ contact.phone }}", "lists": ["{{ contact.empty }}"]}, {"/lists/0": "empty_filter"}),
    ({"recipients": "{{ nobody[*].{number: phone} }}"}, {"/recipients": "empty_filter"}),
    ({"number": "{{ contact.phone }}", "lists": ["nope"]}, {"/lists/0": "unknown_list"}),
    ({"number": "{{ contact.phone }}", "occurred_at": "2999-01-01T00:00:00Z"}, {"/occurred_at": "bad_format"}),
    ({"number": "{{ at }}", "reason": "{{ x }}", "$on_missing": {"reason": "error"}}, {"/reason": "missing"}),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "faults"), OUTCOMES)
def test_a08_the_preview_says_what_the_run_would_say(
    heed: Heed, mapping: dict[str, Any], faults: dict[str, str]
) -> None:
    rows = row_counts(heed)
    problems = {one["pointer"]: one["code"] for one in previewed(heed, mapping)["problems"]}
    ran = pointers(heed.call("POST", MAPPED, {"mapping": mapping, "data": DATA}))

    assert problems == ran == faults
    assert row_counts(heed) == rows


def test_a08_what_is_missing_for_an_optional_field_is_left_out_unless_asked_otherwise(heed: Heed) -> None:
    mapping = {"number": "{{ contact.phone }}", "reason": "{{ contact.empty }}", "email": "{{ contact.none }}"}

    assert previewed(heed, mapping)["input"] == {"number": 14155550123}


def test_a08_a_hostile_literal_is_no_way_past_the_reading_of_bodies(heed: Heed) -> None:
    # A JSON literal of the expression language may spell what a body may not: NUL, half a surrogate pair.
    for literal in ('"a\\u0000b"', '"\\ud83d"'):
        body = {"mapping": {"number": "+14155550123", "reason": f"{{{{ `{literal}` }}}}"}, "data": {}}
        rows = row_counts(heed)
        answer = heed.call("POST", MAPPED, body)
        problem(answer, answer.status_code)
        assert 400 <= answer.status_code < 500
        assert row_counts(heed) == rows


def test_a08_the_alias_of_a_field_is_the_field_in_a_mapping_too(heed: Heed) -> None:
    body = {"mapping": {"number": "{{ n }}", "requireOptIn": True}, "data": {"n": "+14155550123"}}

    assert heed.post("/v1/actions/check_consent/mapped", body)["allowed"] is False
    assert heed.post("/v1/actions/check_consent/preview", body)["problems"] == []


def test_a08_a_template_field_keeps_its_own_braces_for_later(heed: Heed) -> None:
    mapping = {
        "sender": heed.sender()["id"], "text": "Hi \\{{ first_name }}, {{ shop }}",
        "recipients": [{"number": "{{ n }}", "attributes": {"first_name": "Ada"}}], "async": True,
    }  # fmt: skip
    data = {"shop": "{{ evil }}", "n": "+14155550123"}

    preview = heed.post("/v1/actions/send_with_suppression/preview", {"mapping": mapping, "data": data})

    assert preview["problems"] == []
    assert preview["input"]["text"] == "Hi {{ first_name }}, \\{{ evil }}"


def test_a08_mapping_and_data_are_both_needed(heed: Heed) -> None:
    for path in (MAPPED, PREVIEW):
        assert pointers(heed.call("POST", path, {})) == {"/mapping": "required", "/data": "required"}
        assert heed.call("POST", path, {"mapping": {"number": "+14155550123"}, "data": None}).status_code == 200


def test_a08_a_preview_shows_what_the_sound_fields_come_out_as_beside_the_faults_of_others(heed: Heed) -> None:
    answer = previewed(heed, {"number": "{{ contact.phone }}", "reason": "{{ contact. }}", "channel": "fax"})

    assert answer["input"] == {"number": 14155550123}
    assert {one["pointer"] for one in answer["problems"]} == {"/reason", "/channel"}
