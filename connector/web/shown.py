"""What others wrote, shown on a page of ours: escaped, in its own direction, with what is hidden in it made visible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

#: What can't be seen, and what turns the text around it about; the marks for single letters may stay.
_HIDDEN = re.compile("([\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff])")


def text(value: str) -> Markup:
    """Text as it was written."""
    if not value:
        return Markup("")
    shown = join(
        Markup('<span class="mark">{}</span>').format(f"U+{ord(part):04X}") if place % 2 else part
        for place, part in enumerate(_HIDDEN.split(value))
    )
    return Markup('<bdi class="said" dir="auto">{}</bdi>').format(shown)


def anything(value: Any) -> Markup:
    """Text as it was, anything else (and nothing) as JSON."""
    return text(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, indent=1))


def named(one: Mapping[str, str]) -> Markup:
    """Something with a name and an id."""
    return Markup('{} <span class="soft">{}</span>').format(text(one["name"]), one["id"])


def code(value: str) -> Markup:
    return Markup("<code>{}</code>").format(value)


def moment(instant: str | None) -> Markup:
    """2026-11-23T18:00:00.123456Z as people read it."""
    if not instant:
        return Markup("")
    return Markup('<time datetime="{}">{} {} UTC</time>').format(instant, instant[:10], instant[11:19])


def described(pairs: Iterable[tuple[Any, Any]]) -> Markup:
    """Names with their values, without those that have none; nothing where none has."""
    rows = join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs if value)
    return Markup("<dl>{}</dl>").format(rows) if rows else rows


def join(parts: Iterable[Any]) -> Markup:
    return Markup("").join(parts)
