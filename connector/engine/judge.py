"""From what a send is to the question the decision is asked, and from reasons to what callers read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.consent import Decision, Question, Reason
from connector.domain.instants import rfc3339
from connector.domain.words import CHANNEL_NAMES, Channel
from connector.store.directory import Directory


def question_for(
    directory: Directory, campaign: Campaign, now: int, kind: str, groups: Set[int] = frozenset()
) -> Question:
    """What a campaign's send to an address of this kind asks; ``groups`` are those of its that the person is in."""
    sender = directory.senders[campaign.sender]
    default = directory.default_list(campaign.account)
    return Question(
        channel=sender.channel,
        lists=directory.governing(campaign.account, campaign.lists) | {default.id},
        default_list=default.id,
        now=now,
        purpose=campaign.purpose,
        require_opt_in=campaign.require_opt_in,
        default_state=directory.accounts[campaign.account].defaults.get(sender.channel.label, "none"),
        bypass=passes(directory, campaign.bypass, groups),
        sender_id=sender.id,
        reachable=reaches(sender.channel, kind),
    )


def passes(directory: Directory, named: Iterable[int], groups: Set[int]) -> bool:
    """Whether a member of these groups passes the opt-out rule: one of the groups named still carries the flag."""
    return any(number in groups and number in directory.groups and directory.groups[number].bypass for number in named)


def reaches(channel: Channel, kind: str) -> bool:
    """Whether a channel can reach an address of a kind."""
    if kind == "whatsapp_id":
        return channel is Channel.WHATSAPP
    return (kind == "email") == (channel is Channel.EMAIL)


def reason_rows(decision: Decision) -> list[dict[str, Any]]:
    """Reasons as they are stored beside a send."""
    return [
        {"code": reason.code.value, "list": reason.list_id, "channel": reason.channel, "since": reason.since}
        for reason in decision.reasons
    ]


def public_reasons(directory: Directory, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored reasons as callers read them, the list by its name."""
    return [_public(directory, row["code"], row.get("list"), row.get("channel"), row.get("since")) for row in rows]


def public_reason(directory: Directory, reason: Reason) -> dict[str, Any]:
    return _public(directory, reason.code.value, reason.list_id, reason.channel, reason.since)


def _public(
    directory: Directory, code: str, number: int | None, channel: int | None, since: int | None
) -> dict[str, Any]:
    return {
        "code": code,
        "list": _list(directory, number),
        "channel": None if channel is None else CHANNEL_NAMES[channel],
        "since": None if since is None else rfc3339(since),
    }


def _list(directory: Directory, number: int | None) -> dict[str, str] | None:
    found = directory.lists.get(number) if number else None
    return found.public if found else None
