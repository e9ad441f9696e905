"""What an SMTP server's reply means for a message; the enhanced code (RFC 3463) first, then the plain one."""

from __future__ import annotations

import re
from enum import Enum, auto

from connector.domain.messages import Kind, Outcome, Rejected, Retry

_ENHANCED = re.compile(rb"\s*([45])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_ENHANCED_OK = re.compile(rb"\A\s*2\.\d{1,3}\.\d{1,3}(?!\d)")
_QUEUED_AS = re.compile(r"(?:queued as|queue id|\bid)[ =:]\s*<?([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_SOON, _LATER, _MUCH_LATER = 60.0, 300.0, 3600.0


class Phase(Enum):
    """What we had last asked the server for."""

    SESSION = auto()
    LOGIN = auto()
    SENDER = auto()
    RECIPIENT = auto()
    CONTENT = auto()


#: The most exact row counts: "5.1.1", then "5.1", then "5". A number is when to try again, in seconds.
_ENHANCED_MEANS: dict[str, Kind | float] = {
    "5": Kind.PROVIDER,
    "5.1.1": Kind.INVALID_RECIPIENT,  # no such mailbox
    "5.1.2": Kind.INVALID_RECIPIENT,  # no such domain
    "5.1.3": Kind.INVALID_RECIPIENT,  # not an address
    "5.1.6": Kind.INVALID_RECIPIENT,  # has moved, nobody says where
    "5.1.10": Kind.INVALID_RECIPIENT,  # the domain takes no mail (null MX)
    "5.2.1": Kind.INVALID_RECIPIENT,  # disabled
    "5.2.2": _MUCH_LATER,  # full: says nothing about the address being good
    "5.7": Kind.POLICY,  # spam, reputation, authentication of our domain: never a reason to suppress an address
    "5.7.8": Kind.AUTH,
    "5.7.9": Kind.AUTH,
    "4": _LATER,
    "4.3.2": _SOON,  # the server is going down
    "4.4": _SOON,
}
#: Codes that mean the same whatever stands behind them; 530 often comes with 5.7.0.
_CODE_MEANS: dict[int, Kind | float] = {421: _SOON, 530: Kind.AUTH, 534: Kind.AUTH, 535: Kind.AUTH, 538: Kind.AUTH}


def judge(code: int, text: bytes, phase: Phase) -> Outcome:
    """A reply that is not the hoped-for one; the message surely was not taken."""
    if not 400 <= code <= 599:
        return Retry(_LATER, "an answer that can't be read")
    enhanced = _ENHANCED.match(text)
    parts = [part.decode() for part in enhanced.groups()] if enhanced else []
    meaning = _CODE_MEANS.get(code)
    if meaning is None and not parts:
        # A bare 550 is as often a block list as a missing mailbox: too little to give an address up for.
        meaning = _LATER if code // 100 == 4 else Kind.PROVIDER
    while meaning is None:
        meaning = _ENHANCED_MEANS.get(".".join(parts))
        parts = parts[:-1]
    detail = f"{code} {enhanced[0].decode().strip()}" if enhanced else str(code)
    if isinstance(meaning, float):
        return Retry(meaning, detail)
    if phase is Phase.LOGIN:
        meaning = Kind.AUTH
    elif meaning is Kind.INVALID_RECIPIENT and phase not in (Phase.RECIPIENT, Phase.CONTENT):
        meaning = Kind.PROVIDER  # it is the sender's address that is meant
    return Rejected(meaning, detail)


def queue_id(text: bytes) -> str | None:
    """The name under which the server queued the message, else its words; None where these may hold an address."""
    words = _ENHANCED_OK.sub(b"", text).decode(errors="replace").strip()
    named = _QUEUED_AS.search(words)
    if named:
        return named[1]
    return words[:200] if words and "@" not in words else None
