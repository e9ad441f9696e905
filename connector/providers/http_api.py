"""Any provider with an HTTP API of its own, described by settings instead of code.

    {"url": "https://gw.example/v1/message", "headers": {"Authorization": "Bearer …"},
     "body": {"messages": [{"recipient": "{{ to }}", "content": "{{ text }}", "reference": "{{ send_id }}"}]},
     "id": "messages[0].id", "accepted": "messages[0].errorCode == `0`",
     "errors": [{"when": "messages[0].errorCode == `205`", "kind": "opted_out"}]}

With only ``url`` it posts {to, from, channel, text, subject, html, send_id} as JSON and takes ``id`` from the answer.
With ``preset`` all of this stands in ``presets`` already, and the settings are the provider's own credentials.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from connector.domain.errors import Fault
from connector.domain.mapping import resolve
from connector.domain.messages import (
    Inbound,
    InboundRequest,
    Kind,
    Message,
    Outcome,
    Permit,
    Rejected,
)
from connector.domain.words import Channel
from connector.providers.generic_inbound import parse_generic
from connector.providers.google_login import access_token
from connector.providers.handing_over import FORM, JSON, LONGEST, hand_over
from connector.providers.http import HttpAnswer
from connector.providers.http_answers import translate
from connector.providers.http_settings import check_http_settings
from connector.providers.preset_calls import CALLS, read_preset
from connector.providers.preset_settings import SECRETS, check_preset, expand
from connector.providers.presets import PRESETS, Preset
from connector.providers.rcs_calls import greeting, read_rcs
from connector.providers.standard_webhooks import verify
from connector.providers.telnyx_signature import verify_telnyx

_TYPES = {"json": JSON, "form": FORM}


class HttpApi:
    """Sends by one HTTP request, receives by Heed's own JSON."""

    name: ClassVar[str] = "http_api"
    channels: ClassVar[frozenset[Channel]] = frozenset(Channel) - {Channel.ALL}
    secrets: ClassVar[frozenset[str]] = frozenset({"secret", "headers"}) | SECRETS

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]:
        check = check_preset if settings.get("preset") else check_http_settings
        return check(settings, self._allow_private)

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome:
        if settings.get("preset"):
            preset = PRESETS[settings["preset"]]
            if message.channel not in preset.channels:
                return Rejected(Kind.PROVIDER, f"not on {message.channel.label}")
            token = self._token(preset, permit, settings)
            if not isinstance(token, str):
                return token
            settings = expand(settings, message)
            if token:
                settings["headers"]["Authorization"] = f"Bearer {token}"
        made = _fields(message, settings.get("body"))
        if isinstance(made, Rejected):
            return made
        encoding = settings.get("encoding") or "json"
        answer = hand_over(
            settings["url"], _headers(message, settings.get("headers") or {}, _TYPES[encoding]),
            _encode(made, encoding), permit, allow_private=self._allow_private,
            method=settings.get("method") or "POST", longest=settings.get("timeout_s") or LONGEST,
        )  # fmt: skip
        return translate(answer, settings) if isinstance(answer, HttpAnswer) else answer

    def _token(self, preset: Preset, permit: Permit, settings: Mapping[str, Any]) -> str | Outcome:
        if not preset.google:
            return ""
        return access_token(settings["service_account"], permit, allow_private=self._allow_private)

    def greeting(self, request: InboundRequest, settings: Mapping[str, Any]) -> dict[str, str] | None:
        """The answer to a call that only asks whether this address is ours; None for any other."""
        return greeting(request, settings.get("client_token")) if settings.get("preset") == "rcs" else None

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> Sequence[Inbound]:
        """Messages from a call that must be signed if the settings hold a secret; BadSignature, BadInbound."""
        if settings.get("preset") == "rcs":
            return read_rcs(request, settings.get("client_token"))
        if settings.get("preset") == "telnyx" and settings.get("public_key"):
            verify_telnyx(settings["public_key"], request.headers, request.body, now)
        elif settings.get("secret"):
            verify(settings["secret"], request.headers, request.body, now)
        if settings.get("preset") in CALLS:
            return read_preset(settings["preset"], request.body)
        return parse_generic(request.body)


def _fields(message: Message, body: Mapping[str, Any] | None) -> dict[str, Any] | Rejected:
    """The fields of the request's body, or why this message has none."""
    known = {
        "to": message.to,
        "from": message.sender,
        "channel": message.channel.label,
        "text": message.text,
        "subject": message.subject,
        "html": message.html,
        "send_id": message.send_id,
    }
    if body is None:
        return known
    made = resolve(body, {**known, "attributes": dict(message.attributes)}, required=frozenset(), filters=frozenset())
    if made.faults:
        # The pointer only: the detail of a fault may quote the data.
        return Rejected(Kind.PROVIDER, f"settings: /body{made.faults[0].pointer}: {made.faults[0].code}")
    return made.input


def _headers(message: Message, configured: Mapping[str, str], content_type: str) -> dict[str, str]:
    ours = {"User-Agent": "Heed", "Accept": JSON, "Content-Type": content_type}
    theirs = {name.lower() for name in configured}
    kept = {name: value for name, value in ours.items() if name.lower() not in theirs}
    return {**kept, **configured, "Idempotency-Key": message.send_id}


def _encode(fields: Mapping[str, Any], encoding: str) -> bytes:
    if encoding == "json":
        return json.dumps(fields).encode()
    # A list repeats its field; what is deeper travels as JSON text, the custom of form APIs.
    pairs = [
        (name, part if isinstance(part, str) else json.dumps(part))
        for name, value in fields.items()
        for part in (value if isinstance(value, list) else [value])
        if part is not None
    ]
    return urlencode(pairs, errors="replace").encode()
