"""A message from a person, with whom it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.domain.instants import rfc3339
from connector.domain.messages import InboundMessage
from connector.domain.records import Sender
from connector.domain.words import Channel
from connector.engine.targets import Target, Who


@dataclass(frozen=True, slots=True)
class Heard:
    """A message with the person behind it."""

    who: Who
    sender: Sender
    channel: Channel
    message: InboundMessage
    target: Target
    at: int

    @property
    def evidence(self) -> dict[str, Any]:
        return {"message_id": self.message.message_id, "text": self.message.text[:1000]}


def data_of(heard: Heard) -> dict[str, Any]:
    """What a smart reply's mapping sees."""
    message, address = heard.message, heard.target.address
    return {
        "message": {
            "id": message.message_id, "from": message.sender_address, "to": message.recipient or heard.sender.number,
            "text": message.text, "channel": heard.channel.label, "received_at": rfc3339(heard.at),
        },
        "contact": {"number": None, "email": None, "attributes": {}, address.kind.value: address.wire},
    }  # fmt: skip
