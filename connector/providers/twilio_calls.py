"""What Twilio posts to us: signed with the account's token over the public URL, read into our few words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.domain.messages import (
    BadInbound,
    BadSignature,
    Delivery,
    Inbound,
    InboundMessage,
    InboundRequest,
    InboundStatus,
    Kind,
)
from connector.domain.words import Channel, State
from connector.providers.reading import json_object, storable, text

#: The name under which a callback's URL carries our id of the send.
SENT_AS = "send"
_MOST_FIELDS = 500
_PORTS = {"https": 443, "http": 80}
_DIGITS = re.compile(r"\d{1,6}")

_KINDS = {
    20003: Kind.AUTH,  # wrong credentials
    20429: Kind.RATE,  # too many at once; never looked at
    21211: Kind.INVALID_RECIPIENT,  # no number
    21265: Kind.INVALID_RECIPIENT,  # a short code
    21408: Kind.POLICY,  # the region is switched off
    21610: Kind.OPTED_OUT,  # the person has opted out of this number or service
    21611: Kind.RATE,  # the number's queue is full
    21612: Kind.INVALID_RECIPIENT,  # no route from this sender
    21614: Kind.INVALID_RECIPIENT,  # not a mobile
    30001: Kind.RATE,  # the account's queue is full
    30004: Kind.POLICY,  # blocked by the carrier
    30005: Kind.INVALID_RECIPIENT,  # no such handset
    30006: Kind.INVALID_RECIPIENT,  # a landline
    30007: Kind.POLICY,  # filtered as spam
    63016: Kind.WINDOW_CLOSED,  # more than 24 hours after the person's last message: a template is needed
    63018: Kind.RATE,
    63024: Kind.INVALID_RECIPIENT,  # not on WhatsApp
}
_DELIVERIES = {
    "queued": Delivery.ACCEPTED,
    "accepted": Delivery.ACCEPTED,
    "scheduled": Delivery.ACCEPTED,
    "sending": Delivery.ACCEPTED,
    "sent": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "partially_delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
_CHANNELS = {"whatsapp": Channel.WHATSAPP, "rcs": Channel.RCS}
_WORDS = {"STOP": State.OUT, "START": State.IN}


def kind_of(code: Any) -> Kind | None:
    """What an error code means; None where there is none, or none that we know."""
    if isinstance(code, str) and _DIGITS.fullmatch(code):
        code = int(code)
    return _KINDS.get(code) if isinstance(code, int) and not isinstance(code, bool) else None


def verify(request: InboundRequest, settings: Mapping[str, Any]) -> None:
    """BadSignature unless one of the account's tokens, or its webhook key where the call says so, signed this call."""
    how = dict(pair.partition("=")[::2] for pair in _header(request, "x-twilio-webhooks-signature-settings").split(","))
    if how.get("algorithm", "").strip() == "HMAC_SHA256":
        secrets, algorithm = [settings.get("webhook_key")], "sha256"
    else:
        secrets, algorithm = [settings.get("auth_token"), settings.get("secondary_auth_token")], "sha1"
    fields: Sequence[tuple[str, str]] = ()
    if _is_json(request):
        _check_body(request)
    else:
        fields = _form(request)
    theirs = _header(request, "x-twilio-signature").encode(errors="replace")
    matches = [
        hmac.compare_digest(signature(secret, url, fields, algorithm), theirs)
        for secret in secrets
        if secret
        for url in _spellings(request.url)
    ]
    if not any(matches):
        raise BadSignature("x-twilio-signature is not this account's over this sender's public URL")


def signature(secret: str, url: str, fields: Iterable[tuple[str, str]], algorithm: str = "sha1") -> bytes:
    """The URL, then each different field with each of its different values, in order."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(errors="surrogateescape"), algorithm))


def read_call(request: InboundRequest) -> list[Inbound]:
    """The message or the status in a verified call; BadInbound."""
    said: Mapping[str, Any]
    said = json_object(request.body) if _is_json(request) else dict(_form(request))
    if text(said.get("MessageStatus")) and text(said.get("SmsStatus")) != "received":
        return list(_status(said, request.url))
    message_id = text(said.get("MessageSid") or said.get("SmsSid"), 255)
    scheme, colon, address = text(said.get("From"), 320).rpartition(":")
    if not message_id or not address:
        raise BadInbound("MessageSid and From are needed")
    recipient = text(said.get("To"), 320).rpartition(":")[2]
    word = _WORDS.get(text(said.get("OptOutType")).upper())
    channel = _CHANNELS.get(scheme) if colon else Channel.SMS
    words = text(said.get("Body")) or text(said.get("ButtonText"))
    return [InboundMessage(message_id, address, recipient or None, words, channel, None, word, acts=word is not None)]


def _status(said: Mapping[str, Any], url: str) -> Iterator[InboundStatus]:
    """Nothing for a message that is not ours, or a status that says nothing about its arrival."""
    delivery = _DELIVERIES.get(text(said.get("MessageStatus")))
    send_id = dict(parse_qsl(urlsplit(url).query)).get(SENT_AS)
    if delivery is None or not send_id:
        return
    sid = text(said.get("MessageSid") or said.get("SmsSid"), 255) or None
    code = text(said.get("ErrorCode"), 10)
    kind = kind_of(code) or Kind.PROVIDER if delivery is Delivery.FAILED else None
    # "later" is no answer any more: Twilio has given up.
    yield InboundStatus(send_id, sid, delivery, kind, f"code {code}" if _DIGITS.fullmatch(code) else "")


def _check_body(request: InboundRequest) -> None:
    """A JSON body is signed by its hash in the URL; without that, nothing in it is."""
    hashes = [value for name, value in parse_qsl(urlsplit(request.url).query) if name == "bodySHA256"]
    ours = hashlib.sha256(request.body).hexdigest()
    if len(hashes) != 1 or not hmac.compare_digest(ours.encode(), hashes[0].lower().encode(errors="replace")):
        raise BadSignature("bodySHA256 is not the body's")


def _spellings(url: str) -> Iterator[str]:
    """The URL with its port and without: which of them Twilio signed depends on how it was configured."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    yield parts._replace(netloc=host).geturl()
    if port := parts.port or _PORTS.get(parts.scheme):
        yield parts._replace(netloc=f"{host}:{port}").geturl()


def _form(request: InboundRequest) -> list[tuple[str, str]]:
    """Names and values are signed without what stands between them, so none may come without its "="."""
    try:
        return parse_qsl(
            request.body.decode(errors="replace"), keep_blank_values=True, strict_parsing=True,
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError as fault:
        raise BadSignature("this is no form of Twilio's") from fault


def _is_json(request: InboundRequest) -> bool:
    return _header(request, "content-type").partition(";")[0].strip().lower() == "application/json"


def _header(request: InboundRequest, name: str) -> str:
    return storable(request.headers.get(name, ""))
