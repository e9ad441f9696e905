"""Every action keeps the promises of its catalogue entry, and its published file is current."""

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import actions
from connector.engine.catalog import Listed, discover
from tests.actions.people import MAIL, says
from tests.contracts.promises import PROMISES
from tests.contracts.publish import FOLDER, published
from tests.heed import Heed

CATALOG = discover(actions).listed


@pytest.mark.parametrize("name", CATALOG)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_an_action_keeps_its_promise(promise: Callable[[Listed], None], name: str) -> None:
    promise(CATALOG[name])


def test_the_eight_actions_of_the_contract_are_there() -> None:
    assert set(CATALOG) == {
        "add_to_opt_out", "remove_from_opt_out", "record_opt_in", "check_consent", "send_with_suppression",
        "get_consent_history", "add_to_sequence", "remove_from_sequence",
    }  # fmt: skip


def test_published_files_are_current() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}

    assert found == published(), "run `make publish` and look at what changed"


def closed(schema: Any) -> Any:
    """The schema as it would be if answers could hold nothing that it does not name."""
    if isinstance(schema, dict):
        schema = {key: closed(inner) for key, inner in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [closed(inner) for inner in schema]
    return schema


PEOPLE = [{"number": "+14155550123"}, {"number": "+14155550124"}, {"email": MAIL}, {"number": "12"}, {"number": None}]


def test_answers_of_real_runs_are_as_the_output_schema_says(heed: Heed) -> None:
    sender = heed.sender()
    steps = [{"text": "Hi"}]
    sequence = heed.post(
        "/v1/campaigns", {"kind": "sequence", "name": "s", "sender": sender["id"], "steps": steps}
    )["id"]  # fmt: skip
    heed.post("/v1/lists", {"name": "Safe", "keywords": ["X"], "protect": "person"})
    says(heed, sender, "STOP", "+14155550124")
    old, later = {"occurred_at": "2026-01-01T00:00:00Z"}, {"send_at": "2100-01-01T00:00:00Z"}
    runs: list[tuple[str, dict[str, Any]]] = [
        ("add_to_opt_out", {"recipients": PEOPLE, "lists": ["default", "safe"]}),
        ("add_to_opt_out", {"recipients": PEOPLE, **old}),
        ("record_opt_in", {"recipients": PEOPLE, "lists": ["default", "safe"], "evidence": {"a": [1]}}),
        ("record_opt_in", {"recipients": PEOPLE, **old}),
        ("remove_from_opt_out", {"recipients": PEOPLE, "lists": ["safe"]}),
        ("add_to_opt_out", {"number": "+14155550124", "channel": "sms"}),
        ("check_consent", {"recipients": PEOPLE, "require_opt_in": "explicit"}),
        ("check_consent", {"number": "+14155550124", "purpose": "service"}),
        ("send_with_suppression", {"sender": sender["id"], "recipients": PEOPLE, "text": "Hi", "async": True}),
        ("send_with_suppression", {"sender": sender["id"], "recipients": PEOPLE, "text": "Hi", **later}),
        ("add_to_sequence", {"sequence": sequence, "recipients": PEOPLE}),
        ("add_to_sequence", {"sequence": sequence, "recipients": PEOPLE}),
        ("remove_from_sequence", {"sequence": sequence, "recipients": PEOPLE}),
        ("get_consent_history", {"number": "+14155550124"}),
        ("get_consent_history", {"recipients": PEOPLE[:3]}),
    ]

    for name, values in runs:
        answer = heed.act(name, **values)
        validator = Draft202012Validator(closed(CATALOG[name].action.output_schema))
        assert [f"{name}{error.json_path}: {error.message}" for error in validator.iter_errors(answer)] == []
    assert {name for name, _ in runs} == set(CATALOG)
