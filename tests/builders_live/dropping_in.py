"""A new action as its author drops it in: one file in ``actions``, in front of the package that is installed."""

import shutil
from pathlib import Path

import pytest

import actions
from tests.contracts.test_a_new_action import GREET

LOOK_UP = "look_up"


def drop_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that start from here on have it."""
    package = Path(actions.__path__[0])
    shutil.copytree(package, folder / "dropped" / "actions", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "dropped" / "actions" / f"{LOOK_UP}.py").write_text(GREET)
    monkeypatch.setenv("PYTHONPATH", str(folder / "dropped"))
