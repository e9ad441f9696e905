"""What comes back by mail, read: bounces (RFC 3464), complaints (RFC 5965), automatic replies, and people's words.

Nothing that somebody mails to us makes this raise: too much is cut off, too deep is not looked into, unreadable
letters become signs of replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message as Mail
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from email.utils import getaddresses
from hashlib import sha256

from connector.domain.keywords import matches_opt_out
from connector.domain.mail_parts import address_in, header, plain_text, received_at, text_of
from connector.domain.messages import Inbound, InboundMessage, InboundReport
from connector.domain.standing import Signal, signal_of
from connector.domain.words import Channel, State

LARGEST = 1 << 20
#: So many parts within parts are looked into; a bounce has three, a long exchange forwarded whole some twenty.
_MOST_PARTS, _MOST_RECIPIENTS = 64, 50
_PART = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
#: The standard library takes minutes for the parameters of a long one; a real one has two hundred characters.
_FIELD = re.compile(rb"^content-[^:\n]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_LONGEST_FIELD = 1_000
#: Types of a feedback report that complain of nothing (RFC 6430, RFC 6591, RFC 7489).
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc"})
#: Senders that are no persons, and subjects of replies that nobody wrote (RFC 3834 §2 came late to some servers).
_MACHINE = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|bounces?)(?:[+@]|$)", re.IGNORECASE)
_AWAY = re.compile(
    r"vacation|out of (?:the )?office|auto(?:matic)?[- ]?(?:reply|response)|abwesen|absence", re.IGNORECASE
)
#: What a mail program writes as the subject when somebody follows List-Unsubscribe.
_SUBJECTS = ("unsubscribe", "stop", "opt out")
_OUR_ID = re.compile(r"<?(msg_[0-9a-z]{12})(?:\.([a-z2-7]{16}))?@[^\s<>]+>?")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']{1,256}@[^\s<>()\[\],;:\"']{1,256}")
_EXTENDED = re.compile(r"\\x\{([0-9A-Fa-f]{2,5})\}")
_LONGEST_ID, _LONGEST_DETAIL = 200, 200


def read_mail(raw: bytes) -> list[Inbound]:
    """The reports in a mail, or what a person wrote; nothing for an automatic reply and whatever else says nothing."""
    try:
        mail = _parse(raw[:LARGEST].lstrip(b"\r\n"))
        kind = _report_type(mail)
        if kind == "delivery-status":
            return list(_bounces(mail, _id(mail, raw)))
        if kind == "feedback-report":
            return list(_complaints(mail, _id(mail, raw)))
        return [] if kind or _is_automatic(mail) else list(_written(mail, _id(mail, raw)))
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return []  # what the standard library trips over in a header that nobody could read either


def _parse(raw: bytes) -> Mail:
    """The mail; only its headers where it is made to be deep."""
    raw = _FIELD.sub(lambda found: found[0][:_LONGEST_FIELD], raw)
    deep = sum(1 for _ in _PART.finditer(raw)) > _MOST_PARTS
    return BytesParser(policy=compat32).parsebytes(raw, headersonly=deep)


def _report_type(mail: Mail) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    # Some forget the parameter; the second part says the same.
    inner = next((part for part in _inside(mail) if part.get_content_type() in _TYPES), None)
    told = str(mail.get_param("report-type") or "").lower()
    return told or (_TYPES[inner.get_content_type()] if inner else "unknown")


_TYPES = {"message/delivery-status": "delivery-status", "message/global-delivery-status": "delivery-status",
          "message/feedback-report": "feedback-report"}  # fmt: skip


def _bounces(mail: Mail, message_id: str) -> Iterator[InboundReport]:
    """RFC 3464 §2: one group of fields about the message, then one for each recipient."""
    (send, mark), at, count = _send_of(_original(mail)), received_at(mail), 0
    for group in _fields(mail, "delivery-status"):
        said = _after_type(header(group, "Final-Recipient"))
        first = _after_type(header(group, "Original-Recipient"))  # before anybody forwarded it
        if not (said or first) or count >= _MOST_RECIPIENTS:
            continue
        diagnostic = header(group, "Diagnostic-Code")
        signal, code = signal_of(header(group, "Action").lower(), header(group, "Status"), diagnostic)
        if signal is not None:
            count += 1
            detail = without_addresses(diagnostic, first, said)
            yield InboundReport(_numbered(message_id, count), signal, first or said, send, code, detail, at, mark)


def _complaints(mail: Mail, message_id: str) -> Iterator[InboundReport]:
    """RFC 5965 §3: Original-Rcpt-To may be there several times, or taken out for the person's sake."""
    fields = next(_fields(mail, "feedback-report"), Mail())
    kind = header(fields, "Feedback-Type").lower() or "abuse"
    if kind in _NO_COMPLAINT:
        return
    original = _original(mail)
    told = [_after_type(str(one)) for one in fields.get_all("Original-Rcpt-To", [])] or [
        address for _, address in getaddresses([header(original, "To")]) if "@" in address
    ]
    # Whom a message to many people was for, nobody can tell: none of them complained by that.
    send, mark = _send_of(original)
    about = told if len(told) == 1 or fields.get("Original-Rcpt-To") else [""]
    for number, address in enumerate(about[:_MOST_RECIPIENTS], 1):
        yield InboundReport(
            _numbered(message_id, number), Signal.COMPLAINT, address, send, kind[:40], "", received_at(mail), mark,
        )  # fmt: skip


def _is_automatic(mail: Mail) -> bool:
    """RFC 3834 §5, and what was customary before; also whatever was sent so that nobody answers (``<>``)."""
    if header(mail, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return True
    if any(name in mail for name in ("X-Autoreply", "X-Autorespond")):
        return True
    if "X-Auto-Response-Suppress" in mail and not _asks_out(mail):  # a mail program's own mails bear it, too
        return True
    if header(mail, "Return-Path") == "<>" or _MACHINE.match(address_in(header(mail, "From"))):
        return True
    precedence, subject = header(mail, "Precedence").lower(), header(mail, "Subject")
    return precedence == "auto_reply" or (precedence in ("bulk", "junk") and _AWAY.search(subject) is not None)


def _written(mail: Mail, message_id: str) -> Iterator[InboundMessage]:
    """What a person wrote. The subject counts as their word where a mail program wrote it for them."""
    sender = address_in(header(mail, "From"))
    if "@" in sender:
        yield InboundMessage(
            message_id, sender, address_in(header(mail, "To")) or None, plain_text(mail), Channel.EMAIL,
            received_at(mail), State.OUT if _asks_out(mail) else None,
        )  # fmt: skip


def _asks_out(mail: Mail) -> bool:
    return any(matches_opt_out(header(mail, "Subject"), word) for word in _SUBJECTS)


def _inside(mail: Mail) -> list[Mail]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Mail)] if isinstance(payload, list) else []


def _fields(mail: Mail, kind: str) -> Iterator[Mail]:
    """The groups of fields in the machine's part of a report."""
    for part in _inside(mail):
        if _TYPES.get(part.get_content_type()) == kind:
            yield from _inside(part) or [_headers(text_of(part))]


def _original(mail: Mail) -> Mail:
    """The headers of what we sent, which a report has at its end: whole, or the headers alone."""
    for part in reversed(_inside(mail)):
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global"):
            return next(iter(_inside(part)), Mail())
        if kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            return next(iter(_inside(part)), None) or _headers(text_of(part))
    return Mail()


def _headers(text: str) -> Mail:
    return HeaderParser(policy=compat32).parsestr(text.lstrip())


def _send_of(original: Mail) -> tuple[str | None, str]:
    """Our send and its mark, from the Message-ID that ``providers.mail`` gave it."""
    found = _OUR_ID.fullmatch(header(original, "Message-ID"))
    return (found[1], found[2] or "") if found else (None, "")


def _after_type(value: str) -> str:
    """ "rfc822; ada@example.com": the address (RFC 3464 §2.1.2, RFC 6533 §3)."""
    kind, semicolon, rest = value.partition(";")
    address = (rest if semicolon else kind).strip().strip("<>").strip()
    return _EXTENDED.sub(lambda found: chr(int(found[1], 16)), address)[:320]


def without_addresses(text: str, *told: str) -> str:
    """A server's words without whom they are about: neither the address nor what stands before its @."""
    clean = _ADDRESS.sub("<address>", text[:2_000])
    for local in {address.rpartition("@")[0] for address in told} - {""}:
        clean = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "<address>", clean, flags=re.IGNORECASE)
    return clean[:_LONGEST_DETAIL]


def _id(mail: Mail, raw: bytes) -> str:
    """The mail's own id, or one made from its bytes."""
    told = header(mail, "Message-ID").strip("<> ")
    return told if 0 < len(told) <= _LONGEST_ID else f"sha256:{sha256(raw).hexdigest()}"


def _numbered(message_id: str, number: int) -> str:
    return message_id if number == 1 else f"{message_id} {number}"
