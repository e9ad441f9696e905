"""Reading a phone number: from what people and builders write to E.164, its spellings folded into one."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType


class Number(NamedTuple):
    """One phone in E.164: the canonical spelling that is kept, and the given one, which is sent to."""

    canonical: str
    wire: str


def read_number(text: str, region: str | None) -> Number:
    """The number in a text, a national one read in ``region`` (two letters); ValueError says why not.

    With "+" it is international. Digits alone are read as a number of the region, unless that reading is no
    valid number and the one with "+" is; and with "+" where the region has no such number and that one is
    valid or has 11 digits. Without a region both are asked for: 11 digits and valid. "00" in front means "+"
    where the region reads nothing better. So a valid national number is never taken for a foreign one; only
    for one of the same country, where its code stands in front and that makes a mobile of a landline.
    """
    text = _spelt_plainly(text)
    digits = text.translate(_SEPARATORS)
    number = _read_abroad(digits[1:]) if text.startswith("+") else _read_bare(digits, region)
    if number is None:
        raise ValueError(_why_not(text, region))
    return number


def read_wa_id(digits: str) -> Number:
    """The phone behind a WhatsApp id made of digits, which is E.164 without "+"; ValueError says why not."""
    number = _read_abroad(digits)
    if number is None:
        raise ValueError(_NOT_POSSIBLE)
    return number


def is_region(text: str) -> bool:
    """Whether two letters are a region whose national numbers can be read."""
    return bool(phonenumbers.country_code_for_region(text))


def fold(e164: str) -> str:
    """The canonical spelling of a phone that has several: Brazil's ninth digit, Mexico's 1, Argentina's 9.

    WhatsApp ids keep the spelling of the day the account was made, so one phone is met under both.
    Brazilian landlines (2 to 5) have no ninth digit and stay. Whether +54 9 and +54 are one phone can't be
    read from the digits; folding them stops too much rather than too little.
    """
    if e164.startswith("+55") and len(e164) == 13 and e164[5] in "6789":
        return f"{e164[:5]}9{e164[5:]}"
    if e164.startswith(("+521", "+549")) and len(e164) == 14:
        return e164[:3] + e164[4:]
    return e164


_SEPARATORS = str.maketrans("", "", " ().-/[]~")
_NOT_A_NUMBER = "this is not a phone number"
_NOT_POSSIBLE = "this is not a possible phone number: check the country code and how many digits it has"
_ROUNDED = "a spreadsheet has rounded this number: format the column as text and export it again"

_DECIMAL = re.compile(r"[0-9]{7,15}\.0+")
_SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+")
_EXTENSION = re.compile(r"\s*(;ext=|[,;]?\s*(extension|extn?|x|#)[.:]?\s*)[0-9]{1,7}\Z", re.IGNORECASE)
#: Digits, then at most one word in capitals, as in 1-800-FLOWERS; "0170 123 bob" shall not become a number.
_SHAPE = re.compile(r"\+?[0-9 ().\-/\[\]~]*[0-9][0-9 ().\-/\[\]~]*(?P<word>[A-Z]{3,}[A-Z0-9-]*)?")


def _spelt_plainly(text: str) -> str:
    """Perhaps a +, then digits and separators: no extension, nothing a spreadsheet added; ValueError."""
    if text.startswith("+") and text[1:].isdecimal() and text.isascii():
        return text
    if not text.isascii():
        text = "".join(map(_ascii, unicodedata.normalize("NFKC", text)))
    text = text.removeprefix("'").strip()
    if _DECIMAL.fullmatch(text):
        return text.partition(".")[0]
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(_ROUNDED)
    shape = _SHAPE.fullmatch(_EXTENSION.sub("", text))
    if shape is None:
        raise ValueError(_NOT_A_NUMBER)
    return phonenumbers.convert_alpha_characters_in_number(shape[0]) if shape["word"] else shape[0]


def _ascii(character: str) -> str:
    """Digits of any script, dashes and spaces in ASCII; marks that can't be seen are dropped."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return {"Pd": "-", "Zs": " ", "Cf": ""}.get(unicodedata.category(character), character)


def _read_bare(digits: str, region: str | None) -> Number | None:
    home = _read_at_home(digits, region)
    abroad = _read_abroad(digits.removeprefix("00"))
    if abroad is None or abroad == home:
        return home
    if home:
        return abroad if _is_meant_abroad(digits, home, abroad) else home
    long = len(digits) >= 11
    trusted = long or _valid(abroad) if region else long and _valid(abroad)
    return abroad if trusted or digits.startswith("00") else None


def _is_meant_abroad(digits: str, home: Number, abroad: Number) -> bool:
    """Whether digits that are a possible number both ways are better read with "+"."""
    if not _valid(home):
        return _valid(abroad)
    # 491701234567 in Germany is the mobile +49 170 1234567 rather than a landline in the town with code 0491.
    code = home.wire[1 : -len(digits)]
    return bool(code) and digits.startswith(code) and _mobile(abroad) and not _mobile(home)


def _read_at_home(digits: str, region: str | None) -> Number | None:
    try:
        parsed = phonenumbers.parse(digits, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        return None
    return _possible(str(parsed.country_code), phonenumbers.national_significant_number(parsed))


def _read_abroad(digits: str) -> Number | None:
    """Digits that begin with a country code. The library is asked only where it has a prefix to take off."""
    for length in (1, 2, 3):
        code, national = digits[:length], digits[length:]
        if plan := _plan(code):
            prefix = plan.prefix.match(national) if plan.prefix else None
            return _read_at_home(f"+{digits}", None) if prefix and prefix.end() else _possible(code, national)
    return None


def _possible(code: str, national: str) -> Number | None:
    """The number where its folded spelling has a length that its numbering plan knows."""
    wire = f"+{code}{national}"
    canonical = fold(wire)
    plan = _plan(code)
    return Number(canonical, wire) if plan and len(canonical) - 1 - len(code) in plan.lengths else None


def _valid(number: Number) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number.canonical, None))


def _mobile(number: Number) -> bool:
    return phonenumbers.number_type(phonenumbers.parse(number.canonical, None)) == PhoneNumberType.MOBILE


class _Plan(NamedTuple):
    """What a country code's numbers look like: possible lengths without the code, and the national prefix."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None


@cache
def _plan(code: str) -> _Plan | None:
    if not code.isdecimal() or code[0] == "0" or int(code) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = phonenumbers.region_code_for_country_code(int(code))
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if metadata is None or metadata.general_desc is None:
        return None
    general = metadata.general_desc
    prefix = metadata.national_prefix_for_parsing
    lengths = frozenset(general.possible_length) | frozenset(general.possible_length_local_only)
    return _Plan(lengths, re.compile(prefix) if prefix else None)


def _why_not(text: str, region: str | None) -> str:
    if text.startswith("+"):
        return _NOT_POSSIBLE
    if region is None:
        return "this number has no country code: write it with + and the code, or set a default region"
    return f"this is not a possible phone number in {region.upper()}: write it with + and the country code"
