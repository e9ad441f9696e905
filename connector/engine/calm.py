"""What makes a message wait, though nothing speaks against it: quiet hours."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.campaigns import Campaign
from connector.domain.consent import Facts, Hold
from connector.domain.quiet import held_until, quiet_for, zones_of
from connector.domain.words import ReasonCode
from connector.store.sends import Due


def disturbed(facts: Facts, campaign: Campaign, row: Due, now: int) -> Facts:
    """The facts with a hold, where the recipient would be disturbed now; the decision is made again at its end."""
    quiet = quiet_for(campaign.quiet_hours, row.kind, row.address) if row.address else None
    if quiet is None:
        return facts
    until = held_until(now, quiet, zones_of(row.kind, row.address, row.attributes, campaign.timezone))
    return facts if until is None else replace(facts, holds=(*facts.holds, Hold(ReasonCode.QUIET_HOURS, until)))
