"""The email that a message becomes, and the addresses on its envelope."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import localtime
from typing import Any

from connector.domain.messages import Message
from connector.providers.dkim import sign

#: Their values hold URLs, which a receiver must find literally; folded at 78 they become encoded words.
_LITERAL = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"})
# 7bit: texts are encoded so that servers without 8BITMIME take them as well.
_NARROW = SMTP.clone(cte_type="7bit")
_WIDE = SMTP.clone(cte_type="7bit", max_line_length=998)
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>,;:\"()\[\]\\\ud800-\udfff]")
_LITERAL_URL = re.compile(r"(?:https://|http://(?:localhost|127\.0\.0\.1)[:/])[!-;=?-~]{1,900}")
_UNSAFE_IN_ID = re.compile(r"[^A-Za-z0-9._-]")


class BadAddress(ValueError):
    """This can't be written on an envelope."""


class _Wire(EmailPolicy):
    """Folds as usual, but leaves headers alone that must arrive as they were written."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        policy = _WIDE if name.lower() in _LITERAL else _NARROW
        return policy.clone(utf8=self.utf8).fold_binary(name, value)


_WIRE = _Wire(linesep="\r\n", cte_type="7bit")


def build(message: Message, settings: Mapping[str, Any]) -> EmailMessage:
    """The mail, from the settings' ``from`` or else the sender's own address; BadAddress where one is none.

    No header can be smuggled in by a value: control characters become blanks. To be written by ``wire_form``.
    """
    mail = EmailMessage(policy=_NARROW)
    name, address = read_sender(settings.get("from") or message.sender)
    mail["From"] = _header(address, _one_line(name))
    mail["To"] = _header(check_address(message.to))
    mail["Subject"] = _one_line(message.subject or "")
    mail["Date"] = localtime()
    if message.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{_check_url(message.unsubscribe_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Made from the send, so that a second hand-over of it shows as the same mail.
    name = f"{message.send_id}.{message.mark}" if message.mark else message.send_id
    mail["Message-ID"] = f"<{_UNSAFE_IN_ID.sub('_', name)}@{address.rpartition('@')[2]}>"
    _fill(mail, _storable(message.text), _storable(message.html))
    return mail


def wire_form(mail: EmailMessage, *, utf8: bool, dkim: Mapping[str, str] | None = None) -> bytes:
    """The bytes of the mail, lines ended by CRLF, dots not yet stuffed; signed where ``dkim`` says by whom.

    ``utf8``: raw UTF-8 in headers (SMTPUTF8).
    """
    content = mail.as_bytes(policy=_WIRE.clone(utf8=utf8))
    return sign(content, dkim["domain"], dkim["selector"], dkim["private_key"]) if dkim else content


def read_sender(sender: str) -> tuple[str, str]:
    """(display name, address); BadAddress."""
    name, bracket, rest = sender.partition("<")
    if not bracket:
        return "", check_address(sender.strip())
    address, closing, after = rest.partition(">")
    if not closing or after.strip():
        raise BadAddress("an unclosed <address>")
    return name.strip().strip('"'), check_address(address.strip())


def check_address(address: str) -> str:
    """The address with its domain in ASCII, fit for an SMTP command; BadAddress for anything that is not one."""
    local, _, domain = address.rpartition("@")
    if not (local and domain) or "@" in local or _UNSAFE_IN_ADDRESS.search(address):
        raise BadAddress("not an email address")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as fault:  # also an empty label
        raise BadAddress("not an email address") from fault


def _header(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _check_url(url: str) -> str:
    """RFC 8058 knows https only, and so do we beyond this machine; what has to be folded would not arrive as it is."""
    if not _LITERAL_URL.fullmatch(url):
        raise BadAddress("the unsubscribe URL must be https, printable ASCII, of at most 900 characters")
    return url


def _fill(mail: EmailMessage, text: str | None, html: str | None) -> None:
    if html is None:
        mail.set_content(text or "")
    elif text is None:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")


def _one_line(value: str) -> str:
    return _BLANKS.sub(" ", value).strip()


def _storable(value: str | None) -> str | None:
    return None if value is None else value.encode(errors="replace").decode()
