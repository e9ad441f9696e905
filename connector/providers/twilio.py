"""Twilio's Messages API: SMS, WhatsApp and RCS out; replies, opt-outs and delivery callbacks in.

It takes no key that would tell a second hand-over of the same message, so what is unknown stays unknown until a
callback says more. The callback's URL carries our id of the send.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from connector.domain.errors import Fault
from connector.domain.messages import (
    Accepted,
    Inbound,
    InboundRequest,
    Kind,
    Message,
    Outcome,
    Permit,
    Rejected,
    Unknown,
)
from connector.domain.words import Channel
from connector.providers.handing_over import FORM, hand_over
from connector.providers.http import HttpAnswer
from connector.providers.http_answers import by_status, read, refusal
from connector.providers.settings import Checked
from connector.providers.targets import RefusedTarget, check_target
from connector.providers.twilio_calls import SENT_AS, kind_of, read_call, verify

_API = "https://api.twilio.com"
_SETTINGS = (
    "account_sid", "auth_token", "messaging_service_sid", "base_url", "secondary_auth_token", "webhook_key",
)  # fmt: skip
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_MESSAGE = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+\d{5,19}")
#: How an address is written on each channel.
_PREFIXES = {Channel.SMS: "", Channel.WHATSAPP: "whatsapp:", Channel.RCS: "rcs:"}


class Twilio:
    """Sends by an account's number or messaging service."""

    name: ClassVar[str] = "twilio"
    channels: ClassVar[frozenset[Channel]] = frozenset(_PREFIXES)
    secrets: ClassVar[frozenset[str]] = frozenset({"auth_token", "secondary_auth_token", "webhook_key"})
    #: Twilio reads what we answer as instructions and knows no JSON; nothing is the way to say nothing.
    silent: ClassVar[bool] = True

    def __init__(self, *, allow_private: bool, public_url: str) -> None:
        self._allow_private = allow_private
        self._public_url = public_url if allow_private or _is_public(public_url) else None

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]:
        checked = Checked(settings, _SETTINGS)
        checked.matching("account_sid", _ACCOUNT, "AC and 32 hexadecimal digits", required=True)
        checked.text("auth_token", required=True)
        checked.matching("messaging_service_sid", _SERVICE, "MG and 32 hexadecimal digits")
        checked.text("secondary_auth_token")
        checked.text("webhook_key")
        checked.target("base_url", self._allow_private)
        return checked.faults

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome:
        if message.channel not in _PREFIXES:
            return Rejected(Kind.PROVIDER, f"not on {message.channel.label}")
        if not _NUMBER.fullmatch(message.to):
            return Rejected(Kind.INVALID_RECIPIENT, "Twilio needs a phone number")
        form = self._form(message, settings)
        if not form.get("Body") and "ContentSid" not in form:
            return Rejected(Kind.TEMPLATE, "without a text of ours, Twilio needs the name of a content (HX…)")
        account = settings["account_sid"]
        login = base64.b64encode(f"{account}:{settings['auth_token']}".encode()).decode()
        answer = hand_over(
            f"{(settings.get('base_url') or _API).rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json",
            {
                "User-Agent": "Heed",
                "Accept": "application/json",
                "Content-Type": FORM,
                "Authorization": f"Basic {login}",
            },
            urlencode(form, errors="replace").encode(),
            permit,
            allow_private=self._allow_private,
        )
        return _translate(answer) if isinstance(answer, HttpAnswer) else answer

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> list[Inbound]:
        verify(request, settings)
        return read_call(request)

    def _form(self, message: Message, settings: Mapping[str, Any]) -> dict[str, str]:
        prefix = _PREFIXES[message.channel]
        form = {"To": prefix + message.to}
        if settings.get("messaging_service_sid"):
            form["MessagingServiceSid"] = settings["messaging_service_sid"]
        else:
            form["From"] = prefix + message.sender.removeprefix(prefix)
        # Of the templates that are kept here, those that Twilio approved have its name for them.
        if message.template is not None and _CONTENT.fullmatch(message.template.name):
            blanks = {str(place): value for place, value in enumerate(message.template.parameters, start=1)}
            form |= {"ContentSid": message.template.name, "ContentVariables": json.dumps(blanks)}
        else:
            form["Body"] = message.text or ""
        if self._public_url and message.inbound_path:
            form["StatusCallback"] = f"{self._public_url}{message.inbound_path}?{SENT_AS}={message.send_id}"
        return form


def _translate(answer: HttpAnswer) -> Outcome:
    """By Twilio's code first, then by status; a yes must have a message's name."""
    data = read(answer.body)
    said = data if isinstance(data, dict) else {}
    yes = 200 <= answer.status < 300
    kind = kind_of(said.get("error_code") if yes else said.get("code"))
    if kind is not None:
        return refusal(kind, answer, data)
    if not yes:
        return by_status(answer, data)
    if said.get("status") in ("failed", "undelivered", "canceled"):
        return refusal(Kind.PROVIDER, answer, data)
    sid = said.get("sid")
    if not isinstance(sid, str) or not _MESSAGE.fullmatch(sid):
        return Unknown(f"HTTP {answer.status} without the name of a message")
    return Accepted(sid)


def _is_public(url: str) -> bool:
    """Whether Twilio could reach it: with a URL that it can't, it refuses the whole message."""
    try:
        check_target(url, allow_private=False)
    except RefusedTarget:
        return False
    return True
