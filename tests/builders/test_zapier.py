"""The Zapier definition, as far as it can be judged without Zapier's own validator (``make builders`` has it)."""

import json
import re

import pytest

from connector import bootstrap
from connector.builders.form import fields, sample
from connector.builders.zapier import definition, zapier

CATALOGUE = bootstrap.pack().publish()
SERVER = "https://heed.example"


@pytest.fixture(scope="module")
def app():
    return definition(CATALOGUE, SERVER)


def keys(given):
    return [key for one in given for key in (one["key"], *(child["key"] for child in one.get("children", ())))]


def test_b02_every_action_is_a_step_and_every_event_a_trigger(app):
    assert list(app["creates"]) == [one["name"] for one in CATALOGUE["actions"]]
    assert list(app["triggers"]) == [one["name"] for one in CATALOGUE["triggers"]]
    assert all(re.fullmatch(r"[a-zA-Z]+[a-zA-Z0-9_]*", key) for key in [*app["creates"], *app["triggers"]])


def test_fields_keep_their_order_and_no_two_of_a_step_share_a_key(app):
    for entry in CATALOGUE["actions"]:
        given = app["creates"][entry["name"]]["operation"]["inputFields"]
        assert [one["key"] for one in given] == [one.name for one in fields(entry["input_schema"])]
        assert [one["key"] for one in given if one["required"]] == entry["input_schema"].get("required", [])
        assert len(keys(given)) == len(set(keys(given)))
        assert all(one["label"] for one in given)


def test_no_key_of_idempotency_is_made_up_and_one_can_be_given(app):
    """A zap has no id of its run: a key made of the zap alone would repeat its first answer for ever."""
    said = json.dumps(app).lower()

    assert "idempotency-key" not in said
    assert "bundle.meta.zap" not in said
    field = app["creates"]["send_with_suppression"]["operation"]["inputFields"][-1]
    assert (field["key"], field["label"], field["required"]) == ("idempotency_key", "Event ID", False)


def test_dropdowns_ask_the_service_in_its_shape_page_by_page(app):
    (lists,) = [one for one in app["creates"]["check_consent"]["operation"]["inputFields"] if one["key"] == "lists"]

    assert lists["choices"]["perform"] == {
        "method": "GET", "url": f"{SERVER}/v1/options/lists",
        "params": {"shape": "zapier", "paging_token": "{{bundle.meta.paging_token}}"},
        "removeMissingValuesFrom": {"params": True},
    }  # fmt: skip


def test_hooks_are_subscribed_flat_and_unsubscribed_by_their_id(app):
    operation = app["triggers"]["contact_opted_out"]["operation"]

    assert operation["performSubscribe"]["body"] == {
        "url": "{{bundle.targetUrl}}", "events": ["contact.opted_out"], "format": "flat",
    }  # fmt: skip
    assert operation["performUnsubscribe"]["url"] == f"{SERVER}/v1/webhooks/{{{{bundle.subscribeData.id}}}}"
    assert operation["sample"] == next(
        one["sample"] for one in CATALOGUE["triggers"] if one["name"] == "contact_opted_out"
    )


def test_a_step_shows_a_sample_of_what_comes_out(app):
    shown = app["creates"]["send_with_suppression"]["operation"]["sample"]

    assert shown["results"][0]["recipient"]["number"] == "+14155550123"
    assert set(shown) == set(CATALOGUE["actions"][-1]["output_schema"]["properties"])


def test_the_key_stands_in_no_file():
    assert all(b"heed_" not in part for path, part in zapier(CATALOGUE, SERVER).items() if path != "README.md")


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "string", "examples": ["x"]}, "x"),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": True}, True),
        ({"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}, 3),
        ({"type": ["string", "null"], "format": "date-time"}, "2026-01-31T09:30:00Z"),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "array"}, []),
        ({"type": "object", "properties": {"email": {"type": "string"}, "gone": False}}, {"email": "ada@example.com"}),
    ],
)
def test_a_sample_is_such_as_the_schema_describes(schema, shown):
    assert sample(schema) == shown
