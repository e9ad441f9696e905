"""The addresses a call is about, with their keys and buckets, and who is calling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.addresses import Address, AddressKind, address_key, bucket_of, parse
from connector.domain.recipients import Batch, Recipient
from connector.domain.words import PERSONAL, Channel, Source


@dataclass(frozen=True, slots=True)
class Who:
    """On whose behalf something is done, and on which road it came in."""

    organisation: int
    account: int
    #: As the history shows it: a key's name, a sender, an operator.
    actor: str
    source: Source
    scopes: frozenset[str] = frozenset()
    #: Where the request carried an idempotency key: its whole scope.
    once: str | None = None
    #: Since when an attempt whose answer got lost may have done the same already.
    again: int | None = None
    #: The number of the API key that it came in by.
    key: int | None = None

    @property
    def personal(self) -> bool:
        return self.source in PERSONAL


class Target(NamedTuple):
    """One address of one person of a batch."""

    person: Recipient
    address: Address
    key: bytes
    bucket: int


def targets_of(batch: Batch, channel: Channel, organisation: int, secret: bytes) -> list[Target]:
    """Every address that the channel reaches, of everyone who has no fault."""
    return [
        target_of(person, address, organisation, secret)
        for person in batch.people
        if not any(person.faults(channel))
        for address in person.addresses
    ]


def target_of(person: Recipient, address: Address, organisation: int, secret: bytes) -> Target:
    key = address_key(address, secret)
    return Target(person, address, key, bucket_of(organisation, address.canonical))


def target_from(kind: str, wire: str, key: bytes, bucket: int) -> Target:
    """The address of a send, as it was stored."""
    return Target(Recipient((), {}, ""), parse(AddressKind(kind), wire, None), key, bucket)


def keys_of(targets: Iterable[Target]) -> list[bytes]:
    return sorted({target.key for target in targets})
