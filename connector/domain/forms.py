"""An opt-in form: what it says, on which channel and for which lists, and who may show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.domain.addresses import AddressKind
from connector.domain.instants import DAY, HOUR, MINUTE
from connector.domain.words import Channel

#: A link that confirms an opt-in works for this long, and so long the opt-in is pending.
CONFIRM_WITHIN = 7 * DAY
#: One address is asked to confirm once within the first time, and so often within the second: for all forms together.
ASK_AGAIN_AFTER, ASK_AT_MOST, ASK_AT_MOST_WITHIN = 10 * MINUTE, 3, DAY
#: From one network so many are asked within this time.
NETWORK_AT_MOST, NETWORK_WITHIN = 60, HOUR

_ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Form:
    """One form as the store has it."""

    id: int
    org: int
    account: int
    token: str
    channel: Channel
    description: str
    confirmation_message: str
    button_text: str
    double_opt_in: bool
    allowed_origins: tuple[str, ...]
    lists: tuple[int, ...]
    sender: int | None

    @property
    def kind(self) -> AddressKind:
        """What it asks for."""
        return AddressKind.EMAIL if self.channel is Channel.EMAIL else AddressKind.NUMBER


@dataclass(frozen=True, slots=True)
class Asked:
    """An opt-in that was asked for, and whether it was confirmed."""

    code: str
    org: int
    form: int
    key: bytes
    bucket: int
    kind: str
    address: str
    evidence: Mapping[str, Any]
    requested_at: int
    confirmed_at: int | None


def is_origin(text: str) -> bool:
    """Whether a text is an origin, as in https://shop.example: scheme, host, perhaps a port, and nothing else.

    It goes into a header as it is, so nothing passes that could say more there.
    """
    return len(text) <= 255 and _ORIGIN.fullmatch(text) is not None
