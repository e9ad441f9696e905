"""Words of the vocabulary: a type that knows its JSON Schema and how to read a validated value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.errors import Fault

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Word:
    """One field of an action's input or its whole output; ``read`` turns a valid JSON value into what actions see."""

    schema: Schema
    read: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Several fields that are one parameter of an action, with a rule between them."""

    properties: Mapping[str, Schema]
    #: JSON Schema keywords that hold for the whole input.
    rule: Schema
    #: What a caller is told when the rule is broken: (code, sentence).
    broken: tuple[str, str]
    #: Reads the group's values, given the account's default region.
    read: Callable[[Mapping[str, Any], str | None], Any]

    def explain(self, fault: Fault) -> Fault:
        """A fault of the rule in words a caller understands; any other as it is."""
        return Fault("", *self.broken) if fault.pointer == "" and fault.code in self.rule else fault


@dataclass(frozen=True, slots=True)
class Shape:
    """The input of an action, made from its signature."""

    schema: Schema
    words: Mapping[str, Word] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
