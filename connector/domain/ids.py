"""Public ids: a prefix that tells the kind and an opaque string that stands for a row number.

The number is scrambled so that ids don't invite counting; what protects a row is that its organisation is part of
every look-up, so a foreign id and an unknown id answer alike.
"""

from __future__ import annotations

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_DIGITS = {char: value for value, char in enumerate(_ALPHABET)}
_LENGTH = 12
_MODULUS = 1 << (5 * _LENGTH)
_FACTOR = 0x5D1CE4E5B9F27A3 | 1
_INVERSE = pow(_FACTOR, -1, _MODULUS)

PREFIXES = {
    "organisation": "org", "account": "acc", "key": "key", "list": "lst", "sender": "sdr", "event": "evt",
    "campaign": "cmp", "step": "stp", "send": "msg", "request": "snd", "binding": "bnd", "reply": "rpl",
    "enrolment": "enr", "webhook": "whk", "delivery": "dlv", "notice": "ntc", "import": "imp",
    "contact": "ctc", "template": "tpl", "form": "frm", "rule": "rul", "review": "rvw", "group": "grp",
    "user": "usr",
}  # fmt: skip


def public_id(kind: str, number: int) -> str:
    """The id as callers see it, for example ``lst_3v8k…``."""
    scrambled = number * _FACTOR % _MODULUS
    digits = [_ALPHABET[scrambled >> (5 * place) & 31] for place in range(_LENGTH)]
    return f"{PREFIXES[kind]}_{''.join(reversed(digits))}"


def row_number(kind: str, text: str) -> int | None:
    """The row number behind a public id of that kind; None for anything else."""
    prefix, _, digits = text.partition("_")
    if prefix != PREFIXES[kind] or len(digits) != _LENGTH or any(char not in _DIGITS for char in digits):
        return None
    scrambled = 0
    for char in digits:
        scrambled = scrambled << 5 | _DIGITS[char]
    number = scrambled * _INVERSE % _MODULUS
    return number if number < 1 << 56 else None
