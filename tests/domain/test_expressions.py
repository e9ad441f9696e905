"""Promises of the mapping language: it finds what people point at, and no expression can hurt the service."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.expressions import BadExpression, Budget, ExpressionFailed, compile_expression

FLOW = {
    "contact": {"phone": "+14155550123", "first name": "Jane", "age": 41, "tags": ["vip", "eu"], "email": None},
    "contacts": [
        {"phone": "(415) 555-0123", "email": "jane@example.com", "ok": True},
        {"phone": "by mail", "email": "", "ok": False},
        {"phone": None, "email": "joe@example.com", "ok": True},
    ],
    "orders": [{"items": [{"sku": "a"}, {"sku": "b"}]}, {"items": [{"sku": "c"}]}],
    "note": " Bye ",
    "price": 12.5,
    "mobile": 4155550123.0,
}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("contact.phone", "+14155550123"),
        ('contact."first name"', "Jane"),
        ("contact.age", 41),
        ("contact.tags", ["vip", "eu"]),
        ("contact.tags[0]", "vip"),
        ("contact.tags[-1]", "eu"),
        ("contact.email", None),
        ("contact.nope.deeper", None),
        ("contact.items", None),  # a key, never a method of the value
        ("contact.__class__", None),
        ("price", 12.5),
        ("contacts[?ok].email", ["jane@example.com", "joe@example.com"]),
        ("contacts[*].{number: phone} | [0]", {"number": "(415) 555-0123"}),
        ("orders[].items[].sku", ["a", "b", "c"]),
        ("orders[*].items[*].sku", [["a", "b"], ["c"]]),
        ("contact.nickname || contact.\"first name\" || 'there'", "Jane"),
        ("contact.age > `40` && 'old' || 'young'", "old"),
        ("length(contacts)", 3),
        ("join(', ', contact.tags)", "vip, eu"),
        ("sort_by(contacts[?email], &email)[0].email", "jane@example.com"),
        ("to_string(contact.tags)", '["vip","eu"]'),
        ("e164(contacts[0].phone, 'US')", "+14155550123"),
        ("e164(contact.phone, `null`)", "+14155550123"),
        ("e164(mobile, 'US')", "+14155550123"),  # a float, as JSON makes of it
        ("e164('nobody', 'US')", None),  # no number is nothing, and on_missing decides
        ("e164(contact.email, 'US')", None),
        ("lower('ÀB')", "àb"),
        ("upper('àb')", "ÀB"),
        ("trim(note)", "Bye"),
        ("digits('(٤15) 555-0123')", "4155550123"),
        ("digits(mobile)", "4155550123"),
        ("replace(note, 'B', 'b')", " bye "),
        ("replace(note, '', 'b')", " Bye "),
        ("lower(contact.email)", None),  # what is missing stays missing
        ("map(&e164(phone, 'US'), contacts)", ["+14155550123", None, None]),
    ],
)
def test_an_expression_finds_what_it_points_at(source, found):
    assert compile_expression(source).evaluate(FLOW) == found


def test_a_batch_is_mapped_in_one_expression():
    found = compile_expression("contacts[?ok].{number: phone, email: email}").evaluate(FLOW)

    assert found == [
        {"number": "(415) 555-0123", "email": "jane@example.com"},
        {"number": None, "email": "joe@example.com"},
    ]


@pytest.mark.parametrize(
    ("source", "position", "detail"),
    [
        ("", 0, "no expression"),
        ("   ", 0, "no expression"),
        ("contact.", 8, "too early"),
        ("contact..phone", 8, "'.' is not expected"),
        ("contact phone", 8, "'p' is not expected"),
        ("$json.phone", 0, "'$' is not expected"),
        ("1.phone", 0, "'1' is not expected"),
        ("trigger['output'].a", 8, "is not expected"),
        ("contact.phone }} {{ x", 14, "'}' is not expected"),
        ("'open", 0, "is not expected"),
        ("`{open`", 0, "must be JSON"),
        ("`bare`", 0, "must be JSON"),  # the library takes it, with a warning
        ("`NaN`", 0, "must be JSON"),
        ("a == `1` || b == `2` || c == `x`", 29, "must be JSON"),
        ("a[::0]", 0, "can't be 0"),
        ("now()", 0, "no function now()"),
        ("lower(a, b)", 0, "lower() takes 1 value"),
        ("a || replace(b)", 5, "replace() takes 3 values"),
        ("not_null()", 0, "takes 1 value"),
        ("&a", 0, "can only be given to map"),
        ("a || &b", 0, "can only be given to map"),
        ("type(&a)", 0, "can only be given to map"),
        ("map(a, b)", 0, "can only be given to map"),
        ("map(&&a, b)", 4, "'&' is not expected"),
        ("map(& &a, b)", 0, "can only be given to map"),
        ("[a, b]", 0, "one with keys in { } can"),
        ("a.[b, c]", 0, "one with keys in { } can"),
        ("{a: {b: c}}", 0, "inside of, or on the result of"),
        ("{a: @} | {b: @}", 0, "inside of, or on the result of"),
        ("x[*].{a: @}.{b: @}", 0, "inside of, or on the result of"),
        ("map(&{a: @}, values({b: @, c: @}))", 0, "inside of, or on the result of"),
        ("a" * 257, 256, "at most 256 characters"),
        ("a" + "||a" * 64, 0, "at most 64 parts"),
        ("!" * 100 + "a", 0, "at most 64 parts"),
        ("(" * 1000 + "a" + ")" * 1000, 256, "at most 256 characters"),
    ],
)
def test_a_bad_expression_says_where_and_why(source, position, detail):
    with pytest.raises(BadExpression) as refused:
        compile_expression(source)

    assert detail in refused.value.detail
    assert refused.value.position == position


@pytest.mark.parametrize(
    "source",
    [
        "contacts[*].{number: phone} || {number: contact.phone}",  # side by side
        "merge({a: note}, {b: price})",
        "(" * 100 + "a" + ")" * 100,
        "a[99999999999999999999999:]",
        "a[-99999999999999999999999]",
        '"é "',
        '`{"a": [1, "}}"]}`',
    ],
)
def test_unusual_expressions_that_do_no_harm_are_taken(source):
    compile_expression(source).evaluate(FLOW)


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("abs(note)", "abs() needs number and was given string"),
        ("join(', ', contact)", "join() needs list of string and was given object"),
        ("join(', ', contacts)", "join() needs list of string and was given object"),
        ("sort_by(contacts, &ok)", "sort_by() needs"),
        ("upper(price)", "upper() needs string or null and was given number"),
        ("e164(contact, 'US')", "e164() needs"),
        ("e164(contact.phone, `1`)", "e164() needs"),
        ("contains('abc', `1`)", "can't be worked out"),  # a TypeError in the library
        ("to_number('1e999')", "too large or none"),
        ("to_number('nan')", "too large or none"),
        ("ceil(to_number('inf'))", "can't be worked out"),
        ("sum(map(&to_number(@), to_array('1e308')))  == `1` || abs(`1e999`)", "too large or none"),
    ],
)
def test_wrong_values_are_a_fault_that_does_not_repeat_them(source, detail):
    with pytest.raises(ExpressionFailed) as failed:
        compile_expression(source).evaluate(FLOW)

    assert detail in failed.value.detail
    assert "Bye" not in failed.value.detail


def hostile_data():
    """About 1.5 MB of JSON, as large as a call may be."""
    return {
        "list": [str(number) for number in range(60_000)],
        "rows": [{"k": f"key {number}", "v": number} for number in range(20_000)],
        "text": "ab" * 300_000,
        "many": {f"k{number}": number for number in range(10_000)},
    }


@pytest.mark.parametrize(
    "source",
    [
        "join(text, list)",  # 36 GB
        "replace(text, 'a', text)",
        "replace(replace(replace(text, 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')",
        "map(&`[1,2,3,4,5,6,7,8,9,10]`, list)",
        "map(&to_string(@), rows)",
        "rows[*].to_string(@)",
        "rows[*].{" + ",".join(f"k{number}: @" for number in range(28)) + "}",
        "{" + ",".join(f"k{number}: @" for number in range(28)) + "}",
        "to_string({" + ",".join(f"k{number}: @" for number in range(28)) + "})",
        "values({" + ",".join(f"k{number}: list" for number in range(24)) + "})[] | sort(@)",
        "sort_by(rows, &join(k, map(&k, to_array(@))))",
        "sort(list)|sort(@)|sort(@)|sort(@)|sort(@)|sort(@)|sort(@)|sort(@)|sort(@)|sort(@)",
        "list[?contains(@, '1')][?contains(@, '2')][?contains(@, '3')][?contains(@, '4')]",
        "rows[?rows == rows && @ == @ && !(@ != @) && k == k && v >= v]",
        "digits(text) || digits(text) || digits(text)",
        "upper(upper(upper(upper(upper(upper(upper(upper(upper(text)))))))))",
        "many.* | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*] | [*]",
        "to_string(to_string(to_string(to_string(@))))",
        "map(&e164(@, 'US'), list)",
        "min_by(rows, &to_string(@))",
        "@ == @ && @ == @ && @ == @ && @ == @ && @ == @ && @ == @ && @ == @ && @ == @",
        "@",
    ],
)
def test_no_expression_takes_long_or_makes_much(source):
    expression, data = compile_expression(source), hostile_data()

    started = time.process_time()
    try:
        found = expression.evaluate(data)
    except ExpressionFailed:
        found = None
    took = time.process_time() - started

    assert took < 0.5, "about 0.1 s, and what a busy machine adds"
    assert weight(found) <= 2_000_000


def weight(value):
    if isinstance(value, dict):
        return 1 + sum(map(weight, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(weight, value))
    return len(value) if isinstance(value, str) else 1


def test_doubling_a_list_at_each_step_is_not_part_of_the_language():
    with pytest.raises(BadExpression):
        compile_expression("|".join(["[@,@][]"] * 22))


def test_the_expressions_of_one_mapping_share_one_budget():
    expression, data, budget = compile_expression("rows[?v > `5`].k"), hostile_data(), Budget()

    expression.evaluate(data, budget)

    with pytest.raises(ExpressionFailed, match="too much work"):
        expression.evaluate(data, budget)


def test_data_that_is_very_deep_is_a_fault_at_most():
    deep = []
    for _ in range(100_000):
        deep = [deep]

    for source in ("@ == `1`", "to_string(@)", "@[0]", "contains(@, `1`)"):
        with contextlib.suppress(ExpressionFailed):
            compile_expression(source).evaluate(deep)
    with pytest.raises(ExpressionFailed, match="nested deeper than 100 levels"):
        compile_expression("@").evaluate(deep)


@settings(max_examples=500)
@given(st.text("ab.[]*?@&|{}():,'\"`\\1-=<>! \n", max_size=40))
def test_any_text_either_compiles_or_says_what_is_wrong(source):
    refusal = None
    try:
        expression = compile_expression(source)
    except BadExpression as refused:
        refusal = refused
    else:
        with contextlib.suppress(ExpressionFailed):
            expression.evaluate({"a": [{"b": 1}, {"a": "x"}], "b": {"a": None}})

    assert refusal is None or (refusal.detail and 0 <= refusal.position <= len(source))
