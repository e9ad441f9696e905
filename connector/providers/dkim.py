"""Signs a mail as RFC 6376 has it: rsa-sha256, relaxed for header and body."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

#: What is signed where it is there. RFC 8058 wants both List-Unsubscribe headers under the signature.
SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"list-id",
    b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_LINE_END = re.compile(rb"[ \t]+(?=\r\n|\Z)")
_WIDTH = 70


def sign(content: bytes, domain: str, selector: str, private_key: str) -> bytes:
    """The mail with its signature in front; lines must end with CRLF."""
    head, _, body = content.partition(b"\r\n\r\n")
    fields = header_fields(head)
    # From once more than it is there: one that somebody adds below would break the signature.
    names = [*_present(fields), b"from"]
    bare = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};\r\n"
        f" h={b':'.join(names).decode()};\r\n"
        f" bh={base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()};\r\n"
        " b="
    ).encode()
    signed = base64.b64encode(read_key(private_key).sign(signing_input(fields, names, bare), PKCS1v15(), SHA256()))
    lines = [signed[place : place + _WIDTH] for place in range(0, len(signed), _WIDTH)]
    return bare + b"\r\n ".join(lines) + b"\r\n" + content


def signing_input(fields: Collection[tuple[bytes, bytes]], names: Collection[bytes], bare: bytes) -> bytes:
    """The named fields, the last of a name first, then the signature's own without its value and line end."""
    left = list(fields)
    parts = []
    for name in names:
        place = next((place for place in reversed(range(len(left))) if left[place][0].lower() == name), None)
        if place is not None:
            parts.append(relaxed_field(*left.pop(place)) + b"\r\n")
    name, _, value = bare.partition(b":")
    return b"".join(parts) + relaxed_field(name, value)


def header_fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """Name and value of each field, in order; folded lines joined."""
    rows = _FOLD.sub(b"", head).split(b"\r\n")
    return [(name, value) for name, colon, value in (row.partition(b":") for row in rows) if colon]


def relaxed_field(name: bytes, value: bytes) -> bytes:
    unfolded = _BLANKS.sub(b" ", _FOLD.sub(b"", value))
    return name.strip().lower() + b":" + unfolded.strip(b" ")


def relaxed_body(body: bytes) -> bytes:
    """Blanks within a line are one, at its end none; empty lines at the end of all are gone."""
    lines = _BLANKS.sub(b" ", _LINE_END.sub(b"", body)).rstrip(b"\r\n")
    return lines + b"\r\n" if lines else b""


@lru_cache(maxsize=64)
def read_key(pem: str) -> RSAPrivateKey:
    """The RSA key of at least 1024 bits in a PEM; ValueError."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise ValueError("must be a private key as PEM, without a password") from fault
    if not isinstance(key, RSAPrivateKey) or key.key_size < 1024:
        raise ValueError("must be an RSA key of 1024 bits or more; 2048 is usual")
    return key


def _present(fields: Collection[tuple[bytes, bytes]]) -> list[bytes]:
    there = {name.lower() for name, _ in fields}
    return [name for name in SIGNED if name in there]
