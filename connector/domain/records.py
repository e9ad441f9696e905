"""What the store remembers, as frozen values. Ids are row numbers; the web turns them into public ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from connector.domain.frequency import Cap
from connector.domain.ids import public_id
from connector.domain.spelling import spelt
from connector.domain.words import Channel, State


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
    #: Whether somebody whose message sounds like a refusal is held back until it has been read.
    hold_unclear: bool = False
    #: How many marketing messages it sends to one person at most.
    frequency_cap: Cap | None = None
    #: The four messages of lists, for lists that have none of their own; and whether they are sent.
    messages: Mapping[str, Any] = field(default_factory=dict)
    send_response: bool = False


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
    #: Ready keywords it listens to beside its own, by the names of their packs.
    packs: tuple[str, ...] = ()

    @property
    def public(self) -> dict[str, str]:
        return {"id": _list_id(self.id), "key": self.key, "name": self.name}


@lru_cache(maxsize=4096)
def _list_id(number: int) -> str:
    """Kept: each refusal of a check names its list."""
    return public_id("list", number)


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
    #: How the history calls it: its name and its id.
    actor: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A beginning of messages that means in or out; ``sender`` is None where it holds for every one."""

    id: int
    channel: Channel
    sender: int | None
    begins_with: str
    state: State
    lists: tuple[int, ...]


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

    def fits(self, said: str, channel: Channel, sender: int) -> bool:
        """Whether a message, as ``normalise`` writes it, that came to this sender on this channel is the question."""
        if self.sender not in (None, sender) or self.channel not in (Channel.ALL, channel):
            return False
        words = [spelling for word in self.keywords if (spelling := spelt(word))]  # "👍" says no word, as "…" does
        match self.match:
            case "exact":
                return said in words
            case "begins_with":
                return any(f"{said} ".startswith(f"{word} ") for word in words)
            case _:
                return any(f" {word} " in f" {said} " for word in words)


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
