"""The seal of the history: each line is tied to the seal before it with a key that is not in the database.

A line's plain fields are sealed as they are; its personal ones through a salted digest. So a person can be erased
later: the digest stays and the chain with it, and all that is plain can still be checked. A line that lost its personal
fields is whole only where a later line of the same chain says that the person was erased.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connector.store.book import Head

START = Head(0, bytes(32))
#: The state of the line that says a person was erased.
ERASED = "erased"


def seal(
    drafts: Sequence[Mapping[str, Any]], heads: Mapping[int, Head], secret: bytes
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events ready to be stored, and the signed heads of the chains they lengthen. Hold the buckets exclusively."""
    ends = dict(heads)
    rows = []
    salts = os.urandom(16 * len(drafts))
    for place, draft in enumerate(drafts):
        bucket = draft["bucket"]
        head = ends.get(bucket, START)
        salt = salts[16 * place : 16 * place + 16]
        digest = digest_of(draft, salt)
        ends[bucket] = Head(head.seq + 1, link(secret, bucket, head, draft, digest))
        rows.append({**draft, "seq": head.seq + 1, "salt": salt, "digest": digest, "seal": ends[bucket].seal})
    touched = {(draft["org"], draft["bucket"]) for draft in drafts}
    return rows, [_signed(secret, org, bucket, ends[bucket]) for org, bucket in sorted(touched)]


def digest_of(event: Mapping[str, Any], salt: bytes) -> bytes:
    """What is personal of an event, salted so that it can't be guessed from the digest once it is erased."""
    said = orjson.dumps([event["actor"], event["reason"], event["evidence"]], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(salt + said).digest()


def link(secret: bytes, bucket: int, before: Head, event: Mapping[str, Any], digest: bytes) -> bytes:
    said = b"%d/%d/%d/%s/%d/%s/%s/%d/%d/" % (
        event["org"], bucket, before.seq + 1, event["key"].hex().encode(), event["channel"],
        b"-" if event["list_id"] is None else b"%d" % event["list_id"],
        f"{event['state']}/{event['source']}".encode(), event["occurred_at"], event["recorded_at"],
    )  # fmt: skip
    return hmac.digest(secret, said + before.seal + digest, "sha256")


def sign(secret: bytes, org: int, bucket: int, head: Head) -> bytes:
    return hmac.digest(secret, b"head %d/%d/%d/" % (org, bucket, head.seq) + head.seal, "sha256")


@dataclass(frozen=True, slots=True)
class Breach:
    """A place where the history is not what was written."""

    bucket: int
    seq: int
    detail: str


def verify(secret: bytes, org: int, bucket: int, lines: Iterable[Any], head: Any | None) -> Iterator[Breach]:
    """Walk one chain from its start to its signed head and name what does not fit."""
    before = START
    bare: dict[bytes, list[int]] = {}  # lines without what was personal, until their person's erasure comes along
    for line in lines:
        expected = before.seq + 1
        if line.seq != expected:
            yield Breach(bucket, expected, f"line {expected} is missing; line {line.seq} stands in its place")
            before = Head(line.seq - 1, before.seal)
        if line.state == ERASED:
            bare.pop(line.key, None)
        if line.salt == b"":
            bare.setdefault(line.key, []).append(line.seq)
        elif digest_of(line._mapping, line.salt) != line.digest:
            yield Breach(bucket, line.seq, "who, why or the evidence was changed")
        if link(secret, bucket, before, line._mapping, line.digest) != line.seal:
            yield Breach(bucket, line.seq, "the line was changed, or is not the one written after the line before it")
        before = Head(line.seq, line.seal)
    for seq in sorted(seq for lost in bare.values() for seq in lost):
        yield Breach(bucket, seq, "who, why and the evidence are gone, and no erasure tells of it")
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
