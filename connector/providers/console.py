"""Delivers to a stream, one line a message: for trying flows out, and for demos."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, TextIO

from connector.domain.errors import Fault
from connector.domain.filling import escape
from connector.domain.messages import Accepted, InboundMessage, InboundRequest, Message, Outcome, Permit, Retry, Unknown
from connector.domain.words import Channel
from connector.providers.deadlines import too_late
from connector.providers.generic_inbound import parse_generic


class Console:
    """Every message is accepted; its line tells channel, masked address and the words, never control characters."""

    name: ClassVar[str] = "console"
    channels: ClassVar[frozenset[Channel]] = frozenset(Channel) - {Channel.ALL}
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self._stream = stream

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]:
        return [Fault(f"/{escape(name)}", "unknown_field", "console has no settings") for name in settings]

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome:
        words = {"subject": message.subject, "text": message.text or message.html}
        told = json.dumps({name: value for name, value in words.items() if value is not None})
        if too_late(permit):
            return Retry(0.0, "no time was left")
        # Looked up at each call: a test or a supervisor may have exchanged sys.stdout since.
        stream = self._stream or sys.stdout
        try:
            stream.write(f"{message.channel.label} to {_mask(message.to)} {message.send_id} {told}\n")
            stream.flush()
        except (OSError, ValueError):  # the reader has gone, or the stream is closed
            return Unknown("the console can't be written to")
        return Accepted(message.send_id)

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> list[InboundMessage]:
        return parse_generic(request.body)


def _mask(address: str) -> str:
    """Enough to tell two test addresses apart, too little to reach anyone."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}***@***{domain[-4:]}"
    return f"{address[:2]}***{address[-2:]}" if len(address) > 6 else "***"
