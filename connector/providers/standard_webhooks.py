"""Verifies calls to us that are signed by Standard Webhooks 1.0 (symmetric, ``v1``)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from connector.domain.instants import MINUTE, SECOND
from connector.domain.messages import BadSignature

_TOLERANCE = 5 * MINUTE
_PREFIX = "whsec_"


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """BadSignature unless one listed ``v1`` signature is ours and made within five minutes of ``now`` (µs).

    Header names are in lower case. A secret is ``whsec_`` and base64, or plain text taken as it is.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    # The signed text joins its parts by dots: one more of them would let a part be moved into the next.
    if not message_id or "." in message_id:
        raise BadSignature("webhook-id is missing or holds a dot")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("webhook-timestamp must be seconds since the epoch")
    if abs(int(timestamp) * SECOND - now) > _TOLERANCE:
        raise BadSignature("webhook-timestamp is more than five minutes off")
    signed = f"{message_id}.{timestamp}.".encode(errors="surrogateescape") + body
    ours = base64.b64encode(hmac.digest(read_secret(secret), signed, hashlib.sha256))
    # Every one is compared, so that time does not tell which matched.
    matches = [hmac.compare_digest(ours, theirs) for theirs in _listed(headers.get("webhook-signature", ""))]
    if not any(matches):
        raise BadSignature("webhook-signature matches none of ours")


def read_secret(secret: str) -> bytes:
    """The key in a secret; ValueError for ``whsec_`` without base64 behind it, or for an empty one."""
    if not secret.startswith(_PREFIX):
        key = secret.encode()
    else:
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as fault:
            raise ValueError("whsec_ must be followed by base64") from fault
    if not key:
        raise ValueError("a secret can't be empty")
    return key


def _listed(header: str) -> list[bytes]:
    """The v1 signatures of the header, at most sixteen: more would only be a way to make us work."""
    pairs = (entry.partition(",") for entry in header.split(" ")[:16])
    return [signature.encode(errors="replace") for version, _, signature in pairs if version == "v1"]
