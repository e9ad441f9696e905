"""A form of a page, read into the JSON body that the REST call takes; what is wrong is for the resource to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from connector.web.body import read

Reader = Callable[[list[str]], Any]


def text(values: list[str]) -> str | None:
    """One line or many; nothing where only spaces were typed."""
    return values[0].strip().replace("\r\n", "\n") or None if values else None


def lines(values: list[str]) -> list[str]:
    """A textarea with one thing a line, or several fields of one name."""
    return [line.strip() for value in values for line in value.splitlines() if line.strip()]


def flag(values: list[str]) -> bool:
    """A switch, which sends nothing when it is off."""
    return "1" in values


def chosen(values: list[str]) -> list[str]:
    """Some of several."""
    return [value for value in values if value]


def whole(values: list[str]) -> Any:
    """A number, or what was typed instead of one."""
    typed = text(values)
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 19 else typed


def json(values: list[str]) -> Any:
    """JSON in a textarea; Malformed says where it can't be read."""
    typed = text(values)
    return read(typed.encode()) if typed else None


def read_form(fields: Mapping[str, Reader]) -> dict[str, Any]:
    """The body. A name with dots stands for a value within objects; an object whose values are all missing is null."""
    body: dict[str, Any] = {}
    for name, reader in fields.items():
        *outer, last = name.split(".")
        place = body
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = reader(request.form.getlist(name))
    return {name: _or_null(value) for name, value in body.items()}


def _or_null(value: Any) -> Any:
    """An object without any value is no object; the outermost one stays."""
    if not isinstance(value, dict):
        return value
    return {
        name: None if isinstance(inner, dict) and not any(inner.values()) else inner for name, inner in value.items()
    }
