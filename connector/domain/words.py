"""The closed vocabularies: channels, states, sources, purposes, reasons. Everything else reads them from here."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Channel(IntEnum):
    """A way to reach a person; the numbers are stored. ``ALL`` is a word for every one of them."""

    ALL = 0
    SMS = 1
    WHATSAPP = 2
    RCS = 3
    TRUECALLER = 4
    VOICE = 5
    EMAIL = 6

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Channel:
        return _CHANNELS[name]


_CHANNELS = {channel.name.lower(): channel for channel in Channel}
#: Each at the place of its number.
CHANNEL_NAMES = tuple(_CHANNELS)


class State(IntEnum):
    """The newest word of an address on (list, channel); the numbers are stored."""

    OUT = 1
    IN = 2
    CLEARED = 3

    @property
    def label(self) -> str:
        return self.name.lower()


class Source(StrEnum):
    """How a word reached us."""

    KEYWORD = "keyword"
    FORM = "form"
    LINK = "link"
    ONE_CLICK = "one_click"
    ACTION = "action"
    API = "api"
    IMPORT = "import"
    OPERATOR = "operator"
    PROVIDER = "provider"
    RULE = "rule"
    REPLY = "reply"


#: Sources in which the person speaks for themselves; a list that is protected by "person" listens to no other.
PERSONAL = frozenset({Source.KEYWORD, Source.FORM, Source.LINK, Source.ONE_CLICK, Source.PROVIDER})


class Purpose(StrEnum):
    """Why a message is sent. ``CONFIRMATION`` is ours alone; callers may not ask for it."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    SERVICE = "service"
    CONFIRMATION = "confirmation"


class ReasonCode(StrEnum):
    """Why a message may not go out, in the order in which the decision looks."""

    INVALID_ADDRESS = "invalid_address"
    BLOCKED = "blocked"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    PROVIDER_BLOCKED = "provider_blocked"
    ERASED = "erased"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_PENDING = "consent_pending"
    QUIET_HOURS = "quiet_hours"
    FREQUENCY_CAP = "frequency_cap"
    DUPLICATE = "duplicate"


class FactKind(IntEnum):
    """What is known of an address beside the words on lists; the numbers are stored."""

    BLOCKED = 1
    HARD_BOUNCE = 2
    COMPLAINT = 3
    PROVIDER_BLOCKED = 4
    ERASED = 5
    #: The person wrote to this sender; ``since`` is when, and opens the service window.
    HEARD = 6
    #: An opt-in was asked for and not confirmed yet; ``sender`` is the channel it is for.
    PENDING = 7
    #: The person's message sounds like a refusal, and nobody has read it yet.
    HELD_BACK = 8


class SendStatus(StrEnum):
    """Where a send stands. The last five are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


FINAL = (SendStatus.SENT, SendStatus.SUPPRESSED, SendStatus.FAILED, SendStatus.UNKNOWN, SendStatus.CANCELLED)

#: What a suppressed row is called where an opt-out suppressed it; users of such tools know the phrase.
OPTOUT_NUMBER = "Optout Number"


def skipped_summary(count: int) -> str:
    """The line that campaign people look for."""
    return f"{count} contacts skipped (opted-out)"
