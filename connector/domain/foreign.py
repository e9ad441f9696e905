"""Templates of other builders: noticing one that was never filled, and saying how it is written here."""

from __future__ import annotations

import re
from collections.abc import Callable

#: So far into a template one looks, in characters: an expression of our own is shorter.
_LONGEST = 320


def unresolved(value: str) -> bool:
    """Whether a value still carries a template that a builder should have filled before it called."""
    return "{{" in value or "}}" in value or "@{" in value


def foreign(text: str) -> bool:
    """Whether a text of a mapping can only be another builder's: ={{ … }}, or @{ and a function's name."""
    return text.startswith("={{") or ("@{" in text and _POWER_AUTOMATE.search(text) is not None)


def hint(text: str) -> str | None:
    """One sentence on how to write a foreign template here, or None where the text looks like none.

    It is looked for where the text begins, or where its first @{ … } does, and no further than an expression goes.
    """
    inside = None if text.startswith("={{") else _POWER_AUTOMATE.search(text)
    begins = inside.start() if inside else 0
    for shape, write in _SHAPES:
        if found := shape.search(text[begins : begins + _LONGEST]):
            return write(found)
    return None


def _instead(path: str) -> str:
    return f"write it as {{{{ {path} }}}}, the path in the data that is sent here"


def _plain(path: str) -> str:
    """A foreign path in dots only: ['a']?['b'] and ["a"] become .a.b; quotes where a key needs them."""
    keys = re.findall(r"\w+|\[\d+\]", re.sub(r"[?'\"]", " ", path))
    dotted = ".".join(keys).replace(".[", "[")
    return dotted or "contact.phone"


#: Its repeats have bounds: with none, a text of many beginnings is read to its end from each of them.
_POWER_AUTOMATE = re.compile(r"@\{\s{0,20}[A-Za-z]\w{0,60}\([^)}]{0,300}\)(?P<path>[^}]{0,300})")

#: What it looks like there, and what to say. Searched in order, so the narrower shape stands first.
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    # n8n: ={{ $json.a.b }}, {{ $json["a"] }}, {{ $node["Webhook"].json.a }}, {{ $('Webhook').item.json.a }}
    (
        re.compile(r"\$(?:json|(?:node\b|\().*?\bjson)\b(?P<path>[^}|]*)"),
        lambda found: _instead(_plain(found["path"])),
    ),
    (re.compile(r"^\s*=\{\{"), lambda found: "leave out the = before the braces"),
    # Activepieces: {{trigger['output'].a}}, {{step_1['output']['a']}}
    (
        re.compile(r"\b\w+\[['\"]output['\"]\](?P<path>[^}]*)"),
        lambda found: _instead(_plain(found["path"])),
    ),
    # Make: {{1.a}}; Zapier: {{123456789__a__b}}
    (
        re.compile(r"^\s*(?:\{\{\s*)?\d+(?:\.|__)(?P<path>\w[\w.]*)"),
        lambda found: _instead(found["path"].replace("__", ".")),
    ),
    # Power Automate and Logic Apps: @{triggerBody()?['a']?['b']}, @{items('Each')?['a']}
    (_POWER_AUTOMATE, lambda found: _instead(_plain(found["path"]))),
    # Liquid, Jinja and Braze: {{ first_name | default: 'there' }}
    (
        re.compile(r"^\s*(?P<path>[\w.]+)\s*\|\s*default\s*:?\s*(?P<other>'[^']*')?"),
        lambda found: f"write it as {{{{ {found['path']} || {found['other'] or repr('there')} }}}}",
    ),
)
