"""What the engine needs from outside, by shape: providers, hints to workers, a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from connector.domain.errors import Fault
from connector.domain.messages import Inbound, InboundRequest, Message, Outcome, Permit


class Provider(Protocol):
    """Delivers messages and reads what comes in; one file each in ``connector/providers``."""

    name: ClassVar[str]
    #: Names of settings that are written and never read back.
    secrets: ClassVar[frozenset[str]]

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]: ...

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome: ...

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> Sequence[Inbound]: ...


@runtime_checkable
class Challenging(Protocol):
    """A provider that asks, by a GET, whether an inbound address is ours before it uses it."""

    def challenge(self, request: InboundRequest, settings: Mapping[str, Any]) -> str: ...


@runtime_checkable
class Greeting(Protocol):
    """A provider that asks the same by a POST: what to answer, or None where a call is not of that kind."""

    def greeting(self, request: InboundRequest, settings: Mapping[str, Any]) -> Mapping[str, str] | None: ...


class Hints(Protocol):
    """Tells workers that something is due in some lanes, or that a long job goes on. A lost or doubled one is harmless.

    The long jobs are ``bring`` (an import) and ``gather`` (the groups of a campaign).
    """

    def give(self, lanes: Iterable[int]) -> None: ...

    def taken(self, lane: int) -> None: ...

    def go_on(self, job: str, numbers: Iterable[int]) -> None: ...

    def begun(self, job: str, number: int) -> None: ...

    def ping(self) -> bool | None:
        """Whether the queue answers; None where there is none."""


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


class Keeping(Protocol):
    """For how many days what is over is kept; 0: for ever."""

    @property
    def sends(self) -> int: ...

    @property
    def deliveries(self) -> int: ...

    @property
    def answers(self) -> int: ...

    @property
    def texts(self) -> int: ...


class QueueSeen(Protocol):
    """How the queue server is set up."""

    @property
    def answers(self) -> bool: ...

    @property
    def policy(self) -> str:
        """What it does when memory is short; "" where it does not say."""

    @property
    def keeps(self) -> bool:
        """Whether it keeps on disk what it is told."""


class Clock(Protocol):
    """The time now, microseconds since the epoch."""

    def __call__(self) -> int: ...
