"""Texts that hold {{ expressions }}: read once, filled as often as there are people.

``\\{{`` is a pair of braces that means itself. Of backslashes before braces two stand for one, so
``\\\\{{ a }}`` is a backslash and then the value of a; anywhere else a backslash is a backslash. Braces in
the values are text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from connector.domain.expressions import (
    LONGEST,
    QUOTED,
    BadExpression,
    Budget,
    Expression,
    ExpressionFailed,
    compile_expression,
)
from connector.domain.foreign import hint
from connector.domain.functions import as_json


class MissingAttribute(ExpressionFailed):
    """The text needs an attribute that this recipient does not have."""

    code = "missing_attribute"

    def __init__(self, name: str) -> None:
        super().__init__(f"the text needs {name}, and this recipient does not have it")
        self.name = name


#: What a text is made of, in order: plain text and expressions.
Parts = tuple[str | Expression, ...]


def render(text: str, attributes: Mapping[str, Any], *, markup: Collection[str] | None = None) -> str:
    """The text with its expressions filled from the attributes.

    With ``markup`` the text is HTML: values are escaped, but for those of the names in it, which are HTML already.

    MissingAttribute where one gives nothing, ExpressionFailed (its base) where one can't be worked out,
    BadExpression where the text itself is wrong.
    """
    budget, pieces = Budget(), list[str]()
    for part in read_template(text):
        said = part if isinstance(part, str) else _filled(part, attributes, budget)
        plain = isinstance(part, str) or markup is None or part.source in markup
        pieces.append(said if plain else escape(said))
    return "".join(pieces)


def placeholders(text: str) -> tuple[str, ...]:
    """The expressions in the text, each once and in order; BadExpression."""
    return tuple(dict.fromkeys(part.source for part in read_template(text) if isinstance(part, Expression)))


def read_template(text: str) -> Parts:
    """The parts of a text, neighbouring plain ones joined, () for an empty one; BadExpression."""
    if "{{" not in text:
        return (text,) if text else ()
    return _read_short(text) if len(text) <= _SHORT else _read(text)


def as_text(value: object) -> str:
    """A value inside of a text: nothing for None, strings as they are, everything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)


def write_template(parts: Parts) -> str:
    """A text that reads as these parts: what is plain in them stays plain, whatever braces it holds."""
    pieces = []
    for place, part in enumerate(parts):
        if isinstance(part, Expression):
            pieces.append(f"{{{{ {part.source} }}}}")
        else:
            pieces.append(_escaped(part, before_expression=place + 1 < len(parts)))
    return "".join(pieces)


def joined(pieces: Iterable[str | Expression]) -> Parts:
    """Parts without empty texts, and no two texts side by side."""
    parts: list[str | Expression] = []
    plain: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            plain.append(piece)
        else:
            parts += ("".join(plain), piece)
            plain.clear()
    return tuple(part for part in (*parts, "".join(plain)) if part != "")


def _filled(expression: Expression, attributes: Mapping[str, Any], budget: Budget) -> str:
    value = expression.evaluate(attributes, budget)
    if value is None:
        raise MissingAttribute(expression.source)
    return as_text(value)


#: Longer texts are read anew each time: the cache shall stay small.
_SHORT = 2_000
_OPENING = re.compile(r"(?<!\\)(?P<slashes>\\*)\{\{")
#: What matters on the way to the closing braces; a quoted part may hold braces of its own.
_INSIDE = re.compile(rf"{QUOTED.pattern}|[{{}}]", re.DOTALL)


def _read(text: str) -> Parts:
    return joined(_pieces(text))


_read_short = lru_cache(maxsize=2048)(_read)


def _pieces(text: str) -> Iterator[str | Expression]:
    position = 0
    while opening := _OPENING.search(text, position):
        slashes = len(opening["slashes"])
        yield text[position : opening.start()] + "\\" * (slashes // 2)
        position = opening.end()
        if slashes % 2:
            yield "{{"
        else:
            end = _closing(text, position)
            yield _compiled(text, position, end)
            position = end + 2
    yield text[position:]


def _closing(text: str, start: int) -> int:
    """Where the }} of the expression that starts there stands; BadExpression."""
    depth = 0
    for found in _INSIDE.finditer(text, start, start + LONGEST + 64):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}" and depth:
            depth -= 1
        elif found[0] == "}" and text.startswith("}}", found.start()):
            return found.start()
    raise BadExpression(_unclosed(text, start), start - 2)


def _unclosed(text: str, start: int) -> str:
    if "}}" in text[start:]:
        return f"this expression is longer than {LONGEST} characters or has an open quote or brace"
    return "the {{ here has no }}; to write braces as text, put a backslash before them"


def _compiled(text: str, start: int, end: int) -> Expression:
    source = text[start:end]
    stripped = source.strip()
    try:
        return compile_expression(stripped)
    except BadExpression as why:
        position = start + len(source) - len(source.lstrip()) + why.position
        advice = hint(source)
        raise BadExpression(f"{why.detail}; {advice}" if advice else why.detail, position) from None


_SLASHES_AT_END = re.compile(r"(?<!\\)\\+\Z")


def _escaped(plain: str, *, before_expression: bool) -> str:
    if not before_expression:
        return _OPENING.sub(r"\1\1\\{{", plain)
    if (len(plain) - len(plain.rstrip("{"))) % 2:
        # "{" and "{{ a }}" would read as "{{" and "{ a }}": the brace goes in as a value.
        return _escaped(plain[:-1], before_expression=True) + "{{ '{' }}"
    return _SLASHES_AT_END.sub(r"\g<0>\g<0>", _OPENING.sub(r"\1\1\\{{", plain))
