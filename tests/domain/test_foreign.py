"""Promises about other builders' templates: one that was not filled is noticed, one that is pasted is explained."""

import pytest

from connector.domain.foreign import foreign, hint, unresolved


@pytest.mark.parametrize("value", ["{{ phone }}", "={{ $json.phone }}", "@{triggerBody()?['a']}", "phone }}", "a{{b"])
def test_a_value_with_a_template_in_it_is_unresolved(value):
    assert unresolved(value)


@pytest.mark.parametrize("value", ["", "+14155550123", "a{b}c", "jane@example.com", "{ {", "}", "={x}", "50 @ {x}"])
def test_other_values_are_not(value):
    assert not unresolved(value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("={{ $json.contact.phone }}", "{{ contact.phone }}"),  # n8n
        ('{{ $json["contact"]["phone"] }}', "{{ contact.phone }}"),
        ("{{ $json.contacts[0].phone }}", "{{ contacts[0].phone }}"),
        ('{{ $node["Webhook"].json.phone }}', "{{ phone }}"),
        ("{{ $('Webhook').item.json.body.phone }}", "{{ body.phone }}"),
        ("={{ contact.phone }}", "leave out the ="),
        ("{{trigger['output'].phone}}", "{{ phone }}"),  # Activepieces
        ("{{step_1['output']['contact']['phone']}}", "{{ contact.phone }}"),
        ("{{1.phone}}", "{{ phone }}"),  # Make
        ("{{123456789__contact__phone}}", "{{ contact.phone }}"),  # Zapier
        ("@{triggerBody()?['contact']?['phone']}", "{{ contact.phone }}"),  # Power Automate
        ("@{items('Apply_to_each')?['phone']}", "{{ phone }}"),
        ("first_name | default: 'there'", "{{ first_name || 'there' }}"),  # Liquid
        ("first_name|default:'you'", "{{ first_name || 'you' }}"),
    ],
)
def test_a_foreign_template_is_shown_as_it_is_written_here(text, advice):
    assert advice in hint(text)


@pytest.mark.parametrize("text", ["contact.phone", "a || b", "contacts[?a == `1`]", "", "costs 5$", "me @ home"])
def test_our_own_expressions_get_no_advice(text):
    assert hint(text) is None
    assert not foreign(text)


def test_only_what_no_mapping_can_mean_is_foreign():
    assert foreign("={{ contact.phone }}")
    assert foreign("Hi @{triggerBody()?['name']}")
    assert not foreign("{{ contact.phone }}")
    assert not foreign("mail me @{home}")
    assert not foreign("a={{ b }}")
