"""Campaigns, what their steps say, and what became of each send, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.words import Purpose


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A text under a name, once for each language; ``parameters`` are the names it is filled by, in their order."""

    id: int
    name: str
    language: str
    text: str | None
    subject: str | None
    html: str | None
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template as a step uses it; the values may hold expressions over the recipient's attributes."""

    name: str
    language: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What a step says: text, or subject with text or html. Templates over the recipient's attributes."""

    text: str | None = None
    subject: str | None = None
    html: str | None = None
    #: Where it was taken from a template: that one's parts stand above, unless only the provider has them.
    template: TemplateUse | None = None

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        named = (("text", self.text), ("subject", self.subject), ("html", self.html))
        return tuple((name, part) for name, part in named if part is not None)


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a campaign; ``delay`` in microseconds after the step before it (or after enrolment)."""

    id: int
    position: int
    delay: int
    content: Content
    #: The time of day it waits for after its delay, in minutes.
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A direct send, a broadcast or a sequence: a sender, the lists that govern, and steps."""

    id: int
    account: int
    kind: str
    name: str
    sender: int
    lists: tuple[int, ...]
    purpose: Purpose
    require_opt_in: bool | str
    on_opt_out: str
    status: str
    reference: str | None = None
    #: The groups whose members pass the opt-out rule.
    bypass: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    timezone: str = "UTC"
    quiet_hours: Any = None
    exit_on_reply: bool = False
    re_entry: str = "never"
    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SendRow:
    """One send as the store has it."""

    id: int
    campaign: int
    step: int
    ordinal: int
    kind: str
    address: str
    status: str
    reasons: tuple[Mapping[str, Any], ...]
    error: str | None
    provider_id: str | None
    due_at: int
    settled_at: int | None
