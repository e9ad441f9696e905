"""What an address is: parsed once, by one function, whichever road it came in on."""

from __future__ import annotations

import re
import unicodedata
import zlib
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from connector.domain.emails import read_email
from connector.domain.errors import HeedError
from connector.domain.foreign import unresolved
from connector.domain.phones import read_number, read_wa_id
from connector.domain.words import Channel


class AddressKind(StrEnum):
    """The three ways to say whom we mean."""

    NUMBER = "number"
    EMAIL = "email"
    WHATSAPP_ID = "whatsapp_id"


class InvalidAddress(HeedError):
    """This is not an address."""

    status = 422
    code = "invalid_address"

    def __init__(self, detail: str, code: str = "invalid_address") -> None:
        super().__init__(detail)
        self.code = code


class Address(NamedTuple):
    """One address; equal canonical forms are one person's one inbox."""

    kind: AddressKind
    #: E.164 in its folded spelling, an email in small letters, or "wa:" and a WhatsApp user id.
    canonical: str
    #: What goes to the provider: E.164 as it was given, an email with its capitals, a user id.
    wire: str

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that can reach it, without ``ALL``."""
        return _CHANNELS[self.kind]

    def fits(self, channel: Channel) -> bool:
        return channel is Channel.ALL or channel in _CHANNELS[self.kind]


def parse(kind: AddressKind, raw: str | int, region: str | None) -> Address:
    """The address in a value from outside, national numbers read in ``region``; InvalidAddress.

    A WhatsApp id made of digits is a phone and becomes a number; only a user id without a phone stays one.
    """
    text = _tidied(raw if isinstance(raw, str) else _digits_of(raw, kind))
    try:
        if kind is AddressKind.EMAIL:
            return Address(kind, *read_email(_MAILTO.sub("", text)))
        if ":" in text:
            text = _SCHEME.sub("", text)
        if kind is AddressKind.WHATSAPP_ID:
            return _parse_whatsapp_id(text)
        return Address(kind, *read_number(text, region))
    except ValueError as why:
        raise InvalidAddress(str(why)) from None


def address_key(address: Address, secret: bytes) -> bytes:
    """The 16 bytes under which an address is remembered; nobody can turn them back without the secret."""
    inner, outer = (half.copy() for half in _halves(secret))
    inner.update(address.canonical.encode())
    outer.update(inner.digest())
    return bytes(outer.digest()[:16])


@lru_cache(maxsize=8)
def _halves(secret: bytes) -> tuple[Any, Any]:
    """HMAC's two hashes with the key already in them (RFC 2104): half the time of making them anew each time."""
    key = (secret if len(secret) <= 64 else sha256(secret).digest()).ljust(64, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in key)), sha256(bytes(byte ^ 0x5C for byte in key))


def bucket_of(organisation: int, canonical: str) -> int:
    """Which of the 256 buckets an address falls into: fixed for ever, whatever becomes of the secret."""
    return zlib.crc32(f"{organisation}:{canonical}".encode()) % 256


_NUMBER_CHANNELS = (Channel.SMS, Channel.WHATSAPP, Channel.RCS, Channel.TRUECALLER, Channel.VOICE)
_CHANNELS = {
    AddressKind.NUMBER: _NUMBER_CHANNELS,
    AddressKind.EMAIL: (Channel.EMAIL,),
    AddressKind.WHATSAPP_ID: (Channel.WHATSAPP,),
}


def channels_of(kind: AddressKind) -> tuple[Channel, ...]:
    """The channels that can reach an address of a kind."""
    return _CHANNELS[kind]


_LONGEST = 320  # 64 before the @, 255 after it: RFC 3696, section 3
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_SCHEME = re.compile(r"(?:whatsapp|tel|sms|rcs):\s*", re.IGNORECASE)
#: US.13491208655302741918, or US.ENT.… for the parent of several: Meta, "Business-scoped user ids", 2026.
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def _tidied(text: str) -> str:
    """The text without blanks and unseen marks around it; InvalidAddress for what no address can hold."""
    text = text.strip()
    if not text.isprintable():
        text = text.strip(_UNSEEN)
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise InvalidAddress("this holds a control character")
    if not text:
        raise InvalidAddress("this is empty")
    if len(text) > _LONGEST:
        raise InvalidAddress(f"this is longer than {_LONGEST} characters")
    if unresolved(text):
        raise InvalidAddress(
            "this is a template that the builder did not fill: check what it is mapped to",
            "unresolved_template",
        )
    return text


#: The byte order mark and what comes along when a contact is copied: zero-width and direction marks, blanks.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069 "


#: No number that can be reached from everywhere is shorter.
_LEAST = 100_000


def _digits_of(value: object, kind: AddressKind) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # some builders know no integers
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or kind is AddressKind.EMAIL
        or not _LEAST <= value < 10**15
    ):
        raise InvalidAddress(f"this is not a value for {kind.value}")
    return str(value)


def _parse_whatsapp_id(text: str) -> Address:
    digits = text.removeprefix("+")
    if digits.isascii() and digits.isdecimal():
        return Address(AddressKind.NUMBER, *read_wa_id(digits))
    if _USER_ID.fullmatch(text):
        return Address(AddressKind.WHATSAPP_ID, f"wa:{text}", text)
    raise InvalidAddress("this is not a WhatsApp id: digits with the country code, or a user id (US.1349…)")
