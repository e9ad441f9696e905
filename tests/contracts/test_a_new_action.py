"""A new action is one file: it appears everywhere without another edit."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import actions
from connector.engine.catalog import discover
from connector.sdk import BadAction
from tests.contracts.promises import PROMISES
from tests.heed import Heed

GREET = '''
"""The shortest action there can be."""

from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Look up",
    icon="eye",
    scope="read",
    read_only=True,
    examples=[{"title": "One person", "input": {"number": "+14155550123"}}],
)
def look_up(ctx: Context, recipients: v.Recipients, limit: v.Limit = 1) -> v.Trail:
    """Say what a person said last."""
    return ctx.consent.history(recipients, limit)
'''


@pytest.fixture(autouse=True)
def dropped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The new file in a folder of its own, which belongs to the package as long as the test runs."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "look_up.py").write_text(GREET)
    monkeypatch.setattr(actions, "__path__", [*actions.__path__, str(folder)])
    yield folder
    for name in set(sys.modules) & {"actions.look_up", "actions.wave"}:
        del sys.modules[name]
        delattr(actions, name.partition(".")[2])


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_it_is_under_the_contract_tests(promise: object) -> None:
    promise(discover(actions).listed["look_up"])


def test_it_is_in_the_catalogue_and_in_openapi_and_runs(heed: Heed) -> None:
    heed.act("add_to_opt_out", number="+14155550123", reason="x")

    names = [one["name"] for one in heed.get("/v1/actions")["actions"]]
    description = heed.get("/openapi.json")
    answer = heed.act("look_up", number="+14155550123")

    assert "look_up" in names
    assert names == sorted(names)
    assert "/v1/actions/look_up" in description["paths"]
    Draft202012Validator(heed.get("/v1/actions/look_up")["output_schema"]).validate(answer)
    assert answer["events"][0]["reason"] == "x"


# what is wrong with the file, and what its author is told
WRONG = [
    ("def wave(ctx, number: str) -> v.Trail:\n    'Say hello.'", "number is not a word"),
    ("def wave(ctx, recipients: v.Recipients):\n    'Say hello.'", "return is not a word"),
    ("def wave(ctx, recipients: v.Recipients) -> v.Trail:\n    pass", "needs a docstring"),
    ("def hello(ctx, recipients: v.Recipients) -> v.Trail:\n    'Say hello.'", "must define an action named wave"),
]


@pytest.mark.parametrize(("function", "told"), WRONG)
def test_a_file_that_is_no_action_says_what_is_wrong(dropped_in: Path, function: str, told: str) -> None:
    head = "from connector.sdk import action\nfrom schemas import vocabulary as v\n"
    decorator = "@action(title='Wave', icon='hand', examples=[])\n"
    (dropped_in / "wave.py").write_text(f"{head}\n\n{decorator}{function}\n")

    with pytest.raises(BadAction, match=told):
        discover(actions)
