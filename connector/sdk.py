"""All that an action author may touch.

An action is one file in ``actions/``: a function of the file's name, decorated with ``@action``, whose first parameter
is ``ctx`` and whose other parameters are words of ``schemas.vocabulary``. The signature is the JSON Schema: its order
is the form's order, no default means required, and the docstring is what a builder's user reads.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.domain.recipients import Batch
from connector.domain.results import Result
from connector.domain.schema import DIALECT, Group, Schema, Shape, Word
from connector.domain.words import Channel, Purpose, State


class Consent(Protocol):
    """The consent book, as an action sees it."""

    def record(
        self, state: State, recipients: Batch, channel: Channel, lists: Sequence[str], *, reason: str | None,
        occurred_at: int | None, evidence: Mapping[str, Any] | None, expires_at: int | None = None,
        basis: str | None = None,
    ) -> Result: ...  # fmt: skip

    def ask(
        self, recipients: Batch, channel: Channel, lists: Sequence[str], *, purpose: Purpose,
        require_opt_in: bool | str, bypass_groups: Sequence[str],
    ) -> Result: ...  # fmt: skip

    def history(self, recipients: Batch, limit: int) -> Result: ...


class Sending(Protocol):
    """The way out: messages are queued here and handed over by workers, after one more look at the book."""

    def send(
        self, sender: str, recipients: Batch, content: Mapping[str, Any], *, lists: Sequence[str], purpose: Purpose,
        require_opt_in: bool | str, bypass_groups: Sequence[str], reference: str | None, send_at: int | None,
        wait: bool,
    ) -> Result: ...  # fmt: skip


class Sequences(Protocol):
    """People's way through sequence campaigns."""

    def enrol(self, sequence: str, recipients: Batch, attributes: Mapping[str, Any] | None) -> Result: ...

    def remove(self, sequence: str, recipients: Batch) -> Result: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What an action is handed: the book, the way out and the sequences, all acting for one caller."""

    consent: Consent
    sending: Sending
    sequences: Sequences
    now: int


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done, as the catalogue publishes it."""

    name: str
    version: int
    title: str
    description: str
    icon: str
    scope: str
    read_only: bool
    destructive: bool
    idempotent: bool
    examples: tuple[Mapping[str, Any], ...]
    input: Shape
    output_schema: Schema
    run: Callable[..., Result] = field(repr=False)


class BadAction(TypeError):
    """An action's signature or decorator is not what the catalogue can publish."""


def action(
    *,
    title: str,
    icon: str,
    examples: Sequence[Mapping[str, Any]],
    scope: str = "write",
    version: int = 1,
    read_only: bool = False,
    destructive: bool = False,
    idempotent: bool = True,
) -> Callable[[Callable[..., Result]], Action]:
    """Make a function an action. ``examples`` are ``{"title", "input", "output"}``, the input as callers send it."""

    def decorate(function: Callable[..., Result]) -> Action:
        hints = typing.get_type_hints(function, include_extras=True)
        description = inspect.getdoc(function)
        if not description:
            raise BadAction(f"{function.__name__} needs a docstring: it is what a builder's user reads")
        return Action(
            function.__name__, version, title, description, icon, scope, read_only, destructive, idempotent,
            tuple(examples), _shape(function, hints), _word(function, "return", hints.get("return")).schema, function,
        )  # fmt: skip

    return decorate


def _shape(function: Callable[..., Result], hints: Mapping[str, Any]) -> Shape:
    """The input's JSON Schema from the parameters after ``ctx``."""
    properties: Schema = {}
    required: list[str] = []
    rules: Schema = {}
    words: dict[str, Word] = {}
    groups: dict[str, Group] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        word = _word(function, parameter.name, hints.get(parameter.name))
        if isinstance(word, Group):
            groups[parameter.name] = word
            properties.update(word.properties)
            rules.update(word.rule)
            continue
        name = parameter.name.rstrip("_")  # async is a keyword of Python, not of JSON
        words[name] = word
        properties[name] = dict(word.schema)
        if parameter.default is parameter.empty:
            required.append(name)
        elif parameter.default is not None:
            properties[name]["default"] = _json(parameter.default)
    ordered = {name: {**schema, "x-order": place} for place, (name, schema) in enumerate(properties.items(), start=1)}
    schema: Schema = {"$schema": DIALECT, "type": "object", "properties": ordered, "additionalProperties": False}
    if required:
        schema["required"] = required
    return Shape({**schema, **rules}, words, groups)


def _json(default: Any) -> Any:
    if isinstance(default, Channel):
        return default.label
    return list(default) if isinstance(default, tuple) else default


def _word(function: Callable[..., Result], name: str, hint: Any) -> Any:
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, Word | Group):
            return mark
    raise BadAction(f"{function.__name__}: {name} is not a word of schemas.vocabulary")
