"""Promises of the picker: whatever it offers can be put between braces and finds what was shown."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.attributes import attributes, shortened
from connector.domain.expressions import compile_expression
from connector.domain.mapping import resolve

CALL = {
    "contact": {"phone": "+14155550123", "first name": "Jane", "née": "Doe", 'a"b': 1, "": None},
    "contacts": [{"phone": "1", "tags": ["a", "b"], "at": {"city": "Bonn"}}, {"phone": "2", "tags": None}],
    "numbers": [1, 2],
    "empty": [],
}


def test_a_sample_is_offered_value_by_value():
    offered = {found["expression"]: found for found in attributes(CALL)}

    assert list(offered) == [
        "contact",
        "contact.phone",
        'contact."first name"',
        'contact."née"',
        'contact."a\\"b"',
        'contact.""',
        "contacts",
        "contacts[0]",
        "contacts[0].phone",
        "contacts[0].tags",
        "contacts[0].tags[0]",
        "contacts[0].at",
        "contacts[0].at.city",
        "contacts[*].phone",
        "contacts[*].tags",
        "contacts[*].at",
        "contacts[*].at.city",
        "numbers",
        "numbers[0]",
        "empty",
    ]
    assert offered["contact.phone"] == {
        "expression": "contact.phone",
        "label": "contact › phone",
        "type": "string",
        "sample": "+14155550123",
    }
    assert offered["contacts[0].phone"]["label"] == "contacts (first) › phone"
    assert offered["contacts[*].phone"]["label"] == "contacts (all) › phone"
    assert offered["contacts[*].phone"]["sample"] == ["1", "2"]
    assert offered["contacts[*].at.city"] == {
        "expression": "contacts[*].at.city",
        "label": "contacts (all) › at › city",
        "type": "array",
        "sample": ["Bonn"],
    }
    assert [offered[name]["type"] for name in ("numbers[0]", 'contact.""', "contact", "empty")] == [
        "integer",
        "null",
        "object",
        "array",
    ]


def test_a_list_at_the_top_is_offered_too_and_a_bare_value_is_not():
    assert [found["expression"] for found in attributes([{"phone": "1"}])] == ["[0]", "[0].phone", "[*].phone"]
    assert attributes("text") == attributes(None) == attributes({}) == []


KEYS = st.one_of(st.sampled_from(["phone", "first name", "a.b", "}}", "{{", '"', "\\", "", "é", "1", "\n"]), st.text())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inside: st.one_of(st.lists(inside, max_size=4), st.dictionaries(KEYS, inside, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=500)
@given(JSON)
def test_every_offered_expression_finds_the_sample(data):
    for found in attributes(data):
        value = compile_expression(found["expression"]).evaluate(data)
        filled = resolve({"field": f"{{{{ {found['expression']} }}}}"}, data, required=frozenset({"field"})).input

        assert shortened(value) == found["sample"]
        assert filled.get("field") == value


def test_a_huge_sample_is_offered_in_part_and_quickly():
    wide = {f"k{number}": {"a": list(range(1000))} for number in range(10_000)}
    table = [{f"k{column}": "x" * 500 for column in range(40)} for _ in range(10_000)]
    deep = {}
    for _ in range(900):
        deep = {"a": [deep]}

    assert len(attributes(wide)) == 500
    assert len(attributes(table)) == 81
    assert 0 < len(attributes(deep)) <= 500
    assert attributes({"k" * 300: 1, "b": 2}) == [{"expression": "b", "label": "b", "type": "integer", "sample": 2}]
    assert attributes({"a": "x" * 1000})[0]["sample"] == "x" * 100 + "…"
