"""Campaigns as an operator names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector import bootstrap
from connector.domain.campaigns import Campaign
from connector.domain.errors import Conflict, NotFound
from connector.domain.ids import public_id


def campaign_named(here: bootstrap.House, who: Any, name: str) -> Campaign:
    """A campaign by its id, or by its name where only one has it; NotFound, Conflict."""
    try:
        return here.campaigns.find(who.organisation, name)
    except NotFound:
        found = [one for one in every_campaign(here, who) if one.name.casefold() == name.casefold()]
    if not found:
        raise NotFound
    if len(found) > 1:
        ids = ", ".join(public_id("campaign", one.id) for one in found)
        raise Conflict(f"Several campaigns have this name; say which by its id: {ids}", code="ambiguous")
    return found[0]


def every_campaign(here: bootstrap.House, who: Any) -> Iterator[Campaign]:
    cursor = None
    while True:
        page, cursor = here.journal.campaigns(who, 1000, cursor)
        yield from page
        if cursor is None:
            return
