"""What providers with a preset post to us, by table: which expressions find a message, and which a status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.expressions import ExpressionFailed, compile_expression
from connector.domain.instants import parse_rfc3339
from connector.domain.messages import Delivery, Inbound, InboundMessage, InboundStatus, Kind
from connector.domain.words import Channel
from connector.providers.reading import json_object, text


@dataclass(frozen=True, slots=True)
class Call:
    """How one provider says it; every expression is about one part of its call."""

    #: Where the parts are; the whole call where it is one part.
    parts: str = "@"
    id: str = "id"
    person: str = "from"
    recipient: str = "to"
    words: str = "text"
    at: str = "timestamp"
    channel: str = "channel"
    #: Our id of the send, which it carried; the provider's own; its word for how it went.
    send_id: str = "client_ref"
    provider_id: str = "id"
    status: str = "status"
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)


_A, _D, _F = Delivery.ACCEPTED, Delivery.DELIVERED, Delivery.FAILED

CALLS: Mapping[str, Call] = {
    "vonage": Call(
        id="message_uuid", provider_id="message_uuid",
        deliveries={"submitted": _A, "delivered": _D, "read": _D, "rejected": _F, "undeliverable": _F},
    ),
    "sinch": Call(
        words="type == 'mo_text' && body || null", at="received_at", send_id="client_reference",
        provider_id="batch_id", channel="type == 'mo_text' && 'sms' || null",
        deliveries={
            "Dispatched": _A, "Delivered": _D, "Failed": _F, "Rejected": _F, "Expired": _F, "Aborted": _F,
            "Cancelled": _F, "Deleted": _F,
        },
    ),
    "infobip": Call(
        parts="results", id="messageId", at="receivedAt", send_id="messageId", provider_id="messageId",
        status="status.groupName",
        deliveries={"DELIVERED": _D, "UNDELIVERABLE": _F, "EXPIRED": _F, "REJECTED": _F},
    ),
    "cm": Call(id="reference", person="from.number", recipient="to.number", words="message.text", at="timeUtc"),
    "telnyx": Call(
        parts="data.payload", person="from.phone_number", recipient="to[0].phone_number",
        words="direction == 'inbound' && text || null", at="received_at",
    ),
}  # fmt: skip
_CHANNELS = {one.label: one for one in Channel if one is not Channel.ALL}


def read_preset(preset: str, body: bytes) -> list[Inbound]:
    """Everything in a call that is a message of a person's, or a status of a send of ours; BadInbound."""
    call = CALLS[preset]
    found = _value(call.parts, json_object(body))
    parts = found if isinstance(found, list) else [found]
    return [one for part in parts if isinstance(part, dict) for one in _read(call, part)]


def _read(call: Call, part: Mapping[str, Any]) -> Iterator[Inbound]:
    words, person = _value(call.words, part), text(_value(call.person, part), 64)
    message_id = text(_value(call.id, part), 255)
    if isinstance(words, str) and person and message_id:
        channel = _CHANNELS.get(text(_value(call.channel, part), 32).lower())
        recipient = text(_value(call.recipient, part), 64) or None
        yield InboundMessage(message_id, _number(person), recipient, text(words), channel, _instant(call, part))
        return
    delivery, send_id = call.deliveries.get(text(_value(call.status, part), 64)), text(_value(call.send_id, part), 64)
    if delivery is not None and send_id:
        kind = Kind.PROVIDER if delivery is Delivery.FAILED else None
        yield InboundStatus(send_id, text(_value(call.provider_id, part), 255) or None, delivery, kind)


def _number(person: str) -> str:
    """They leave the plus of an international number out, or write it 00."""
    if not (person.isascii() and person.isdecimal()) or len(person) < 7:
        return person
    return f"+{person.removeprefix('00')}"


def _instant(call: Call, part: Mapping[str, Any]) -> int | None:
    said = text(_value(call.at, part), 64)
    try:
        return parse_rfc3339(said)
    except ValueError:
        return None


def _value(expression: str, data: Any) -> Any:
    try:
        return compile_expression(expression).evaluate(data)
    except ExpressionFailed:
        return None
