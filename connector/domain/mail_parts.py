"""Headers and texts of a mail as somebody would read them, whatever its letters are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape

from connector.domain.instants import SECOND

_LONGEST_HEADER, _LONGEST_TEXT = 2_000, 65_536
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_UNSEEN = re.compile(r"<(head|style|script|title|blockquote)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"<(?:br|/p|/div|/tr|/h[1-6]|/li)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def header(mail: Mail, name: str) -> str:
    """One line, encoded words read; "" where there is none."""
    value = mail.get(name)
    if value is None:
        return ""
    text = str(value)[:_LONGEST_HEADER]
    with suppress(HeaderParseError, LookupError, ValueError):  # a charset that nobody knows: as it is
        text = str(make_header(decode_header(text)))
    return storable(_BLANKS.sub(" ", text).strip())


def address_in(value: str) -> str:
    """The address of the first mailbox in a header."""
    return parseaddr(value)[1][:320]


def received_at(mail: Mail) -> int | None:
    """When the last server took it, by its own clock: what stands in Date the sender's device made up."""
    stamp = header(mail, "Received").rpartition(";")[2]
    try:
        moment = parsedate_to_datetime(stamp)
        return max(0, int(moment.timestamp())) * SECOND
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def plain_text(mail: Mail) -> str:
    """What a person wrote: the first text, without what is quoted in it."""
    parts = [part for part in mail.walk() if not part.is_multipart() and part.get_filename() is None]
    for kind, read in (("text/plain", str), ("text/html", _seen)):
        for part in parts:
            if part.get_content_type() == kind:
                return "\n".join(_unquoted(read(text_of(part)))).strip()
    return ""


def text_of(part: Mail) -> str:
    """The text in a part."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode(str(part.get_content_charset() or "utf-8"), errors="replace")
    except (LookupError, ValueError):  # an unknown charset, or one that is none of letters
        text = content.decode("utf-8", errors="replace")
    return storable(text[:_LONGEST_TEXT])


def storable(text: str) -> str:
    """No NUL and no half of a surrogate pair: no database keeps them."""
    return _UNSTORABLE.sub("\ufffd", text)


def _unquoted(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _seen(html: str) -> str:
    return unescape(_TAG.sub("", _LINE_END.sub("\n", _UNSEEN.sub("", html))))
