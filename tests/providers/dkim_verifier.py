"""Checks a DKIM signature as RFC 6376, section 6, tells a verifier to: written from the RFC, without our signer."""

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


def verified(mail: bytes, record: str) -> list[str]:
    """The headers that the mail's first signature covers; ValueError where it does not hold."""
    head, body = mail.split(b"\r\n\r\n", 1)
    fields = re.findall(rb"([!-9;-~]+)[ \t]*:((?:.|\r\n[ \t])*)(?:\r\n|\Z)", head)
    assert b"\r\n".join(name + b":" + value for name, value in fields) == head
    value = next(value for name, value in fields if name.lower() == b"dkim-signature")
    tags = {}
    for row in value.split(b";"):
        if row.strip():
            name, _, said = row.partition(b"=")
            tags[name.strip().decode()] = b"".join(said.split()) if name.strip() in (b"b", b"bh") else said.strip()
    if (tags["v"], tags["a"], tags["c"]) != (b"1", b"rsa-sha256", b"relaxed/relaxed"):
        raise ValueError("not of the kind this knows")
    if base64.b64encode(hashlib.sha256(_body(body)).digest()) != tags["bh"]:
        raise ValueError("the body was altered")
    names = [name.strip().lower() for name in tags["h"].split(b":")]
    if b"from" not in names:
        raise ValueError("From must be signed")
    signed, rest = b"", list(fields)
    for name in names:
        at = [place for place, field in enumerate(rest) if field[0].lower() == name]
        if at:
            signed += _field(*rest.pop(at[-1])) + b"\r\n"
    signed += _field(b"DKIM-Signature", re.sub(rb"(?s)(;\s*b\s*=)[^;]*", rb"\1", value))
    key = dict(row.strip().split("=", 1) for row in record.split(";") if row.strip())["p"]
    try:
        load_der_public_key(base64.b64decode(key)).verify(base64.b64decode(tags["b"]), signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise ValueError("the header was altered") from None
    return [name.decode() for name in names]


def _field(name, value):
    words = value.replace(b"\r\n", b"").replace(b"\t", b" ").split(b" ")
    return name.lower() + b":" + b" ".join(word for word in words if word)


def _body(body):
    lines = []
    for line in body.split(b"\r\n"):
        blank = line[:1] in (b" ", b"\t")
        words = [word for word in line.replace(b"\t", b" ").split(b" ") if word]
        lines.append((b" " if blank and words else b"") + b" ".join(words))
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
