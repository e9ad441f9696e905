"""The parts of a package that don't depend on the catalogue: they lie as they are in ``kits/NAME``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

#: What ``GET /v1/actions`` answers.
Catalogue = Mapping[str, Any]
#: Contents by path, with forward slashes, below the package's own folder.
Files = dict[str, bytes]


def kit(name: str) -> Files:
    """Every file of ``kits/NAME``."""
    return dict(sorted(_below(files("connector.builders").joinpath("kits", name), "")))


def json_file(value: Any) -> bytes:
    """A generated JSON file, its keys in the order given."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def action_table(catalogue: Catalogue) -> str:
    """What there is to do, for a package's README."""
    rows = (
        f"| `{one['name']}` | {_cell(one['title'])} | {_cell(one['description'].partition(chr(10))[0])} |"
        for one in catalogue["actions"]
    )
    return "\n".join(("| action | title | does |", "| --- | --- | --- |", *rows)) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _below(one, f"{path}{one.name}/")
        else:
            yield path + one.name, one.read_bytes()
