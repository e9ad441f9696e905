"""Who passes an opt-out as a member of a group: found for a batch, and told in the history before anything leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connector.domain.campaigns import Campaign
from connector.domain.consent import Facts, Question, decide
from connector.domain.errors import Fault, Forbidden, Invalid
from connector.domain.ids import public_id
from connector.domain.words import Source
from connector.engine.fenced import Fenced
from connector.engine.targets import Who, target_from
from connector.engine.words_written import draft_row
from connector.store import bypasses, contacts
from connector.store.database import Connection
from connector.store.directory import Directory
from connector.store.sends import Due

#: The state that the history shows where a message passed an opt-out.
BYPASSED = "bypassed"


def groups_around(
    connection: Connection, org: int, of: Iterable[Campaign], keys: Sequence[bytes]
) -> dict[bytes, set[int]]:
    """The bypass groups of these campaigns that each address is in; no statement where there are none."""
    return contacts.memberships(connection, org, {group for campaign in of for group in campaign.bypass}, keys)


def is_needed(facts: Facts, question: Question) -> bool:
    """Whether it is the bypass, and nothing else, that lets a message pass."""
    return question.bypass and decide(facts, replace(question, bypass=False)).opted_out


def insist_bypass(who: Who) -> None:
    """Forbidden where the key may not let anybody pass."""
    if "bypass" not in who.scopes:
        raise Forbidden("This key lacks the scope bypass.")


def named_groups(directory: Directory, names: Sequence[str]) -> list[int]:
    """The groups a call names, each once; Invalid names every one that is not there or carries no flag."""
    faults, found = [], []
    for index, name in enumerate(names):
        group = directory.find_group(name)
        if group is None:
            faults.append(Fault(f"/bypass_groups/{index}", "unknown_group", "there is no such group"))
        elif not group.bypass:
            faults.append(Fault(f"/bypass_groups/{index}", "no_bypass", "the members of this group pass nothing"))
        else:
            found.append(group.id)
    if faults:
        raise Invalid(faults)
    return list(dict.fromkeys(found))


def named_audience(directory: Directory, names: Sequence[str]) -> list[int]:
    """The groups that a campaign is for, each once; Invalid names every one that is not there."""
    found = [directory.find_group(name) for name in names]
    places = [index for index, group in enumerate(found) if group is None]
    if places:
        raise Invalid([Fault(f"/groups/{index}", "unknown_group", "there is no such group") for index in places])
    return list(dict.fromkeys(group.id for group in found if group is not None))


class Bypassing:
    """Writes the line of history that a send needs before it may pass an opt-out."""

    def __init__(self, fenced: Fenced) -> None:
        self._fenced = fenced

    def tell(self, org: int, rows: Sequence[Due], of: Mapping[int, Campaign], directory: Directory) -> None:
        """One line each. The sends stay pending; the next claim finds their lines and decides anew."""
        for campaign in {row.campaign: of[row.campaign] for row in rows}.values():
            self._tell(org, [row for row in rows if row.campaign == campaign.id], campaign, directory)

    def _tell(self, org: int, rows: Sequence[Due], campaign: Campaign, directory: Directory) -> None:
        named = public_id("campaign", campaign.id)
        who = Who(org, campaign.account, f"campaign {named}", Source.ACTION)
        groups = [directory.groups[number].name for number in campaign.bypass if number in directory.groups]
        channel = directory.senders[campaign.sender].channel

        def write(connection: Connection, now: int) -> None:
            drafts = [
                draft_row(
                    who, target, None, channel, BYPASSED, now, now, f"member of {' or '.join(groups)}",
                    {"campaign": named, "send": public_id("send", row.id)},
                )
                for row, target in zip(rows, targets, strict=True)
            ]  # fmt: skip
            lines = self._fenced.append(connection, drafts)
            bypasses.mark(connection, org, dict(zip([row.id for row in rows], lines, strict=True)))

        targets = [target_from(row.kind, row.address, row.key, row.bucket) for row in rows]
        self._fenced.allow(org, targets, write)
