"""Promises of mappings: the input is what the mapping says, data is only ever data, and no filter vanishes."""

import json

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.domain.errors import Fault
from connector.domain.mapping import check_mapping, resolve
from connector.domain.templates import render

FORM = {
    "contact": {"phone": "+14155550123", "email": None, "name": "Jane", "age": 41},
    "contacts": [{"phone": "+14155550123", "email": "a@example.com"}, {"phone": "+14155550124", "email": None}],
    "team": "sales",
    "teams": ["sales", "news"],
    "note": "",
    "nothing": [],
    "holes": ["sales", None, ""],
    "vip": False,
}


def made(mapping, data=FORM, required=frozenset(), **options):
    resolved = resolve(mapping, data, required=frozenset(required), **options)
    assert resolved.faults == ()
    return resolved.input


def faults(mapping, data=FORM, required=frozenset(), **options):
    resolved = resolve(mapping, data, required=frozenset(required), **options)
    return [(fault.pointer, fault.code) for fault in resolved.faults]


def test_an_expression_alone_keeps_its_type_and_text_around_it_makes_text():
    assert made(
        {
            "number": "{{ contact.phone }}",
            "age": "{{ contact.age }}",
            "vip": "{{ vip }}",
            "lists": "{{ teams }}",
            "reason": "{{ contact.name }} is {{ contact.age }}{{ contact.email }}, {{ vip }}, {{ teams }}",
            "channel": "sms",
            "limit": 5,
            "note": r"a \{{ brace }}",
            "padded": " {{ contact.age }}",
        }
    ) == {
        "number": "+14155550123",
        "age": 41,
        "vip": False,
        "lists": ["sales", "news"],
        "reason": 'Jane is 41, false, ["sales","news"]',
        "channel": "sms",
        "limit": 5,
        "note": "a {{ brace }}",
        "padded": " 41",
    }


def test_a_batch_is_mapped_by_one_expression_or_piece_by_piece():
    assert made({"recipients": "{{ contacts[*].{number: phone, email: email} }}"})["recipients"] == [
        {"number": "+14155550123", "email": "a@example.com"},
        {"number": "+14155550124", "email": None},
    ]
    assert made({"recipients": [{"number": "{{ contact.phone }}", "email": "{{ contact.email }}"}, {"number": "+1"}]})[
        "recipients"
    ] == [{"number": "+14155550123"}, {"number": "+1"}], "a member that is missing is left out"


@pytest.mark.parametrize(
    ("rules", "required", "expected"),
    [
        ({}, (), {}),  # optional: left out
        ({"reason": "null"}, (), {"reason": None}),
        ({"reason": "skip"}, ("reason",), {}),
        ({"reason": "null"}, ("reason",), {"reason": None}),
    ],
)
def test_what_is_missing_follows_the_rule_of_its_field(rules, required, expected):
    mapping = {"reason": "{{ contact.email }}"}

    assert made({**mapping, "$on_missing": rules}, required=required) == expected
    assert made(mapping, required=required, on_missing=rules) == expected


def test_what_is_missing_is_a_fault_for_a_required_field_or_where_asked():
    assert faults({"number": "{{ nope }}"}, required={"number"}) == [("/number", "missing")]
    assert faults({"reason": "{{ nope }}", "$on_missing": {"reason": "error"}}) == [("/reason", "missing")]
    assert faults({"reason": "{{ note }}", "$on_missing": {"reason": "error"}}) == [("/reason", "missing")]


def test_the_rule_in_the_mapping_beats_the_one_from_elsewhere():
    mapping = {"reason": "{{ nope }}", "$on_missing": {"reason": "null"}}

    assert made(mapping, on_missing={"reason": "error"}) == {"reason": None}


def test_an_empty_text_is_missing_for_an_optional_field_only():
    assert made({"reason": "{{ note }}", "text": ""}) == {}
    assert made({"reason": "{{ note }}", "text": ""}, required={"reason", "text"}) == {"reason": "", "text": ""}
    assert made({"reason": "{{ note }}{{ contact.email }}"}) == {}


def test_false_and_zero_are_values():
    assert made({"a": "{{ vip }}", "b": "{{ `0` }}", "c": "{{ nothing }}", "d": 0, "e": False, "f": None}) == {
        "a": False,
        "b": 0,
        "c": [],
        "d": 0,
        "e": False,
        "f": None,
    }


def test_inside_of_a_field_members_are_left_out_and_items_follow_the_rule():
    mapping = {"evidence": {"url": "{{ nope }}", "note": "{{ note }}", "by": "form", "empty": ""}}
    items = {"tags": ["{{ team }}", "{{ nope }}", "x"]}

    assert made(mapping) == {"evidence": {"by": "form", "empty": ""}}
    assert made({"evidence": {"url": "{{ nope }}"}}) == {}
    assert made({**mapping, "$on_missing": {"evidence": "null"}}) == {
        "evidence": {"url": None, "note": None, "by": "form", "empty": ""}
    }
    assert faults({**mapping, "$on_missing": {"evidence": "error"}}) == [
        ("/evidence/url", "missing"),
        ("/evidence/note", "missing"),
    ]
    assert made(items) == {"tags": ["sales", "x"]}
    assert made({**items, "$on_missing": {"tags": "null"}}) == {"tags": ["sales", None, "x"]}
    assert faults(items, required={"tags"}) == [("/tags/1", "missing")]


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ("{{ nope }}", ["/lists"]),
        ("{{ note }}", ["/lists"]),
        ("{{ nothing }}", ["/lists"]),
        ("{{ contacts[?phone == 'nobody'].phone }}", ["/lists"]),
        (["{{ nope }}"], ["/lists/0"]),
        (["default", "{{ nope }}"], ["/lists/1"]),  # else only "default" would be asked
        (["{{ note }}", "{{ team }}", "{{ nope }}"], ["/lists/0", "/lists/2"]),
        ("{{ holes }}", ["/lists/1", "/lists/2"]),
        ("{{ to_array(nope) }}", ["/lists/0"]),
        ([{"key": "{{ nope }}"}], ["/lists/0"]),
    ],
)
@pytest.mark.parametrize("rule", [None, "skip", "null"])
def test_a_filter_that_comes_out_empty_is_an_error_whatever_the_rule(value, pointers, rule):
    mapping = {"lists": value} if rule is None else {"lists": value, "$on_missing": {"lists": rule}}

    assert faults(mapping) == [(pointer, "empty_filter") for pointer in pointers]


def test_recipients_that_come_out_empty_are_an_error_too():
    assert faults({"recipients": "{{ contacts[?phone == 'nobody'] }}"}) == [("/recipients", "empty_filter")]
    assert faults({"recipients": [{"number": "{{ contact.phone }}"}, {"number": "{{ nope }}"}]}) == [
        ("/recipients/1", "empty_filter")
    ]


def test_a_constant_filter_says_what_its_writer_wants():
    assert made({"lists": [], "recipients": []}) == {"lists": [], "recipients": []}
    assert made({"lists": ["default"], "groups": "{{ nope }}"}) == {"lists": ["default"]}
    assert made({"lists": "{{ nope }}"}, filters=frozenset()) == {}


def test_every_fault_is_told_with_its_place():
    resolved = resolve(
        {
            "number": "{{ contact. }}",
            "a/b": {"c~d": ["ok", "{{ abs(team) }}"]},
            "lists": ["{{ open", "{{ team }}"],
            "text": "={{ $json.text }}",
            "note": "@{triggerBody()?['note']}",
            "reason": "fine",
        },
        FORM,
        required=frozenset({"number"}),
    )

    assert resolved.input == {"reason": "fine", "a/b": {"c~d": ["ok"]}, "lists": ["sales"]}
    assert [(fault.pointer, fault.code) for fault in resolved.faults] == [
        ("/number", "bad_expression"),
        ("/a~1b/c~0d/1", "expression_failed"),
        ("/lists/0", "bad_expression"),
        ("/text", "bad_expression"),
        ("/note", "bad_expression"),
    ]
    assert resolved.faults[0].detail == "at character 12: the expression ends too early"
    assert "write it as {{ text }}" in resolved.faults[3].detail
    assert "write it as {{ note }}" in resolved.faults[4].detail


def test_a_mapping_deeper_than_anyone_writes_is_refused():
    deep = "{{ team }}"
    for _ in range(900):
        deep = [deep]

    assert [code for _, code in faults({"evidence": deep})] == ["too_deep"]
    assert [fault.code for fault in check_mapping({"evidence": deep}, {}, lambda schema, value: [])] == ["too_deep"]


def test_data_that_is_very_deep_is_a_fault_at_most():
    data = {"deep": 1}
    for _ in range(100_000):
        data = {"deep": [data]}
    mapping = {"text": "{{ deep }}", "reason": "x{{ deep }}", "lists": "{{ deep }}", "evidence": {"a": "{{ @ }}"}}

    assert {code for _, code in faults(mapping, data, templates=frozenset({"text"}))} == {"expression_failed"}


def test_hostile_expressions_of_one_mapping_share_one_budget():
    data = {"rows": [{"k": str(number)} for number in range(20_000)]}
    mapping = {f"field{number}": "{{ rows[?k > 'a'].k }}" for number in range(500)}

    resolved = resolve(mapping, data, required=frozenset())

    assert {fault.code for fault in resolved.faults} == {"expression_failed"}


#: What may come out of data: braces in every position, and the names of things that must not be found.
NASTY = st.one_of(
    st.text("{}\\'\" secret", max_size=12),
    st.sampled_from(["{{ secret }}", "{", "\\", "{{", "}}", " secret }}", "\\{{ secret }}", "{{ '", "' }}"]),
)


@given(NASTY)
def test_data_is_never_evaluated_whatever_braces_it_holds(nasty):
    data = {"a": nasty, "secret": "SECRET"}

    if nasty:
        assert made({"text": "{{ a }}"}, data) == {"text": nasty}
    assert made({"text": "x{{ a }}y"}, data) == {"text": f"x{nasty}y"}
    assert made({"tags": ["-", "{{ {b: a} }}"]}, data) == {"tags": ["-", {"b": nasty}]}


@settings(max_examples=1000)
@given(NASTY, NASTY, NASTY)
@example("{", "{ secret }}", "")
@example("\\", "", "{")
@example("x", "{", "{{ '")
def test_data_in_a_template_for_later_is_not_evaluated_later_either(one, two, three):
    data = {"a": one, "b": two, "c": three, "secret": "SECRET"}
    mapping = {
        "text": r"{{ a }}{{ b }}\{{ first_name }}{{ c }}{ secret }}{{ a }}",
        "subject": "{{ a }}",
        "steps": [{"text": "{{ c }}{{ b }}", "more": "{{ {d: a} }}"}],
    }

    resolved = resolve(
        mapping, data, required=frozenset({"subject"}), templates=frozenset({"text", "subject", "steps"})
    )

    later = {"first_name": "Jane", "secret": "SECRET"}
    assert resolved.faults == ()
    assert render(resolved.input["text"], later) == f"{one}{two}Jane{three}{{ secret }}}}{one}"
    assert render(resolved.input["subject"], later) == one
    assert render(resolved.input["steps"][0].get("text", ""), later) == three + two
    assert render(resolved.input["steps"][0]["more"]["d"], later) == one


def test_a_placeholder_for_later_can_not_be_put_together_from_data():
    mapping = {"text": r"Hi \{{ {{ field }} }}"}

    assert faults(mapping, {"field": "secret"}, templates=frozenset({"text"})) == [("/text", "bad_expression")]
    assert faults(mapping, {"field": "secret"}) == [], "in other fields braces mean nothing later"


SCHEMA = {
    "type": "object",
    "required": ["number"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": ["string", "integer"]},
        "channel": {"type": "string", "enum": ["sms", "email"]},
        "limit": {"type": "integer", "minimum": 1},
        "reason": {"type": "string", "maxLength": 20},
        "lists": {"type": "array", "items": {"type": "string"}},
        "recipients": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"number": {"type": "string"}, "age": {"type": "integer"}},
            },
        },
        "evidence": {"type": "object"},
        "text": {"type": "string"},
    },
}


def validate(schema, value):
    """A validator as the engine has one."""
    errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
    return [Fault("".join(f"/{part}" for part in error.absolute_path), error.validator, "") for error in errors]


def checked(mapping, **options):
    return [(fault.pointer, fault.code) for fault in check_mapping(mapping, SCHEMA, validate, **options)]


def test_a_good_mapping_has_no_faults():
    mapping = {
        "number": "{{ contact.phone }}",
        "channel": "sms",
        "limit": "{{ contact.age }}",
        "reason": "From {{ team }}",
        "lists": ["default", "{{ team }}"],
        "recipients": [{"number": "{{ a }}", "age": 5}],
        "evidence": {"any": {"thing": ["{{ a }}"]}},
        "text": r"Hi \{{ first_name }}",
        "$on_missing": {"reason": "null", "lists": "error"},
    }

    assert checked(mapping, templates=frozenset({"text"})) == []


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({}, ("/number", "required")),
        ({"number": ""}, None),  # the schema decides
        ({"number": "+1", "channel": "pigeon"}, ("/channel", "enum")),
        ({"number": "+1", "channel": ""}, None),  # left empty
        ({"number": "+1", "channel": None}, None),
        ({"number": "+1", "limit": "5"}, ("/limit", "type")),
        ({"number": "+1", "limit": 0}, ("/limit", "minimum")),
        ({"number": "+1", "limit": "{{ a }}{{ b }}"}, ("/limit", "wrong_type")),  # always text
        ({"number": "+1", "reason": "x" * 21}, ("/reason", "maxLength")),
        ({"number": "+1", "reason": r"\{{" + "x" * 18}, None),  # 20 characters, as it will be
        ({"number": "+1", "lists": {"a": "{{ b }}"}}, ("/lists", "wrong_type")),
        ({"number": "+1", "lists": ["{{ a }}", 5]}, ("/lists/1", "type")),
        ({"number": "+1", "evidence": ["{{ a }}"]}, ("/evidence", "wrong_type")),
        ({"number": "+1", "recipients": [{"number": "{{ a }}", "age": "x"}]}, ("/recipients/0/age", "type")),
        ({"number": "+1", "recipients": [{"name": "{{ a }}"}]}, ("/recipients/0/name", "unknown_field")),
        ({"number": "+1", "chanel": "sms"}, ("/chanel", "unknown_field")),
        ({"number": "{{ a. }}"}, ("/number", "bad_expression")),
        ({"number": "={{ $json.phone }}"}, ("/number", "bad_expression")),
        ({"number": "@{triggerBody()?['phone']}"}, ("/number", "bad_expression")),
        ({"number": "{{trigger['output'].a}}"}, ("/number", "bad_expression")),
        ({"number": "{{1.a}}"}, ("/number", "bad_expression")),
        ({"number": "+1", "evidence": {"a/b": ["{{ a"]}}, ("/evidence/a~1b/0", "bad_expression")),
        ({"number": "+1", "text": r"{{ a }} \{{ first name }}"}, ("/text", "bad_expression")),  # bad later
        ({"number": "+1", "$on_missing": {"reason": "ignore"}}, ("/$on_missing/reason", "not_allowed")),
        ({"number": "+1", "$on_missing": {"raeson": "skip"}}, ("/$on_missing/raeson", "unknown_field")),
        ({"number": "+1", "$on_missing": {"lists": "skip"}}, ("/$on_missing/lists", "not_allowed")),
        ({"number": "+1", "$on_missing": "skip"}, ("/$on_missing", "wrong_type")),
    ],
)
def test_a_mapping_is_checked_whole_before_it_has_seen_data(mapping, expected):
    assert checked(mapping, templates=frozenset({"text"})) == ([] if expected is None else [expected])


def test_all_faults_of_a_mapping_are_told_at_once_with_help():
    found = check_mapping({"chanel": "sms", "limit": "five", "reason": "{{ 1.a }}"}, SCHEMA, validate)

    assert [fault.pointer for fault in found] == ["/chanel", "/limit", "/reason", "/number"]
    assert found[0].detail == "there is no such field; perhaps channel"
    assert found[2].detail == (
        "at character 4: '1' is not expected here; write it as {{ a }}, the path in the data that is sent here"
    )


def test_rules_that_are_no_rules_do_not_stop_a_mapping_from_being_filled():
    for rules in ("skip", None, [], {"reason": "ignore"}, {"reason": ["x"]}):
        assert made({"reason": "{{ nope }}", "$on_missing": rules}) == {}


def test_the_input_can_be_written_as_json():
    json.dumps(made({"a": "{{ contacts }}", "b": "{{ @ }}", "c": "x{{ @ }}"}))
