"""Links that people are given: what they say, sealed so that nobody can make one up.

A token names an address by its key, never by itself, with the lists and the message it came with. It has no end: a
message that is found in years still holds a way out. What it opens is told by the seal, which is another for each use.
"""

from __future__ import annotations

import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace

from connector.domain.words import Channel
from connector.engine.secrets import Secrets

#: Use of a token; a token of one use opens nothing of another.
OUT, PREFERENCES, _SHORT, _MARK = "opt-out link", "preferences link", "short link", "mail mark"
_SEAL = 16
_LONGEST = 600
_CODE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: 13 of 62 characters are 77 bits.
_CODE_LENGTH = 13


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a link is for, and what it is about."""

    org: int
    account: int
    channel: Channel
    key: bytes
    bucket: int
    #: The lists of the message; empty for the default list.
    lists: tuple[int, ...] = ()
    #: The message it came with; 0 where it was made for a person.
    send: int = 0
    #: Whether a word "in" may be said over it too.
    both_ways: bool = False


class Links:
    """Makes links and reads them."""

    def __init__(self, secrets: Secrets, public_url: str) -> None:
        self._key_id = bytes([secrets.key_id])
        uses = (OUT, PREFERENCES, _SHORT, _MARK)
        self._keys = {use: hmac.digest(secrets.tokens, use.encode(), "sha256") for use in uses}
        self.base = public_url.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """RFC 8058 knows https only; on this very machine it may be tried without."""
        return self.base.startswith(("https://", "http://localhost:", "http://127.0.0.1:"))

    def unsubscribe_url(self, link: Link) -> str:
        return f"{self.base}/u/{self.token(link, OUT)}"

    def preferences_path(self, link: Link) -> str:
        return f"/p/{self.token(link, PREFERENCES)}"

    def preferences_url(self, link: Link) -> str:
        """The page on which the person says yes and no to everything."""
        return self.base + self.preferences_path(replace(link, both_ways=True))

    def short_url(self, code: str) -> str:
        return f"{self.base}/o/{code}"

    def code(self, link: Link) -> str:
        """The short name of a link. The same message has the same one, however often it is taken in hand."""
        number = int.from_bytes(hmac.digest(self._keys[_SHORT], _packed(link), "sha256")[:16])
        digits = []
        for _ in range(_CODE_LENGTH):
            number, digit = divmod(number, len(_CODE))
            digits.append(_CODE[digit])
        return "".join(digits)

    def mark(self, send_id: str) -> str:
        """What a mail's Message-ID carries beside our id of the send: who knows it has seen the mail."""
        return b32encode(hmac.digest(self._keys[_MARK], send_id.encode(), "sha256")[:10]).decode().lower()

    def token(self, link: Link, use: str) -> str:
        body = self._key_id + _packed(link)
        return urlsafe_b64encode(body + self._seal(body, use)).decode().rstrip("=")

    def read(self, text: str, use: str) -> Link | None:
        """The link in a token; None for whatever was not made here for this use."""
        if len(text) > _LONGEST or not text.isascii():
            return None
        try:
            whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        body, seal = whole[:-_SEAL], whole[-_SEAL:]
        if body[:1] != self._key_id or not hmac.compare_digest(seal, self._seal(body, use)):
            return None
        return _unpacked(body[1:])

    def _seal(self, body: bytes, use: str) -> bytes:
        return hmac.digest(self._keys[use], body, "sha256")[:_SEAL]


def _packed(link: Link) -> bytes:
    numbers = (link.org, link.account, link.send, *link.lists)
    head = bytes([int(link.channel) | link.both_ways << 7, link.bucket]) + link.key
    return head + b"".join(map(_varint, numbers))


def _unpacked(body: bytes) -> Link:
    org, account, send, *lists = _numbers(body[18:])
    channel, both_ways = Channel(body[0] & 127), bool(body[0] & 128)
    return Link(org, account, channel, body[2:18], body[1], tuple(lists), send, both_ways)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all bytes but the last carry the eighth (as in Protocol Buffers)."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _numbers(body: bytes) -> list[int]:
    found, number, shift = [], 0, 0
    for byte in body:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(number)
            number, shift = 0, 0
    return found
