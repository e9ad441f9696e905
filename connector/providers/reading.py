"""Reads what a provider posts to us: whatever shape it has, asking for a part never fails."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from connector.domain.messages import BadInbound

#: NUL and lone halves of surrogate pairs: no database keeps them, and no STOP may be lost over one.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
#: A button that takes people off says so in what it carries, whatever language its face speaks.
_STOP_BUTTON = re.compile(r"\s*(?:opt[-_ ]?out|stop)(?:\b.*)?", re.IGNORECASE | re.DOTALL)


def json_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body; BadInbound."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise BadInbound("the body is not JSON") from fault
    if not isinstance(value, dict):
        raise BadInbound("the body is not a JSON object")
    return value


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def part(value: Any, *names: str) -> Mapping[str, Any]:
    """The object below these names; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any, longest: int = 65_536) -> str:
    """The text in a value, or the digits of a whole number; "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        value = str(value)
    return storable(value)[:longest] if isinstance(value, str) else ""


def storable(value: str) -> str:
    return _UNSTORABLE.sub("\ufffd", value)


def is_stop_button(payload: str) -> bool:
    return _STOP_BUTTON.fullmatch(payload) is not None
