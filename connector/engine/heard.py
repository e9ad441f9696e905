"""A message from a person, with whom it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.ids import public_id
from connector.domain.instants import latest, rfc3339
from connector.domain.messages import InboundMessage
from connector.domain.recipients import Recipient
from connector.domain.records import Sender
from connector.domain.words import Channel, Source
from connector.engine.targets import Target, Who, target_of
from connector.store.directory import Directory

_SCOPES = frozenset({"read", "write", "send"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A message with the person behind it."""

    who: Who
    sender: Sender
    channel: Channel
    message: InboundMessage
    target: Target
    at: int
    #: The latest moment that ``at`` can stand for. A "no" counts from then: a "yes" of the same second, that came on
    #: another road and knows its moment better, does not stand over it.
    until: int

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


def hear(
    directory: Directory, sender: Sender, message: InboundMessage, *, region: str | None, secret: bytes, now: int
) -> Heard | None:
    """The person behind a message; None where the sender's channel can't hear from such an address."""
    channel = message.channel if message.channel not in (None, Channel.ALL) else sender.channel
    kinds = (AddressKind.EMAIL,) if channel is Channel.EMAIL else (AddressKind.NUMBER, AddressKind.WHATSAPP_ID)
    if channel is not Channel.WHATSAPP:
        kinds = kinds[:1]
    org, region = directory.organisation, directory.accounts[sender.account].region or region
    for kind in kinds:
        try:
            address = parse(kind, message.sender_address, region)
        except InvalidAddress:
            continue
        who = Who(org, sender.account, f"sender {public_id('sender', sender.id)}", Source.KEYWORD, _SCOPES)
        target = target_of(Recipient((), {}, ""), address, org, secret)
        at = min(message.at, now) if message.at is not None else now
        return Heard(who, sender, channel or sender.channel, message, target, at, latest(at, now))
    return None
