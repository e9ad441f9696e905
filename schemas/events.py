"""What receivers are told: Standard Webhooks events, the same flat for builders, and the legacy body of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.instants import rfc3339
from connector.domain.words import CHANNEL_NAMES, Channel

OPTED_OUT, OPTED_IN = "contact.opted_out", "contact.opted_in"
KEYWORD = "keyword.received"
SKIPPED, SENT, FAILED = "message.skipped", "message.sent", "message.failed"
TYPES = (OPTED_OUT, OPTED_IN, KEYWORD, SKIPPED, SENT, FAILED)

_TEXT: Mapping[str, Any] = {"type": "string"}
_NULLABLE: Mapping[str, Any] = {"type": ["string", "null"]}
_LIST: Mapping[str, Any] = {
    "type": "object", "required": ["id", "key", "name"], "properties": dict.fromkeys(("id", "key", "name"), _TEXT),
}  # fmt: skip

#: What every event says: which one it is, when it happened, and of whom; an erased address is null.
_COMMON: Mapping[str, Any] = {
    "id": {**_TEXT, "title": "Event id"},
    "type": {"enum": list(TYPES), "title": "Event type"},
    "timestamp": {**_TEXT, "format": "date-time", "title": "Happened at"},
    "number": {**_NULLABLE, "title": "Number (E.164)"},
    "email": {**_NULLABLE, "title": "Email"},
    "whatsapp_id": {**_NULLABLE, "title": "WhatsApp user id"},
    "channel": {"enum": list(CHANNEL_NAMES), "title": "Channel"},
    "channel_id": {"type": ["integer", "null"], "title": "Channel id"},
}


def _schema(title: str, more: Mapping[str, Any]) -> dict[str, Any]:
    properties = {**more, **_COMMON}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "title": title,
        "required": list(properties), "properties": properties,
    }  # fmt: skip


#: The data of both changes of consent; these four are what list webhooks have always had.
CONTACT_SCHEMA: Mapping[str, Any] = _schema("Contact changed", {
    "opt_list_name": {**_TEXT, "title": "List"},
    "mobile": {"type": ["integer", "null"], "title": "Number as digits"},
    "email": _COMMON["email"],
    "channel_id": _COMMON["channel_id"],
    "list": {**_LIST, "title": "List, whole"},
})  # fmt: skip
#: The data of a message that a keyword, a rule or a smart reply recognised.
KEYWORD_SCHEMA: Mapping[str, Any] = _schema("Keyword received", {
    "text": {**_TEXT, "title": "What was written"},
    "keyword": {**_NULLABLE, "title": "Keyword"},
    "outcome": {**_TEXT, "title": "What it did"},
    "lists": {"type": "array", "items": _LIST, "title": "Lists"},
    "rule": {**_NULLABLE, "title": "Rule"},
    "reply": {**_NULLABLE, "title": "Smart reply"},
    "to": {**_NULLABLE, "title": "Received by"},
    "message_id": {**_TEXT, "title": "The provider's id of the message"},
})  # fmt: skip
#: The data of a message that was skipped, sent or failed.
MESSAGE_SCHEMA: Mapping[str, Any] = _schema("Message ended", {
    "status": {"enum": ["suppressed", "sent", "failed"], "title": "Status"},
    "reason": {**_NULLABLE, "title": "First reason"},
    "error": {**_NULLABLE, "title": "Error"},
    "reasons": {"type": "array", "items": {"type": "object"}, "title": "Every reason"},
    "message": {**_TEXT, "title": "Message id"},
    "campaign": {**_NULLABLE, "title": "Campaign"},
    "campaign_name": {**_NULLABLE, "title": "Campaign name"},
    "request": {**_NULLABLE, "title": "Request of a direct send"},
    "step": {"type": ["integer", "null"], "title": "Step"},
    "reference": {**_NULLABLE, "title": "Your reference"},
    "provider_id": {**_NULLABLE, "title": "The provider's id"},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a builder may wait for: an event, named as builders want names."""

    event: str
    title: str
    description: str
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.event.replace(".", "_")


TRIGGERS = (
    Trigger(OPTED_OUT, "Contact opted out", "Somebody said no, on a list and a channel.", CONTACT_SCHEMA),
    Trigger(OPTED_IN, "Contact opted in", "Somebody said yes, on a list and a channel.", CONTACT_SCHEMA),
    Trigger(KEYWORD, "Keyword received", "A keyword, a rule or a smart reply recognised a message.", KEYWORD_SCHEMA),
    Trigger(SKIPPED, "Message skipped", "A message was not sent, and why: the person's word decided.", MESSAGE_SCHEMA),
    Trigger(SENT, "Message sent", "A provider has accepted a message.", MESSAGE_SCHEMA),
    Trigger(FAILED, "Message failed", "A provider has refused a message, or could not deliver it.", MESSAGE_SCHEMA),
)
_SCHEMAS = {one.event: one.schema for one in TRIGGERS}


def type_of(name: str) -> str | None:
    """The event of a name: its own, or its trigger's."""
    return next((one.event for one in TRIGGERS if name in (one.event, one.name)), None)


def contact_event(
    *, id: str, type: str, at: int, kind: str | None, address: str | None, channel: int,
    of_list: Mapping[str, str], channel_id: int,
) -> dict[str, Any]:  # fmt: skip
    """The data of "contact opted out" and "contact opted in"; an erased address is told as null."""
    whom = whom_of(kind, address)
    number = whom["number"]
    return {
        "opt_list_name": of_list["name"],
        "mobile": int("".join(filter(str.isdigit, number))) if number else None,
        "email": whom["email"], "channel_id": channel_id, "id": id, "type": type, "timestamp": rfc3339(at), **whom,
        "channel": Channel(channel).label, "list": dict(of_list),
    }  # fmt: skip


def whom_of(kind: str | None, address: str | None) -> dict[str, str | None]:
    """An address in the field of its kind, and null in the others."""
    found = {"number": None, "email": None, "whatsapp_id": None}
    return found | ({kind: address.removeprefix("wa:")} if kind and address else {})


def keyword_event(*, id: str, at: int, channel_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of "keyword received", from what was put down when it came."""
    rest = {name: value for name, value in data.items() if name not in ("kind", "address", "channel")}
    return {
        "id": id, "type": KEYWORD, "timestamp": rfc3339(at), **whom_of(data["kind"], data["address"]),
        "channel": Channel(data["channel"]).label, "channel_id": channel_id, **rest,
    }  # fmt: skip


def message_event(
    *, id: str, type: str, at: int, kind: str, address: str, channel: int, channel_id: int, message: str,
    reasons: Sequence[Mapping[str, Any]], error: str | None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The data of "message skipped", "message sent" and "message failed"."""
    return {
        "id": id, "type": type, "timestamp": rfc3339(at), **whom_of(kind, address),
        "channel": Channel(channel).label, "channel_id": channel_id, "message": message,
        "status": {SKIPPED: "suppressed", SENT: "sent", FAILED: "failed"}[type],
        "error": error, "reason": reasons[0]["code"] if reasons else None, "reasons": list(reasons), **more,
    }  # fmt: skip


def body_of(data: Mapping[str, Any], form: str) -> dict[str, Any]:
    """The body in one of the three forms: ``standard``, ``flat`` or ``legacy``."""
    if form == "legacy":
        return {name: data[name] for name in ("opt_list_name", "mobile", "email", "channel_id")}
    if form == "flat":
        return dict(data)
    return {"type": data["type"], "timestamp": data["timestamp"], "data": dict(data)}


def sample(type: str) -> dict[str, Any]:
    """What such an event looks like, for builders to map from."""
    some = {"at": 1_790_000_000_000_000, "channel_id": 101}
    of_list = {"id": "lst_0123456789ab", "key": "default", "name": "Default"}
    if type in (OPTED_OUT, OPTED_IN):
        return contact_event(
            id="evt_0123456789ab", type=type, kind="number", address="+14155550123", channel=int(Channel.SMS),
            of_list=of_list, **some,
        )  # fmt: skip
    if type == KEYWORD:
        data = {
            "kind": "number", "address": "+14155550123", "channel": int(Channel.SMS), "text": "STOP please",
            "keyword": "STOP", "outcome": "opted_out", "lists": [of_list], "rule": None, "reply": None,
            "to": "+15005550006", "message_id": "SM0123456789abcdef0123456789abcdef",
        }  # fmt: skip
        return keyword_event(id="ntc_0123456789ab", data=data, **some)
    why = {"code": "opted_out", "list": of_list, "channel": "sms", "since": rfc3339(1_789_000_000_000_000)}
    return message_event(
        id="ntc_0123456789ab", type=type, kind="number", address="+14155550123", channel=int(Channel.SMS),
        message="msg_0123456789ab", reasons=[why] if type == SKIPPED else [],
        error={SKIPPED: "Optout Number", FAILED: "invalid_recipient: no such number"}.get(type),
        campaign="cmp_0123456789ab", campaign_name="Spring sale", request=None, step=1, reference=None,
        provider_id="SM0123456789abcdef0123456789abcdef" if type == SENT else None, **some,
    )  # fmt: skip
