"""What the engine needs from outside, by shape: providers, hints to workers, a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol

from connector.domain.errors import Fault
from connector.domain.messages import InboundMessage, InboundRequest, Message, Outcome, Permit


class Provider(Protocol):
    """Delivers messages and reads what comes in; one file each in ``connector/providers``."""

    name: ClassVar[str]
    #: Names of settings that are written and never read back.
    secrets: ClassVar[frozenset[str]]

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]: ...

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome: ...

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> list[InboundMessage]: ...


class Hints(Protocol):
    """Tells workers that something is due in some lanes, or of some imports. A lost or doubled hint does no harm."""

    def give(self, lanes: Iterable[int]) -> None: ...

    def taken(self, lane: int) -> None: ...

    def bring(self, imports: Iterable[int]) -> None: ...

    def brought(self, number: int) -> None: ...


class Posted(Protocol):
    """What came of posting to a receiver; ``status`` is None where there was no answer."""

    @property
    def status(self) -> int | None: ...

    @property
    def error(self) -> str | None: ...

    @property
    def retry_after(self) -> float: ...


class Poster(Protocol):
    """Posts to an address that somebody outside gave us; never to a private one, never after the deadline."""

    def refusal(self, url: str) -> str | None: ...

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Posted: ...


class Clock(Protocol):
    """The time now, microseconds since the epoch."""

    def __call__(self) -> int: ...
