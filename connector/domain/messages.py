"""What is handed to a provider, under which permit, and what a provider can answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connector.domain.standing import Signal
from connector.domain.words import Channel, State


@dataclass(frozen=True, slots=True)
class Template:
    """A message whose words the provider has approved beforehand; the parameters fill its blanks, in order."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered message for one address."""

    send_id: str
    channel: Channel
    #: The wire form of the address: E.164, an email, or a WhatsApp user id.
    to: str
    #: The sender's number or from-address.
    sender: str
    text: str | None = None
    subject: str | None = None
    html: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    template: Template | None = None
    #: Where one POST takes the person off (RFC 8058), and an email says so in its headers.
    unsubscribe_url: str | None = None
    #: Where the sender's provider reaches us, below the public URL; "" where it is not to tell how it went.
    inbound_path: str = ""
    #: What a mail carries in its Message-ID, so that a report about it can be told from one that somebody made up.
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to hand over one send, made by the claim from a decision that allows and by nothing else."""

    send_id: int
    token: int
    #: By `connector.uptime`, seconds: the hand-off must have ended by then.
    deadline: float


class Kind(StrEnum):
    """Why a provider refused for good."""

    OPTED_OUT = "opted_out"
    #: The person has stopped marketing at the provider; other messages still pass.
    MARKETING_STOPPED = "marketing_stopped"
    INVALID_RECIPIENT = "invalid_recipient"
    WINDOW_CLOSED = "window_closed"
    POLICY = "policy"
    AUTH = "auth"
    TEMPLATE = "template"
    RATE = "rate"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider surely did not take the message and will not."""

    kind: Kind
    #: The provider's own code or a short phrase; never an address, never a secret.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """The provider surely did not take the message; it may be offered again after so many seconds."""

    after: float
    detail: str = ""
    #: The provider asks this of everything by this sender, and not for one message.
    sender_wide: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the provider took it (cut off after bytes had left); never offered again blindly."""

    detail: str = ""


Outcome = Accepted | Rejected | Retry | Unknown


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """A provider's call to us, as it arrived: verified over the raw bytes before anything is parsed."""

    method: str
    #: The public URL as configured with the provider (never made from the Host header).
    url: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A person wrote to a sender, or turned the provider's switch for it."""

    message_id: str
    sender_address: str
    recipient: str | None
    text: str
    channel: Channel | None
    #: Microseconds since the epoch, UTC, as the provider says; None where it does not say.
    at: int | None
    #: What the person said otherwise than by the text, as with a button; None where the text is all.
    word: State | None = None
    #: Whether the provider acts upon that word by itself and takes, or refuses, what this sender sends them.
    acts: bool = False
    #: False for a switch that was turned: then ``word`` says how, and there is no text.
    written: bool = True


class Delivery(StrEnum):
    """What a provider says later of a message that it was given."""

    #: It has the message, and perhaps sent it on.
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    #: It did not reach the person and will not.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboundStatus:
    """How a hand-off went on."""

    #: Our own id of the send, which the provider carried for us.
    send_id: str
    provider_id: str | None
    delivery: Delivery
    #: Why it failed.
    kind: Kind | None = None
    #: The provider's own code; never an address.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class InboundReport:
    """What came back by mail about one recipient: a bounce, a delivery, a complaint."""

    #: The report's own, with a number behind it for a second recipient: so that it counts once.
    message_id: str
    signal: Signal
    #: Who it is about, as the report has it; "" where it does not say.
    recipient: str
    #: What the original's Message-ID says of our send; None where it is none of ours, or was taken out.
    send_id: str | None
    #: A status code (RFC 3463), or the type of a complaint.
    code: str
    #: The other server's words; never an address.
    detail: str
    #: Microseconds since the epoch, by the last server that took the report; None where none says.
    at: int | None
    #: What the original's Message-ID carries beside the send.
    mark: str = ""


@dataclass(frozen=True, slots=True)
class InboundLink:
    """The provider tells a phone number and a user id that are one person's."""

    number: str
    whatsapp_id: str


Inbound = InboundMessage | InboundStatus | InboundReport | InboundLink


class BadSignature(Exception):
    """The call is not signed by the provider it claims to come from."""


class BadInbound(Exception):
    """The call is signed but can't be understood; the message says what is missing."""
