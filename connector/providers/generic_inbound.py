"""A person's message in Heed's own JSON, for providers without a format of their own.

    {"id": "m-1", "from": "+15550100", "to": "+15550199", "text": "STOP", "channel": "sms",
     "timestamp": "2026-11-23T18:00:00Z"}

``id``, ``from`` and ``text`` are needed; ``timestamp`` is RFC 3339 or seconds since the epoch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.domain.instants import SECOND, parse_rfc3339, rfc3339
from connector.domain.messages import BadInbound, InboundMessage
from connector.domain.words import CHANNEL_NAMES, Channel
from connector.providers.reading import json_object, storable

_LATEST = 7_258_118_400  # the year 2200, in seconds
_LONGEST = {"id": 255, "from": 320, "to": 320, "text": 65_536}
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,9})?")


def parse_generic(body: bytes) -> list[InboundMessage]:
    """The one message of a body; BadInbound names everything that is wrong with it."""
    fields = json_object(body)
    faults: list[str] = []
    message_id = _text(fields, "id", faults)
    sender_address = _text(fields, "from", faults)
    recipient = _text(fields, "to", faults, needed=False)
    text = _text(fields, "text", faults, empty=True)
    channel = _channel(fields.get("channel"), faults)
    at = _instant(fields.get("timestamp"), faults)
    if faults:
        raise BadInbound("; ".join(faults))
    return [InboundMessage(message_id, sender_address, recipient or None, text, channel, at)]


def _text(fields: Mapping[str, Any], name: str, faults: list[str], *, needed: bool = True, empty: bool = False) -> str:
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and name != "text":
        value = str(value)  # numbers and ids that a JSON writer took for integers
    if value is None or (value == "" and not empty):
        if needed:
            faults.append(f"{name}: is required")
        return ""
    if not isinstance(value, str):
        faults.append(f"{name}: must be text")
        return ""
    if len(value) > _LONGEST[name]:
        faults.append(f"{name}: must have at most {_LONGEST[name]} characters")
    return storable(value)


def _channel(value: Any, faults: list[str]) -> Channel | None:
    if value in (None, ""):
        return None
    if isinstance(value, str) and value in CHANNEL_NAMES and value != Channel.ALL.label:
        return Channel.named(value)
    names = ", ".join(name for name in CHANNEL_NAMES if name != Channel.ALL.label)
    faults.append(f"channel: must be one of {names}")
    return None


def _instant(value: Any, faults: list[str]) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 0 <= value <= _LATEST:  # no for NaN as well
            return round(value * SECOND)
        faults.append(f"timestamp: must be seconds since {rfc3339(0)}, before the year 2200")
        return None
    try:
        return parse_rfc3339(str(value))
    except ValueError:
        faults.append("timestamp: must be an RFC 3339 date-time or seconds since the epoch")
        return None
