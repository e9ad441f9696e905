"""Meta's WhatsApp Cloud API: texts within the conversation, approved templates at any time, and what people answer.

It takes no key that would tell a second hand-over of the same message. Our id of the send travels along as
``biz_opaque_callback_data`` and comes back with every status.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from connector.domain.errors import Fault
from connector.domain.messages import (
    Accepted,
    BadSignature,
    Inbound,
    InboundRequest,
    Kind,
    Message,
    Outcome,
    Permit,
    Rejected,
    Retry,
    Unknown,
)
from connector.domain.words import Channel
from connector.providers.handing_over import JSON, hand_over
from connector.providers.http import HttpAnswer
from connector.providers.http_answers import by_status, read, refusal
from connector.providers.reading import objects, part, text
from connector.providers.settings import Checked
from connector.providers.whatsapp_calls import kind_of, read_call, read_challenge, verify

_API = "https://graph.facebook.com/v24.0"
_SETTINGS = ("phone_number_id", "access_token", "app_secret", "verify_token", "base_url")
_PHONE = re.compile(r"[0-9]{1,32}")
_TOKEN = re.compile(r"[\x21-\x7e]+")
#: The pair rate limit: it speaks of one person.
_TOO_MUCH_TO_ONE = 131056
_NUMBER = re.compile(r"\+\d{5,19}")


class WhatsAppCloud:
    """Sends by one phone number of a WhatsApp Business account."""

    name: ClassVar[str] = "whatsapp_cloud"
    channels: ClassVar[frozenset[Channel]] = frozenset({Channel.WHATSAPP})
    secrets: ClassVar[frozenset[str]] = frozenset({"access_token", "app_secret", "verify_token"})

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]:
        checked = Checked(settings, _SETTINGS)
        checked.matching("phone_number_id", _PHONE, "the digits of the phone number's id", required=True)
        checked.matching("access_token", _TOKEN, "a token without blanks", required=True)
        checked.text("app_secret")
        checked.text("verify_token")
        checked.target("base_url", self._allow_private)
        return checked.faults

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome:
        if message.channel is not Channel.WHATSAPP:
            return Rejected(Kind.PROVIDER, f"not on {message.channel.label}")
        answer = hand_over(
            f"{(settings.get('base_url') or _API).rstrip('/')}/{settings['phone_number_id']}/messages",
            {
                "User-Agent": "Heed",
                "Accept": JSON,
                "Content-Type": JSON,
                "Authorization": f"Bearer {settings['access_token']}",
            },
            json.dumps(_body(message)).encode(),
            permit,
            allow_private=self._allow_private,
        )
        return _translate(answer) if isinstance(answer, HttpAnswer) else answer

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> list[Inbound]:
        verify(request, settings.get("app_secret"))
        return read_call(request.body, settings["phone_number_id"])

    def challenge(self, request: InboundRequest, settings: Mapping[str, Any]) -> str:
        """What to answer where Meta asks whether this address is ours; BadSignature."""
        given, challenge = read_challenge(request.url)
        wanted = settings.get("verify_token")
        if not wanted or not hmac.compare_digest(wanted.encode(), given.encode(errors="replace")):
            raise BadSignature("hub.verify_token is not this sender's")
        return challenge


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": message.send_id,
    }
    # Somebody who goes by a user name has no phone: where "to" stood, "recipient" would not be looked at.
    if _NUMBER.fullmatch(message.to):
        body["to"] = message.to.removeprefix("+")
    else:
        body["recipient"] = message.to
    if message.template is None:
        return body | {"type": "text", "text": {"preview_url": False, "body": message.text or ""}}
    template: dict[str, Any] = {"name": message.template.name, "language": {"code": message.template.language}}
    if message.template.parameters:
        blanks = [{"type": "text", "text": value} for value in message.template.parameters]
        template["components"] = [{"type": "body", "parameters": blanks}]
    return body | {"type": "template", "template": template}


def _translate(answer: HttpAnswer) -> Outcome:
    """By Meta's code first, whatever the status; then by status; a yes must have a message's name."""
    data = read(answer.body)
    code = part(data, "error").get("code")
    kind = kind_of(code)
    if kind is not None:
        refused = refusal(kind, answer, data)
        if isinstance(refused, Retry) and code == _TOO_MUCH_TO_ONE:
            return replace(refused, sender_wide=False)
        return refused
    if not 200 <= answer.status < 300:
        return by_status(answer, data)
    if code is not None:
        return refusal(Kind.PROVIDER, answer, data)
    names = [text(one.get("id"), 255) for one in objects(data.get("messages") if isinstance(data, dict) else None)]
    if not names or not names[0]:
        return Unknown(f"HTTP {answer.status} without the name of a message")
    return Accepted(names[0])
