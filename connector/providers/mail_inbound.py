"""A mail as it is posted to us: raw, or in the field ``email`` of a form, as providers of inbound mail do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any

from connector.domain.feedback import read_mail
from connector.domain.messages import BadInbound, Inbound, InboundRequest
from connector.providers.standard_webhooks import verify

_FIELD = "email"
_MOST_FIELDS = 100


def read_call(request: InboundRequest, settings: Mapping[str, Any], now: int) -> Sequence[Inbound]:
    """What a mail says, in a call that is signed if the settings hold a secret; BadSignature, BadInbound.

    An automatic reply says nothing.
    """
    if settings.get("secret"):
        verify(settings["secret"], request.headers, request.body, now)
    return read_mail(_mail(request))


def _mail(request: InboundRequest) -> bytes:
    declared = Message()
    declared["Content-Type"] = request.headers.get("content-type", "")
    kind = declared.get_content_type() if declared["Content-Type"] else ""
    if kind == "message/rfc822":
        mail = request.body
    elif kind == "multipart/form-data":
        mail = _field(request.body, str(declared.get_boundary() or "").encode(errors="replace"))
    else:
        raise BadInbound("a mail is taken as message/rfc822, or in the field email of multipart/form-data")
    if not mail.strip():
        raise BadInbound("there is no mail in the call")
    return mail


def _field(body: bytes, boundary: bytes) -> bytes:
    """The bytes of the field, untouched: a parser of mail would take the mail within it apart."""
    if not boundary:
        raise BadInbound("the form has no boundary")
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_FIELDS)[1:]:
        headers, _, content = part.partition(b"\r\n\r\n")
        about = Message()
        for line in headers.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() == "content-disposition":
                about["Content-Disposition"] = value.strip()
        if about.get_param("name", header="content-disposition") == _FIELD:
            return content
    return b""
