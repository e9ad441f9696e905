"""An action's input on the workbench: its fields as they are drawn, and the mapping that a form of them means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.builders.form import Field, fields
from connector.domain.attributes import shortened
from connector.domain.errors import Fault, Malformed
from connector.domain.expressions import BadExpression, ExpressionFailed, compile_expression
from connector.domain.mapping import ON_MISSING
from connector.web.body import read

#: What a choice says when its value stands in the text beside it.
TYPED = "="
#: {value, label, description} of one source of options.
Offer = Callable[[str], Sequence[Mapping[str, Any]]]

_SAID = {True: "true", False: "false"}
_WHOLE = re.compile(r"\s*{{(?P<source>(?:(?!{{|}}).)*)}}\s*", re.DOTALL)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,15})?")


@dataclass(frozen=True)
class Drawn:
    """One field with what stands in it: ``text`` is typed, ``chosen`` are values of ``choices``, as JSON."""

    field: Field
    choices: tuple[tuple[str, str], ...] = ()
    text: str = ""
    chosen: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.chosen


@dataclass(frozen=True)
class Given:
    """What a form says of an action's input; ``faults`` of what could not even be read."""

    mapping: dict[str, Any]
    data: Any
    faults: list[Fault] = field(default_factory=list)


def drawn(schema: Mapping[str, Any], offer: Offer, mapping: Mapping[str, Any]) -> list[Drawn]:
    """The fields of a schema, filled from a mapping."""
    return [_filled(one, choices, mapping.get(one.name)) for one, choices in _offered(schema, offer)]


def redrawn(schema: Mapping[str, Any], offer: Offer, form: Any, prefix: str = "") -> list[Drawn]:
    """The fields of a schema as they stood in a form."""
    return [
        Drawn(one, choices, form.get(f"{prefix}text.{one.name}", ""), tuple(form.getlist(f"{prefix}pick.{one.name}")))
        for one, choices in _offered(schema, offer)
    ]


def typed(schema: Mapping[str, Any], form: Any, prefix: str = "") -> Given:
    """The mapping that a form means: ``pick.NAME`` is chosen, ``text.NAME`` typed, ``data`` the sample as JSON."""
    faults: list[Fault] = []
    data = _json(form.get("data", ""), "/data", faults) if form.get("data", "").strip() else None
    mapping = {}
    for one in fields(schema):
        value = _typed(
            one, form.getlist(f"{prefix}pick.{one.name}"), form.get(f"{prefix}text.{one.name}", ""), data, faults
        )
        if value is not None:
            mapping[one.name] = value
    rules = [line.partition(":") for line in form.get(f"{prefix}rules", "").splitlines() if line.strip()]
    if rules:
        mapping[ON_MISSING] = {name.strip(): rule.strip() for name, _, rule in rules}
    return Given(mapping, data, faults)


def rules_of(mapping: Mapping[str, Any]) -> str:
    """The rules for what is missing, one a line."""
    return "\n".join(f"{name}: {rule}" for name, rule in mapping.get(ON_MISSING, {}).items())


def by_name(faults: Iterable[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """Problems by the field they are about; those of the whole input under ""."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for one in faults:
        found.setdefault(one["pointer"].partition("/")[2].partition("/")[0], []).append(one)
    return found


def remembered(offer: Offer) -> Offer:
    """The same for several actions on one page; each source is asked once."""
    known: dict[str, Sequence[Mapping[str, Any]]] = {}

    def asked(source: str) -> Sequence[Mapping[str, Any]]:
        if source not in known:
            known[source] = offer(source)
        return known[source]

    return asked


def under(pointer: str, fault: Fault) -> Fault:
    return Fault(f"{pointer}{fault.pointer}", fault.code, fault.detail)


def faults_under(pointer: str, faults: Iterable[Fault]) -> dict[str, list[Mapping[str, str]]]:
    """The faults of what lies below a pointer, by field."""
    inner = (
        {"pointer": one.pointer.removeprefix(pointer), "code": one.code, "detail": one.detail}
        for one in faults
        if one.pointer.startswith(f"{pointer}/") or one.pointer == pointer
    )
    return by_name(inner)


def brief(value: Any) -> str:
    """A value as JSON, cut to fit beside a field."""
    return json.dumps(shortened(value), ensure_ascii=False)


def _offered(schema: Mapping[str, Any], offer: Offer) -> list[tuple[Field, tuple[tuple[str, str], ...]]]:
    """The fields with their choices; each source of options is asked once."""
    found = [(one, _source(one)) for one in fields(schema)]
    asked = {source: offer(source) for source in sorted({source for _, source in found if source})}
    return [(one, tuple(_choices(one, asked.get(source or "", ())))) for one, source in found]


def _source(one: Field) -> str | None:
    """Where the names of its values come from; what is fixed may have names as well."""
    found: str | None = one.source or (one.schema or {}).get("x-options", {}).get("source")
    return found


def _choices(one: Field, offered: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    values = one.choices or ((True, False) if one.kind == "boolean" else ())
    for option in offered:
        if not values or option["value"] in values:
            yield json.dumps(option["value"], ensure_ascii=False), option["label"]
    if not offered:
        for value in values:
            yield json.dumps(value, ensure_ascii=False), _SAID[value] if isinstance(value, bool) else str(value)


def _filled(one: Field, choices: tuple[tuple[str, str], ...], value: Any) -> Drawn:
    known = {text for text, _ in choices}
    if value is None:
        return Drawn(one, choices)
    if one.kind == "texts" and isinstance(value, list):
        written = [json.dumps(item, ensure_ascii=False) for item in value]
        others = [str(item) for item, text in zip(value, written, strict=True) if text not in known]
        return Drawn(one, choices, "\n".join(others), tuple(text for text in written if text in known))
    written_once = json.dumps(value, ensure_ascii=False)
    if written_once in known and one.kind != "texts":
        return Drawn(one, choices, "", (written_once,))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return Drawn(one, choices, text, (TYPED,) if choices and one.kind != "texts" else ())


def _typed(one: Field, picked: Sequence[str], text: str, data: Any, faults: list[Fault]) -> Any:
    pointer = f"/{one.name}"
    chosen = [_json(value, pointer, faults) for value in picked if value not in ("", TYPED)]
    if one.kind == "texts":
        return _several(chosen, text, data)
    if chosen or not text:
        return chosen[0] if chosen else None
    is_json = one.kind in ("rows", "object") or (one.kind in ("integer", "number") and _NUMBER.fullmatch(text))
    if is_json and not _WHOLE.fullmatch(text):
        return _json(text, pointer, faults)
    return {"true": True, "false": False}.get(text, text) if one.kind in ("choice", "boolean") else text


def _several(chosen: list[Any], text: str, data: Any) -> Any:
    """Items ticked and items typed, one a line; a lone expression that finds several things is all of them."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not chosen and len(lines) == 1 and _finds_several(lines[0], data):
        return lines[0]
    return [*chosen, *lines] or None


def _finds_several(line: str, data: Any) -> bool:
    whole = _WHOLE.fullmatch(line)
    if whole is None:
        return False
    try:
        return isinstance(compile_expression(whole["source"].strip()).evaluate(data), list)
    except (BadExpression, ExpressionFailed):
        return False


def _json(text: str, pointer: str, faults: list[Fault]) -> Any:
    try:
        return read(text.encode())
    except Malformed as error:
        faults += [Fault(pointer, one.code, one.detail.replace("the body ", "")) for one in error.faults]
        return None
