"""A04: a send that is no message, or has no sender, is refused before anything is queued, with every fault."""

from typing import Any

import pytest

from tests.actions.people import MAIL, numbers
from tests.heed import Heed
from tests.oracles import row_counts

# channel of the sender, the message, the faults
FAULTY: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("sms", {}, {"/text": "required"}),
    ("sms", {"text": ""}, {"/text": "required"}),  # empty means absent
    ("sms", {"text": "x", "subject": "s"}, {"/subject": "not_allowed"}),
    ("sms", {"html": "<p>"}, {"/text": "required", "/html": "not_allowed"}),
    ("email", {"text": "x"}, {"/subject": "required"}),
    ("email", {"subject": "s"}, {"/text": "required"}),
    ("email", {}, {"/subject": "required", "/text": "required"}),
    ("sms", {"template": {"name": "nope"}}, {"/template/name": "unknown_template"}),
    ("sms", {"template": {}}, {"/template/name": "required"}),
    ("sms", {"template": {"name": "nope", "parameters": 7}},
     {"/template/name": "unknown_template", "/template/parameters": "wrong_type"}),
    ("sms", {"text": "Hi {{ first_name"}, {"/text": "bad_expression"}),
    ("sms", {"text": "Hi {{ first_name }}"}, {"/attributes": "missing_attribute"}),
    ("sms", {"text": "x", "send_at": "soon"}, {"/send_at": "bad_format"}),
    ("sms", {"text": "x", "async": "yes"}, {"/async": "wrong_type"}),
    # Everything at once, whatever finds it.
    ("sms", {"subject": "s", "lists": ["nope"], "bypass_groups": ["a"], "send_at": "2999-01-01T00:00:00Z"},
     {"/text": "required", "/subject": "not_allowed", "/lists/0": "unknown_list", "/send_at": "bad_format",
      "/bypass_groups/0": "unknown_group"}),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "message", "faults"), FAULTY)
def test_a04_what_is_no_message_is_refused_before_anything_is_queued(
    heed: Heed, channel: str, message: dict[str, Any], faults: dict[str, str]
) -> None:
    person = {"email": MAIL} if channel == "email" else {"number": "+14155550123"}
    body = {"sender": heed.sender(channel=channel)["id"], **person, **message}
    rows = row_counts(heed)

    assert heed.faults("/v1/actions/send_with_suppression", body) == faults
    assert row_counts(heed) == rows


def test_a04_recipients_who_lack_an_attribute_are_each_named(heed: Heed) -> None:
    people = [{"number": one} for one in numbers(3)]
    people[1]["attributes"] = {"first_name": "Bo"}
    body = {"sender": heed.sender()["id"], "recipients": people, "text": "Hi {{ first_name }}"}

    assert heed.faults("/v1/actions/send_with_suppression", body) == {
        "/recipients/0/attributes": "missing_attribute", "/recipients/2/attributes": "missing_attribute",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["sdr_000000000000", "nope", "{{ sender }}"])
def test_a04_an_unknown_sender_is_422(heed: Heed, name: str) -> None:
    code = "unresolved_template" if "{{" in name else "unknown_sender"

    body = {"sender": name, "number": "+14155550123", "text": "x"}
    assert heed.faults("/v1/actions/send_with_suppression", body) == {"/sender": code}
