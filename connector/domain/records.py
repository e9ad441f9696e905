"""What the store remembers, as frozen values. Ids are row numbers; the web turns them into public ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.ids import public_id
from connector.domain.words import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Account:
    """A part of an organisation, with its own region and defaults and, where it wants, its own lists."""

    id: int
    organisation: int
    name: str
    region: str | None
    own_lists: bool
    #: Channel name to "in", "out" or "none": what holds for people who never spoke.
    defaults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OptOutList:
    """An opt-out list; ``account`` is 0 where the whole organisation shares it."""

    id: int
    account: int
    key: str
    name: str
    description: str | None
    keywords: tuple[str, ...]
    opt_in_keywords: tuple[str, ...]
    messages: Mapping[str, Any]
    send_response: bool
    sender: int | None
    webhook_url: str | None
    webhook_format: str
    protect: str
    keyword_scope: str
    is_default: bool

    @property
    def public(self) -> dict[str, str]:
        return {"id": public_id("list", self.id), "key": self.key, "name": self.name}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of contacts; ``bypass``: its members may pass the opt-out rule."""

    id: int
    name: str
    bypass: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """How a message leaves: an access account at a provider, a channel and a number or from-address."""

    id: int
    account: int
    provider: str
    channel: Channel
    number: str
    channel_id: int
    settings: Mapping[str, Any]
    inbound_token: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: the key, its organisation and account, and what it may do."""

    key: int
    organisation: int
    account: int
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Content:
    """What a step says: text, or subject with text or html. Templates over the recipient's attributes."""

    text: str | None = None
    subject: str | None = None
    html: str | None = None

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
    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Binding:
    """A saved configuration of an action: a mapping that turns any payload into its input."""

    id: int
    account: int
    name: str
    action: str
    version: int
    mapping: Mapping[str, Any]
    sample: Any


@dataclass(frozen=True, slots=True)
class SmartReply:
    """A question people ask, the reply, and the actions it sets off."""

    id: int
    keywords: tuple[str, ...]
    match: str
    channel: Channel
    sender: int | None
    reply: str | None
    actions: tuple[Mapping[str, Any], ...]
    priority: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint that is told of events; ``events`` are their types."""

    id: int
    account: int
    url: str
    events: frozenset[str]
    secret: str
    format: str
    expires_at: int | None
    failing_since: int | None
    disabled_at: int | None

    def hears(self, type: str, now: int) -> bool:
        over = self.expires_at is not None and self.expires_at <= now
        return type in self.events and self.disabled_at is None and not over


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    id: int
    list_id: int | None
    channel: int
    state: str
    source: str
    actor: str
    reason: str | None
    evidence: Mapping[str, Any]
    occurred_at: int
    recorded_at: int


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
