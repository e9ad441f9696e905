"""The phone on the page of smart replies: what was typed, what it would set off, and why. Nothing happens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.errors import HeedError, Invalid
from connector.engine.targets import Who
from connector.web import offers
from connector.web.house import house
from schemas import inbox, resources

#: So many exchanges stay on the screen.
_LAST = 5
_FROM = {"email": ("email", "ada@example.com")}
_NUMBER = ("number", "+14155550123")


@dataclass(frozen=True)
class Phone:
    """What stands on it."""

    senders: Sequence[Mapping[str, Any]]
    sender: str = ""
    address: str = ""
    #: Earlier exchanges, each what was typed and what would have been answered.
    before: tuple[tuple[str, str | None], ...] = ()
    said: str = ""
    seen: Mapping[str, Any] | None = None
    fault: str = ""

    @property
    def offered(self) -> offers.Pairs:
        return offers.senders(self.senders)

    @property
    def screen(self) -> tuple[tuple[str, str | None], ...]:
        now = ((self.said, self.seen["says"]),) if self.seen else ()
        return (*self.before, *now)[-_LAST:]

    @property
    def kept(self) -> str:
        """The screen, for the form to bring along."""
        return json.dumps(self.screen)


def phone(who: Who, form: Mapping[str, str] | None = None) -> Phone:
    """The phone as it is when nothing was typed, or with what the try-out makes of what was."""
    senders = house().setup.senders(who)
    if form is None or form.get("do") == "clear":
        return Phone(senders, (form or {}).get("sender", ""), (form or {}).get("address", ""))
    typed = Phone(senders, form.get("sender", ""), form.get("address", "").strip(), _before(form), form.get("text", ""))
    channel = next((one["channel"] for one in senders if one["id"] == typed.sender), "")
    kind, usual = _FROM.get(channel, _NUMBER)
    body = {"sender": typed.sender, "text": typed.said.strip(), kind: typed.address or usual}
    try:
        seen = house().inbox.receiver.try_out(who, resources.load(inbox.TryOut(), body))
    except Invalid as error:
        return Phone(senders, typed.sender, typed.address, typed.before, typed.said, fault=_said(error))
    return Phone(senders, typed.sender, typed.address, typed.before, typed.said, seen)


def _said(error: HeedError) -> str:
    return "; ".join(one.detail for one in error.faults) if isinstance(error, Invalid) else error.detail


def _before(form: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    """What the form brought along; nothing where it is not ours."""
    try:
        told = json.loads(form.get("before", "[]")[:20_000])
    except (ValueError, RecursionError):
        return ()
    pairs = [one for one in told if isinstance(one, list) and len(one) == 2] if isinstance(told, list) else []
    return tuple((str(said), answer if isinstance(answer, str) else None) for said, answer in pairs)
