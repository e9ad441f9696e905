"""What receivers are told: Standard Webhooks events, the same flat for builders, and the legacy body of lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.instants import rfc3339
from connector.domain.words import CHANNEL_NAMES, Channel

OPTED_OUT, OPTED_IN = "contact.opted_out", "contact.opted_in"
TYPES = (OPTED_OUT, OPTED_IN)

_TEXT: Mapping[str, Any] = {"type": "string"}
_NULLABLE: Mapping[str, Any] = {"type": ["string", "null"]}

#: The data of both events; the first four are what list webhooks have always had.
CONTACT_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "title": "Contact changed",
    "required": ["opt_list_name", "mobile", "email", "channel_id", "id", "type", "timestamp", "number"],
    "properties": {
        "opt_list_name": {**_TEXT, "title": "List"},
        "mobile": {"type": ["integer", "null"], "title": "Number as digits"},
        "email": {**_NULLABLE, "title": "Email"},
        "channel_id": {"type": ["integer", "null"], "title": "Channel id"},
        "id": {**_TEXT, "title": "Event id"},
        "type": {"enum": list(TYPES), "title": "Event type"},
        "timestamp": {**_TEXT, "format": "date-time", "title": "Said at"},
        "number": {**_NULLABLE, "title": "Number (E.164)"},
        "whatsapp_id": {**_NULLABLE, "title": "WhatsApp user id"},
        "channel": {"enum": list(CHANNEL_NAMES), "title": "Channel"},
        "list": {"type": "object", "title": "List"},
    },
}  # fmt: skip


def contact_event(
    *, id: str, type: str, at: int, kind: str | None, address: str | None, channel: int,
    of_list: Mapping[str, str], channel_id: int,
) -> dict[str, Any]:  # fmt: skip
    """The data of "contact opted out" and "contact opted in"; an erased address is told as null."""
    number = address if kind == "number" else None
    return {
        "opt_list_name": of_list["name"],
        "mobile": int("".join(filter(str.isdigit, number))) if number else None,
        "email": address if kind == "email" else None,
        "channel_id": channel_id, "id": id, "type": type, "timestamp": rfc3339(at), "number": number,
        "whatsapp_id": address.removeprefix("wa:") if kind == "whatsapp_id" and address else None,
        "channel": Channel(channel).label, "list": dict(of_list),
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
    return contact_event(
        id="evt_0123456789ab", type=type, at=1_790_000_000_000_000, kind="number", address="+14155550123",
        channel=int(Channel.SMS), of_list={"id": "lst_0123456789ab", "key": "default", "name": "Default"},
        channel_id=101,
    )  # fmt: skip
