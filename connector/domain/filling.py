"""Filling one field of a mapping with data."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression, Budget, Expression, ExpressionFailed
from connector.domain.foreign import foreign, hint
from connector.domain.templates import Parts, as_text, joined, read_template, write_template

DEEPEST: Final = 16


class Nothing(Enum):
    """What stands where a value would; None is a value, and can be asked for."""

    MISSING = "the data has nothing for it"
    FAULTY = "its fault has been noted"


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one field: ``on_missing`` is error, skip or null."""

    on_missing: str
    #: Whether somebody asked for it; then it holds for members of objects, too.
    asked: bool = False
    #: Whether an empty text is nothing.
    optional: bool = True
    #: Whether the field's text is itself a template, for later.
    template: bool = False
    #: Whether the field is HTML, in which what the data says is text.
    markup: bool = False


class Filling:
    """One mapping while it is filled: the data, what evaluating may still cost, the faults so far."""

    def __init__(self, data: object) -> None:
        self.faults: list[Fault] = []
        self._data = data
        self._budget = Budget()

    def field(self, value: object, pointer: str, rule: Rule) -> object:
        """The value with its expressions filled, or Nothing."""
        found = self._fill(value, pointer, rule, 0)
        if found is Nothing.MISSING or (found == "" and rule.optional):
            return self._instead(pointer, rule)
        return found

    def filter(self, value: object, pointer: str, rule: Rule) -> object:
        """The same for a field that must not come out empty; a constant says what its writer wants."""
        if not holds_expression(value):
            return self.field(value, pointer, rule)
        found = self._fill(value, pointer, Rule("null", template=rule.template), 0)
        if found is Nothing.FAULTY:
            return found
        if _is_empty(found):
            return self._fault(pointer, "empty_filter", _EMPTY)
        for place, item in enumerate(found if isinstance(found, list) else ()):
            if _is_empty(item):
                self._fault(f"{pointer}/{place}", "empty_filter", _EMPTY)
        return found

    def _fill(self, value: object, pointer: str, rule: Rule, depth: int) -> object:
        if isinstance(value, str):
            return self._fill_text(value, pointer, rule)
        if not isinstance(value, (dict, list)):
            return value
        if depth == DEEPEST:
            return self._fault(pointer, "too_deep", f"a mapping has at most {DEEPEST} levels")
        if isinstance(value, dict):
            return self._fill_object(value, pointer, rule, depth + 1)
        return self._fill_list(value, pointer, rule, depth + 1)

    def _fill_object(self, members: dict[str, object], pointer: str, rule: Rule, depth: int) -> object:
        made, faulty = {}, False
        for key, value in members.items():
            place = f"{pointer}/{escape(key)}"
            found = self._fill(value, place, rule, depth)
            if _is_missing(found, value):
                found = self._instead(place, rule) if rule.asked else Nothing.MISSING
            if not isinstance(found, Nothing):
                made[key] = found
            faulty = faulty or found is Nothing.FAULTY
        return made if made or not members else _nothing(faulty)

    def _fill_list(self, items: list[object], pointer: str, rule: Rule, depth: int) -> object:
        made, faulty = [], False
        for index, value in enumerate(items):
            place = f"{pointer}/{index}"
            found = self._fill(value, place, rule, depth)
            if _is_missing(found, value):
                found = self._instead(place, rule)
            if not isinstance(found, Nothing):
                made.append(found)
            faulty = faulty or found is Nothing.FAULTY
        return made if made or not items else _nothing(faulty)

    def _fill_text(self, text: str, pointer: str, rule: Rule) -> object:
        try:
            parts = read_mapped(text)
            if len(parts) > 1:
                return self._interpolated(parts, rule)
            if not parts or isinstance(parts[0], str):
                return "".join(map(str, parts))
            found = parts[0].evaluate(self._data, self._budget)
            if found is None:
                return Nothing.MISSING
            return as_plain(found) if rule.template else found
        except BadExpression as why:
            return self._fault(pointer, why.code, at_character(why))
        except ExpressionFailed as why:
            return self._fault(pointer, why.code, why.detail)

    def _interpolated(self, parts: Parts, rule: Rule) -> str:
        if rule.template:
            return write_template(joined(self._for_later(parts, rule)))
        return "".join(map(self._text, parts))

    def _text(self, part: str | Expression) -> str:
        return part if isinstance(part, str) else as_text(part.evaluate(self._data, self._budget))

    def _for_later(self, parts: Parts, rule: Rule) -> Iterator[str | Expression]:
        """What the mapping wrote, read as the template it will be; what the data says, as text."""
        for part in parts:
            if isinstance(part, str):
                yield from read_template(part)
            else:
                yield html.escape(self._text(part)) if rule.markup else self._text(part)

    def _instead(self, pointer: str, rule: Rule) -> object:
        """What stands in for a value that is not there."""
        if rule.on_missing == "error":
            return self._fault(pointer, "missing", "there is nothing for this in the data")
        return None if rule.on_missing == "null" else Nothing.MISSING

    def _fault(self, pointer: str, code: str, detail: str) -> Nothing:
        self.faults.append(Fault(pointer, code, detail))
        return Nothing.FAULTY


def read_mapped(text: str) -> Parts:
    """The parts of one string of a mapping; BadExpression, also for what only another builder understands."""
    if foreign(text):
        advice = hint(text)
        raise BadExpression(f"this is another builder's template{f'; {advice}' if advice else ''}")
    return read_template(text)


def holds_expression(value: object, depth: int = 0) -> bool:
    """Whether a value of a mapping takes anything from the data, or may: nobody looks deeper than allowed."""
    if isinstance(value, str):
        try:
            return any(isinstance(part, Expression) for part in read_mapped(value))
        except BadExpression:
            return True
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == DEEPEST or any(holds_expression(part, depth + 1) for part in inner)


def as_plain(value: object) -> object:
    """Data for a field that is a template for later: every string in it written so that it reads as itself."""
    if isinstance(value, str):
        return write_template((value,)) if "{{" in value else value
    if isinstance(value, dict):
        return {key: as_plain(member) for key, member in value.items()}
    return [as_plain(item) for item in value] if isinstance(value, list) else value


def escape(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def at_character(why: BadExpression) -> str:
    """The detail of a fault, with the place for people, who count from 1."""
    return f"at character {why.position + 1}: {why.detail}"


_EMPTY = "this came out empty, which is never taken for no filter"


def _is_missing(found: object, value: object) -> bool:
    """Whether a member or an item is not there; an empty text is one only where it came from the data."""
    return found is Nothing.MISSING or (found == "" and value != "")


def _is_empty(found: object) -> bool:
    return found is None or isinstance(found, Nothing) or found in ("", [], {})


def _nothing(faulty: bool) -> Nothing:
    return Nothing.FAULTY if faulty else Nothing.MISSING
