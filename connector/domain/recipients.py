"""Whom a call is about: flat fields for one person, ``recipients`` for many, always handed on as a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from connector.domain.addresses import Address, AddressKind, InvalidAddress, parse
from connector.domain.errors import Fault, Invalid
from connector.domain.words import Channel

FIELDS = tuple(kind.value for kind in AddressKind)
_KINDS = tuple((kind.value, kind) for kind in AddressKind)


class Named(NamedTuple):
    """One address of a recipient as given, and what it was read as or why it could not be."""

    field: str
    given: str
    address: Address | None
    fault: Fault | None = None


class Recipient(NamedTuple):
    """One person of a batch: every address given is meant."""

    named: tuple[Named, ...]
    attributes: Mapping[str, Any]
    #: Where the person stands in the input, a JSON pointer: "" or "/recipients/3".
    pointer: str

    @property
    def public(self) -> dict[str, str]:
        """The addresses as Heed reads them, or as given where they can't be read."""
        return {named.field: named.address.wire if named.address else named.given for named in self.named}

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple([named.address for named in self.named if named.address is not None])

    def faults(self, channel: Channel) -> Iterator[Fault]:
        """Everything about the addresses that keeps this channel from reaching them."""
        if not self.named:
            yield Fault(self.pointer, "invalid_address", "a number, an email or a whatsapp_id is needed")
        for named in self.named:
            if named.fault is not None:
                yield named.fault
            elif named.address is not None and not named.address.fits(channel):
                detail = f"the channel {channel.label} does not reach an address of this kind"
                yield Fault(f"{self.pointer}/{named.field}", "invalid_address", detail)


@dataclass(frozen=True, slots=True)
class Batch:
    """The recipients of one call."""

    people: tuple[Recipient, ...]
    #: The caller used the flat fields, so a fault is the caller's and the answer is about one person.
    single: bool

    def insist(self, channel: Channel, *others: Fault) -> None:
        """In a call about one person an address that can't be read is a fault of the call: Invalid, with ``others``."""
        faults = [*(self.people[0].faults(channel) if self.single else ()), *others]
        if faults:
            raise Invalid(faults)

    def refuse_templates(self) -> None:
        """A template that a builder failed to fill is a mistake in the flow, not an address."""
        unfilled = [
            named.fault
            for person in self.people
            for named in person.named
            if named.fault is not None and named.fault.code == "unresolved_template"
        ]
        if unfilled:
            raise Invalid(unfilled)


def tidy_people(values: Mapping[str, Any]) -> dict[str, Any]:
    """Empty strings and nulls left out, of the flat fields and of each recipient: builders send what was left empty."""
    tidied = {name: value for name, value in values.items() if name not in FIELDS or value not in (None, "")}
    if isinstance(tidied.get("recipients"), list):
        tidied["recipients"] = [_tidy(person) for person in tidied["recipients"]]
    return tidied


def _tidy(person: Any) -> Any:
    if not isinstance(person, dict):
        return person
    return {name: value for name, value in person.items() if value is not None and value != ""}


def read_batch(values: Mapping[str, Any], region: str | None) -> Batch:
    """The recipients of a validated input; addresses that can't be read keep their fault."""
    many = values.get("recipients")
    if many is None:
        batch = Batch((read_person(values, "", region),), single=True)
    else:
        batch = Batch(
            tuple(read_person(one, f"/recipients/{index}", region) for index, one in enumerate(many)), single=False
        )
    batch.refuse_templates()
    return batch


def read_person(values: Mapping[str, Any], pointer: str, region: str | None) -> Recipient:
    """One person at a place of the input; an address that can't be read keeps its fault."""
    named = [
        _name(field, kind, values[field], pointer, region)
        for field, kind in _KINDS
        if values.get(field) not in (None, "")
    ]
    return Recipient(tuple(named), values.get("attributes") or {}, pointer)


def _name(field: str, kind: AddressKind, raw: str | int, pointer: str, region: str | None) -> Named:
    try:
        return Named(field, str(raw), parse(kind, raw, region))
    except InvalidAddress as error:
        return Named(field, str(raw), None, Fault(f"{pointer}/{field}", error.code, error.detail))
