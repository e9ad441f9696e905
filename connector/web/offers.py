"""What a choice on a page offers: pairs of value and label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.domain.words import Channel
from connector.web.console import LABELS
from connector.web.texts import gettext

Pairs = list[tuple[str, str]]


def channels(*, all_too: bool = True) -> Pairs:
    return [(one.label, gettext(LABELS[one.label])) for one in Channel if all_too or one is not Channel.ALL]


def senders(several: Iterable[Mapping[str, Any]]) -> Pairs:
    return [(one["id"], f"{one['number']} ({one['channel']})") for one in several]


def lists(several: Iterable[Mapping[str, Any]]) -> Pairs:
    return [(one["id"], one["name"]) for one in several]
