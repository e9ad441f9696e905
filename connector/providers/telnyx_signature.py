"""Telnyx signs what it posts to us with a key of its own; the account knows the public half."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connector.domain.instants import MINUTE, SECOND
from connector.domain.messages import BadSignature

_TOLERANCE = 5 * MINUTE


def verify_telnyx(public_key: str, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """BadSignature unless the key signed the time and these very bytes, within five minutes of ``now`` (µs)."""
    timestamp = headers.get("telnyx-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("telnyx-timestamp must be seconds since the epoch")
    if abs(int(timestamp) * SECOND - now) > _TOLERANCE:
        raise BadSignature("telnyx-timestamp is more than five minutes off")
    try:
        signature = base64.b64decode(headers.get("telnyx-signature-ed25519", ""), validate=True)
        read_key(public_key).verify(signature, timestamp.encode() + b"|" + body)
    except (binascii.Error, InvalidSignature, ValueError) as fault:
        raise BadSignature("telnyx-signature-ed25519 is not this account's over the body") from fault


def read_key(text: str) -> Ed25519PublicKey:
    """The key as the account's page shows it; ValueError."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except binascii.Error as fault:
        raise ValueError("must be base64") from fault
