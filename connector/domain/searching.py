"""What somebody typed to find an address: the beginnings and ends that canonical forms may have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from connector.domain.addresses import AddressKind, InvalidAddress, parse

#: An end shorter than this fits too many.
SHORTEST_END = 3

_DIGITS = re.compile(r"(?P<plus>\+?)[0-9 ().\-/]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """Canonical forms begin or end with one of these."""

    beginnings: tuple[str, ...]
    ends: tuple[str, ...]


def sought(text: str, region: str | None) -> Sought:
    """How an address may begin or end that somebody seeks by a part of it; ValueError where nothing was typed."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text or not text.isprintable():
        raise ValueError("must have something to look for")
    plain = text.casefold()
    beginnings, ends = [plain, f"wa:{text}", *_whole(text, region)], [plain]
    shape = _DIGITS.fullmatch(text)
    digits = "".join(filter(str.isdigit, text)) if shape else ""
    if shape and digits:
        numbers = [digits] if shape["plus"] else list(_international(digits, region))
        beginnings += [f"+{one}" for number in numbers for one in _spellings(number)]
        ends = [] if shape["plus"] else [digits]
    return Sought(
        tuple(dict.fromkeys(beginnings)), tuple(one for one in dict.fromkeys(ends) if len(one) >= SHORTEST_END)
    )


def _whole(text: str, region: str | None) -> Iterator[str]:
    """Where it is a whole number already: its canonical form."""
    try:
        yield parse(AddressKind.EMAIL if "@" in text else AddressKind.NUMBER, text, region).canonical
    except InvalidAddress:
        return


def _international(digits: str, region: str | None) -> Iterator[str]:
    """Digits as typed, after 00, and as the beginning of a national number of the region."""
    yield digits
    if digits.startswith("00") and len(digits) > 2:
        yield digits[2:]
    if region and (code := phonenumbers.country_code_for_region(region.upper())):
        trunk = phonenumbers.ndd_prefix_for_region(region.upper(), strip_non_digits=True)
        yield f"{code}{digits.removeprefix(trunk or '')}"


def _spellings(digits: str) -> Iterator[str]:
    """The beginning of a number, also in the spelling that is kept (see ``phones.fold``)."""
    yield digits
    if digits.startswith("55") and digits[4:5] in ("6", "7", "8", "9"):
        yield f"{digits[:4]}9{digits[4:]}"
    if digits.startswith(("521", "549")):
        yield digits[:2] + digits[3:]
