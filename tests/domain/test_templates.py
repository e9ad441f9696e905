"""Promises of texts with {{ expressions }}: they are filled as written, and what fills them is never read again."""

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.domain.expressions import BadExpression, Expression, ExpressionFailed, compile_expression
from connector.domain.templates import MissingAttribute, joined, placeholders, read_template, render, write_template

JANE = {
    "first_name": "Jane",
    "age": 41,
    "vip": True,
    "score": 1.5,
    "tags": ["a", "é"],
    "last name": "Doe",
    "none": None,
    "empty": "",
    "evil": "{{ age }} \\{{ age }}",
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("Hello", "Hello"),
        ("Hi {{ first_name }}!", "Hi Jane!"),
        ("Hi {{first_name}}!", "Hi Jane!"),
        ('Dear Ms {{ "last name" }}', "Dear Ms Doe"),
        ("{{ age }}", "41"),
        ("{{ vip }} {{ score }} {{ tags }}", 'true 1.5 ["a","é"]'),  # not strings: as JSON
        ("{{ nickname || first_name }}", "Jane"),
        ("{{ empty }}.", "."),
        ("{{ '}}' }} {{ `\"{{\"` }}", "}} {{"),  # braces in quotes
        ("{{ {a: age}.a }}", "41"),
        ("{{{a: age}}}", '{"a":41}'),
        ("{{ upper(first_name) }}", "JANE"),
        ("{{ evil }}", "{{ age }} \\{{ age }}"),  # a value is never read as a template
        (r"\{{ first_name }}", "{{ first_name }}"),
        (r"\\{{ first_name }}", r"\Jane"),
        (r"\\\{{ first_name }}", r"\{{ first_name }}"),
        (r"C:\dir\ {{ age }}", "C:\\dir\\ 41"),  # other backslashes are backslashes
        ("}} { {a} }", "}} { {a} }"),  # braces that open nothing
        ("{{ first_name }}{{ age }}", "Jane41"),
    ],
)
def test_a_text_is_filled(text, rendered):
    assert render(text, JANE) == rendered


@pytest.mark.parametrize("text", ["Hi {{ nickname }}", "Hi {{ none }}", "Hi {{ tags[7] }}"])
def test_a_missing_attribute_is_named(text):
    with pytest.raises(MissingAttribute) as missing:
        render(text, JANE)

    assert missing.value.name == text[6:-3]
    assert isinstance(missing.value, ExpressionFailed)


def test_a_text_that_fails_for_a_person_does_not_repeat_who_it_is():
    with pytest.raises(ExpressionFailed) as failed:
        render("{{ abs(first_name) }}", JANE)

    assert "Jane" not in failed.value.detail


@pytest.mark.parametrize(
    ("text", "position", "detail"),
    [
        ("Hi {{ name", 3, "has no }}"),
        ("Hi {{ name }", 3, "has no }}"),
        ("Hi {{ 'name }}", 6, "is not expected"),
        ("Hi {{ it's }} and it's", 3, "open quote"),
        ("Hi {{ first name }}", 12, "'n' is not expected"),
        ("Hi {{ }}", 6, "no expression"),
        ("Hi {{ {a: b }}", 3, "open quote or brace"),
        ("Hi {{ " + "a" * 300 + " }}", 262, "at most 256"),
        ("Hi {{ " + "a" * 900 + " }}", 3, "longer than 256"),
        ("{{ $json.name }}", 3, "write it as {{ name }}"),
        ("{{ first_name | default: 'there' }}", 23, "write it as {{ first_name || 'there' }}"),
        ("{{1.name}}", 2, "write it as {{ name }}"),
        ("{{trigger['output'].name}}", 10, "write it as {{ name }}"),
    ],
)
def test_a_bad_text_says_where_and_why(text, position, detail):
    with pytest.raises(BadExpression) as refused:
        read_template(text)

    assert detail in refused.value.detail
    assert refused.value.position == position


def test_placeholders_are_named_once_and_in_order():
    assert placeholders("{{ b }} {{a}} {{ b }} \\{{ c }}") == ("b", "a")
    assert placeholders("no braces") == ()


#: Texts in which braces, backslashes and quotes meet in every way.
NASTY = st.text("{}\\'\"` ax", max_size=12)
EXPRESSION = st.sampled_from([part for part in read_template("{{ a }} {{ '}}' }} {{ {a: b} }}") if part != " "])
PARTS = st.lists(st.one_of(NASTY, EXPRESSION), max_size=8).map(joined)


@settings(max_examples=2000)
@given(PARTS)
@example(joined(["{", *read_template("{{ a }}")]))
@example(joined(["{{{", *read_template("{{ a }}")]))
@example(joined(["\\{", *read_template("{{ a }}")]))
@example(joined(["\\\\", *read_template("{{ a }}")]))
@example(joined(["\\{{\\", *read_template("{{ a }}")]))
def test_a_text_that_is_written_reads_as_what_it_was_made_of(parts):
    read = read_template(write_template(parts))

    # A brace before an expression can only be written as an expression itself.
    assert joined("{" if part == compile_expression("'{'") else part for part in read) == parts


@given(NASTY)
def test_a_plain_text_that_is_written_holds_no_expression(plain):
    assert not any(isinstance(part, Expression) for part in read_template(write_template(joined([plain]))))
    assert render(write_template(joined([plain])), {}) == plain


@pytest.mark.parametrize(
    "text",
    [
        "\\" * 200_000 + "{",
        "{{ '" * 50_000,
        "{" * 200_000,
        "{{ a }} " * 20_000,
        "\\{{" * 60_000,
    ],
)
def test_a_long_text_is_read_in_one_go(text):
    started = time.process_time()
    with contextlib.suppress(BadExpression):
        read_template(text)

    assert time.process_time() - started < 1
