"""What Google's RCS for Business posts to us: an event wrapped in base64, signed with the agent's client token."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any

from connector.domain.instants import parse_rfc3339
from connector.domain.messages import BadInbound, BadSignature, InboundMessage, InboundRequest
from connector.domain.words import Channel, State
from connector.providers.reading import is_stop_button, json_object, part, text

#: The entries "Unsubscribe" and "Subscribe" in the person's own messages app.
_SWITCH = {"UNSUBSCRIBE": State.OUT, "SUBSCRIBE": State.CLEARED}


def read_rcs(request: InboundRequest, client_token: str | None) -> list[InboundMessage]:
    """The message in a call, none for an event that is none; BadSignature, BadInbound."""
    data = _data(request.body)
    if not client_token or data is None:
        raise BadSignature("the sender has no client_token, or the call holds no event that could be signed")
    ours = signature(client_token, data)
    if not hmac.compare_digest(ours, request.headers.get("x-goog-signature", "").encode(errors="replace")):
        raise BadSignature("x-goog-signature is not this agent's over the event")
    return _read(json_object(data))


def greeting(request: InboundRequest, client_token: str | None) -> dict[str, str] | None:
    """Google asks for its secret back, with our token, before it uses an address; None where it does not ask."""
    try:
        asked = json_object(request.body)
    except BadInbound:
        return None
    secret = text(asked.get("secret"), 1024)
    if not secret or "message" in asked:
        return None
    given = text(asked.get("clientToken"), 1024)
    if not client_token or not hmac.compare_digest(client_token.encode(), given.encode()):
        raise BadSignature("clientToken is not this sender's")
    return {"secret": secret}


def signature(client_token: str, data: bytes) -> bytes:
    return base64.b64encode(hmac.digest(client_token.encode(), data, "sha512"))


def _data(body: bytes) -> bytes | None:
    try:
        return base64.b64decode(text(part(json_object(body), "message").get("data"), 1 << 20), validate=True) or None
    except (BadInbound, binascii.Error, ValueError):
        return None


def _read(event: Mapping[str, Any]) -> list[InboundMessage]:
    person = text(event.get("senderPhoneNumber"), 64)
    message_id = text(event.get("eventId") or event.get("messageId"), 255)
    if not person or not message_id:
        raise BadInbound("senderPhoneNumber and eventId or messageId are needed")
    kind, at = text(event.get("eventType"), 32), _instant(event)
    if kind:
        word = _SWITCH.get(kind)
        return [_message(message_id, person, "", at, word, written=False)] if word is not None else []
    pressed = part(event, "suggestionResponse")
    words = text(event.get("text")) or text(pressed.get("text"))
    word = State.OUT if is_stop_button(text(pressed.get("postbackData"))) else None
    return [_message(message_id, person, words, at, word, written=True)]


def _message(
    message_id: str, person: str, words: str, at: int | None, word: State | None, *, written: bool
) -> InboundMessage:
    return InboundMessage(message_id, person, None, words, Channel.RCS, at, word, written=written)


def _instant(event: Mapping[str, Any]) -> int | None:
    try:
        return parse_rfc3339(text(event.get("sendTime"), 64))
    except ValueError:
        return None
