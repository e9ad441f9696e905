"""All that an operator wants to know of one person, read in a fixed number of statements."""

from __future__ import annotations

from typing import Any

from connector.domain.recipients import Batch
from connector.domain.words import Channel, Purpose
from connector.engine.asking import Asking
from connector.engine.targets import Who


def standing(asking: Asking, who: Who, batch: Batch) -> dict[str, Any]:
    """The profile, and for each channel that reaches the person what a marketing message would meet now."""
    profile = asking.profile(who, batch)
    now = {
        name: asking.ask(who, batch, Channel.named(name), ["default"], Purpose.MARKETING, False, ()).body
        for name in profile["channels"]
    }
    return {**profile, "now": now}
