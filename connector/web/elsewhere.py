"""What stands on the workbench, for use elsewhere: as a command, as nodes to paste, as packages to download."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.builders import snippets
from connector.builders.exports import EXPORTS, Export
from connector.domain.errors import NotFound


def of(server: str, action: Mapping[str, Any], mapping: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """The same as texts to copy; ``left_out`` are the fields that nodes can't be given."""
    fields = {name: value for name, value in mapping.items() if not name.startswith("$")}
    return {
        "curl": snippets.curl(server, action["name"], mapping, data),
        "node-red": snippets.node_red(action, fields), "n8n": snippets.n8n(action, fields),
        "left_out": snippets.left_out(fields),
    }  # fmt: skip


def export_of(name: str) -> Export:
    """The package of a builder; NotFound."""
    if name not in EXPORTS:
        raise NotFound("There is no package for such a builder.")
    return EXPORTS[name]


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
