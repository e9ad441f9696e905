"""The seal of the history: each event's digest is tied to the seal before it with a key that is not in the database.

Personal fields can be erased later: the digest of the salted event stays, and the chain with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connector.store.book import Head

START = Head(0, bytes(32))
_SEALED = (
    "org",
    "key",
    "list_id",
    "channel",
    "state",
    "source",
    "actor",
    "reason",
    "evidence",
    "occurred_at",
    "recorded_at",
)


def seal(
    drafts: Sequence[Mapping[str, Any]], heads: Mapping[int, Head], secret: bytes
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events ready to be stored, and the signed heads of the chains they lengthen. Hold the buckets exclusively."""
    ends = dict(heads)
    rows = []
    for draft in drafts:
        bucket = draft["bucket"]
        head = ends.get(bucket, START)
        salt = os.urandom(16)
        digest = digest_of(draft, salt)
        ends[bucket] = Head(head.seq + 1, link(secret, draft["org"], bucket, head, digest))
        rows.append({**draft, "seq": head.seq + 1, "salt": salt, "digest": digest, "seal": ends[bucket].seal})
    touched = {(draft["org"], draft["bucket"]) for draft in drafts}
    return rows, [_signed(secret, org, bucket, ends[bucket]) for org, bucket in sorted(touched)]


def digest_of(event: Mapping[str, Any], salt: bytes) -> bytes:
    """What an event says, salted so that it can't be guessed from the digest once it is erased."""
    said = {name: _plain(event[name]) for name in _SEALED}
    return hashlib.sha256(salt + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def link(secret: bytes, org: int, bucket: int, before: Head, digest: bytes) -> bytes:
    place = b"%d/%d/%d/" % (org, bucket, before.seq + 1)
    return hmac.digest(secret, place + before.seal + digest, "sha256")


def sign(secret: bytes, org: int, bucket: int, head: Head) -> bytes:
    return hmac.digest(secret, b"head %d/%d/%d/" % (org, bucket, head.seq) + head.seal, "sha256")


@dataclass(frozen=True, slots=True)
class Breach:
    """A place where the history is not what was written."""

    bucket: int
    seq: int
    detail: str


def verify(secret: bytes, org: int, bucket: int, lines: Sequence[Any], head: Any | None) -> Iterator[Breach]:
    """Walk one chain from its start to its signed head and name what does not fit."""
    before = START
    for line in lines:
        expected = before.seq + 1
        if line.seq != expected:
            yield Breach(bucket, expected, f"line {expected} is missing; line {line.seq} stands in its place")
            before = Head(line.seq - 1, before.seal)
        if line.actor is not None and digest_of(line._mapping, line.salt) != line.digest:
            yield Breach(bucket, line.seq, "the line was changed")
        if link(secret, org, bucket, before, line.digest) != line.seal:
            yield Breach(bucket, line.seq, "the line does not follow from the one before it")
        before = Head(line.seq, line.seal)
    if head is None:
        if before.seq:
            yield Breach(bucket, before.seq, "the chain has lost its head")
        return
    if not hmac.compare_digest(sign(secret, org, bucket, Head(head.seq, head.seal)), head.signature):
        yield Breach(bucket, head.seq, "the head is not signed by this service")
    if (head.seq, head.seal) != (before.seq, before.seal):
        yield Breach(bucket, head.seq, f"the chain ends at line {before.seq}, but {head.seq} were written")


def _signed(secret: bytes, org: int, bucket: int, head: Head) -> dict[str, Any]:
    signature = sign(secret, org, bucket, head)
    return {"org": org, "bucket": bucket, "seq": head.seq, "seal": head.seal, "signature": signature}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
