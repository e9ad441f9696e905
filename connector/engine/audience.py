"""Whom a campaign is for: recipients turned into sends, with everybody who can't be reached reported among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.addresses import Address
from connector.domain.errors import Fault
from connector.domain.recipients import Batch, Recipient
from connector.domain.words import Channel, ReasonCode, SendStatus
from connector.engine.fenced import error_of
from connector.engine.targets import Target, target_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a send stands: its campaign and step, and when it is due."""

    org: int
    campaign: int
    step: int
    due_at: int
    now: int
    #: The call that asks for it.
    request: str | None = None


@dataclass
class Numbered:
    """Counts recipients through the parts of one call or file."""

    ordinal: int = 0


def reachable(person: Recipient, channel: Channel) -> Address | None:
    """The address of a person that the channel reaches, if any."""
    return next((address for address in person.addresses if address.fits(channel)), None)


def target_for(person: Recipient, channel: Channel, org: int, secret: bytes) -> Target | None:
    address = reachable(person, channel)
    return target_of(person, address, org, secret) if address is not None else None


def send_rows(
    batch: Batch, channel: Channel, place: Place, secret: bytes, numbered: Numbered
) -> Iterator[dict[str, Any]]:
    """A row for everyone in the batch: to be sent, or reported as unreachable or as named before in it."""
    named: Counter[bytes] = Counter()
    for person in batch.people:
        target = target_for(person, channel, place.org, secret)
        numbered.ordinal += 1
        if target is None:
            yield unreachable_row(person, place, numbered.ordinal)
            continue
        yield send_row(target, place, numbered.ordinal, copy=named[target.key])
        named[target.key] += 1


def send_row(
    target: Target, place: Place, ordinal: int, *, copy: int = 0, enrolment: int | None = None,
    attributes: Any = None,
) -> dict[str, Any]:  # fmt: skip
    row = _row(place, ordinal, target.address.kind.value, target.address.wire)
    given = attributes if attributes is not None else target.person.attributes
    row |= {"key": target.key, "bucket": target.bucket, "copy": copy, "enrolment": enrolment}
    row["attributes"] = dict(given) or None
    return _never(row, ReasonCode.DUPLICATE, place) if copy > 0 else row


def unreachable_row(person: Recipient, place: Place, ordinal: int) -> dict[str, Any]:
    """Somebody whom this channel can't reach: in the report, never in anybody's hands."""
    first = person.named[0] if person.named else None
    row = _row(place, ordinal, first.field if first else "number", _shown(first.given if first else ""))
    return _never(row, ReasonCode.INVALID_ADDRESS, place)


def faults_of(person: Recipient, channel: Channel) -> Sequence[Fault]:
    """Why a channel can't reach a person at all."""
    if reachable(person, channel) is not None:
        return ()
    return tuple(person.faults(channel))


def _row(place: Place, ordinal: int, kind: str, address: str) -> dict[str, Any]:
    return {
        "org": place.org, "campaign": place.campaign, "step": place.step, "enrolment": None, "ordinal": ordinal,
        "copy": 0, "key": None, "bucket": 0, "kind": kind, "address": address, "attributes": None,
        "status": SendStatus.PENDING.value, "reason": None, "reasons": None, "error": None,
        "due_at": place.due_at, "settled_at": None, "request": place.request,
    }  # fmt: skip


def _never(row: dict[str, Any], code: ReasonCode, place: Place) -> dict[str, Any]:
    reasons = [{"code": code.value, "list": None, "channel": None, "since": None}]
    return row | {
        "status": SendStatus.SUPPRESSED.value, "reason": code.value, "reasons": reasons,
        "error": error_of(code.value), "due_at": place.now, "settled_at": place.now,
    }  # fmt: skip


def _shown(given: str) -> str:
    return given.replace("\x00", "")[:320]
