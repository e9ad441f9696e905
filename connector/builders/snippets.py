"""One action with its mapping, to paste elsewhere: a command line, and nodes of builders that take them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

#: Node ids that stand for nothing yet: builders give new ones to what is pasted.
_NODE, _SERVICE = "c0de00000000b001", "c0de00000000b0a1"
_PARTS = re.compile(r"{{((?:(?!{{|}}).)*)}}", re.DOTALL)
#: contact.phones[0].number: what every builder's own language reads alike.
_PATH = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])?(?:\.[A-Za-z_]\w*(?:\[\d+\])?)*", re.ASCII)


def curl(server: str, action: str, mapping: Mapping[str, Any], data: Any) -> str:
    """The call that maps the data and runs the action; the key comes from the environment."""
    body = json.dumps({"mapping": mapping, "data": data}, ensure_ascii=False)
    return (
        f"curl -sS -X POST {shlex.quote(f'{server}/v1/actions/{action}/mapped')} \\\n"
        '  -H "Authorization: Bearer $HEED_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )


def node_red(action: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    """A ``heed-action`` node to import; what only Heed's own language says is left out."""
    fields = [{"name": name, **found} for name, value in mapping.items() if (found := _red(value)) is not None]
    return _shown([{
        "id": _NODE, "type": "heed-action", "name": "", "service": _SERVICE, "action": action["name"],
        "title": action["title"], "version": action["version"], "fields": fields, "x": 300, "y": 100, "wires": [[]],
    }])  # fmt: skip


def n8n(action: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    """A node to paste into n8n's canvas; what only Heed's own language says is left out."""
    values = {name: found for name, value in mapping.items() if (found := _n8n(value)) is not None}
    fields = {"mappingMode": "defineBelow", "value": values}
    return _shown({
        "nodes": [{
            "parameters": {"operation": action["name"], "fields": fields},
            "type": "n8n-nodes-heed.heed", "typeVersion": 1, "position": [0, 0], "name": "Heed",
        }],
        "connections": {},
    })  # fmt: skip


def left_out(mapping: Mapping[str, Any]) -> list[str]:
    """The fields whose expressions say more than a path, or that are no text: no node can be given them."""
    return [name for name, value in mapping.items() if _n8n(value) is None]


def _red(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, str):
        return {"type": "json", "value": json.dumps(value, ensure_ascii=False)} if _is_plain(value) else None
    parts = _parts(value)
    if parts is None:
        return None
    if len(parts) == 1:
        is_path, text = parts[0]
        return {"type": "msg", "value": f"payload.{text}"} if is_path else {"type": "str", "value": text}
    said = (f"payload.{text}" if is_path else json.dumps(text, ensure_ascii=False) for is_path, text in parts)
    return {"type": "jsonata", "value": " & ".join(said)}


def _n8n(value: Any) -> Any:
    if not isinstance(value, str):
        return value if _is_plain(value) else None
    parts = _parts(value)
    if parts is None:
        return None
    if not any(is_path for is_path, _ in parts):
        return value
    return "=" + "".join(f"{{{{ $json.{text} }}}}" if is_path else text for is_path, text in parts)


def _parts(value: str) -> list[tuple[bool, str]] | None:
    """A text as (is a path, text); None where an expression in it is more than a path."""
    found = []
    for place, text in enumerate(_PARTS.split(value)):
        if place % 2:
            found.append((True, text.strip()))
        elif text:
            found.append((False, text))
    return found if all(_PATH.fullmatch(text) for is_path, text in found if is_path) else None


def _is_plain(value: Any) -> bool:
    return value is not None and "{{" not in json.dumps(value)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
