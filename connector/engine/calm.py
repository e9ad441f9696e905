"""What makes a message wait, though nothing speaks against it: quiet hours, and having been written to often enough."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.campaigns import Campaign
from connector.domain.consent import Facts, Hold
from connector.domain.frequency import capped
from connector.domain.quiet import held_until, quiet_for, zones_of
from connector.domain.timing import at_time_of_day, is_zone
from connector.domain.words import Purpose, ReasonCode
from connector.engine.directories import Directories
from connector.store import fence
from connector.store.database import Connection
from connector.store.directory import Directory
from connector.store.lookup import Known, Lookup
from connector.store.sends import Due


def disturbed(facts: Facts, campaign: Campaign, row: Due, directory: Directory, now: int) -> Facts:
    """The facts with all that holds the message back now; the decision is made again when that is over."""
    found = (
        _quiet(campaign, row, now),
        capped(facts, directory.accounts[campaign.account].frequency_cap, campaign.account, now),
    )
    holds = tuple(one for one in found if one is not None)
    return facts._replace(holds=(*facts.holds, *holds)) if holds else facts


def known_for_claim(
    lookup: Lookup, directories: Directories, connection: Connection, org: int, keys: Sequence[bytes], now: int
) -> tuple[Known, Directory]:
    """What is known of these people and what is set up, as of one moment; what they were sent, where that matters."""
    back = directories.kept(org).longest_cap
    while True:
        if back:  # of two claims with messages to one person the second one must see what the first one took
            fence.close_people(connection, keys)
        known = lookup.known_within(connection, org, keys, now - back if back else None)
        directory = directories.at(org, known.version, connection)
        if directory.longest_cap <= back:
            return known, directory
        back = directory.longest_cap  # somebody has set a cap since we last looked


def counted_back(directory: Directory, account: int, purpose: Purpose) -> int:
    """How far back what somebody was sent matters to this account, microseconds; 0 where it does not."""
    found = directory.accounts.get(account)
    cap = found.frequency_cap if found and purpose is Purpose.MARKETING else None
    return cap.period if cap else 0


def later(campaign: Campaign, row: Due) -> int | None:
    """When a step that waits for a time of day is due by its recipient's clock, where it is not due yet."""
    at = next(one.at for one in campaign.steps if one.id == row.step)
    if at is None or row.ripe_at is not None:
        return None
    own = row.attributes.get("timezone")
    zone = own if isinstance(own, str) and is_zone(own) else campaign.timezone
    found = at_time_of_day(row.due_at, at, zone)
    return found if found > row.due_at else None


def _quiet(campaign: Campaign, row: Due, now: int) -> Hold | None:
    if not campaign.quiet_hours or not row.address:
        return None
    quiet = quiet_for(campaign.quiet_hours, row.kind, row.address)
    if quiet is None:
        return None
    until = held_until(now, quiet, zones_of(row.kind, row.address, row.attributes, campaign.timezone))
    return None if until is None else Hold(ReasonCode.QUIET_HOURS, until)
