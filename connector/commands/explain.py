"""``heed explain``: why a message was not sent to somebody, and what would hold now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from connector import bootstrap
from connector.commands.common import at_desk, moment, out, plain, refusals, show_json, tell_held
from connector.domain.recipients import Batch, read_batch
from connector.domain.words import Channel
from connector.engine.one_person import standing

#: Reason codes as sentences say them.
_SAYS = {
    "invalid_address": "the address can't be reached on this channel", "blocked": "blocked on every channel",
    "hard_bounce": "mail to this address bounced", "complaint": "complained about a message",
    "provider_blocked": "the provider refuses this person to this sender", "erased": "was erased",
    "opted_out": "opted out", "no_consent": "has not said yes", "consent_expired": "the consent has ended",
    "consent_pending": "the consent is not confirmed yet", "quiet_hours": "quiet hours",
    "frequency_cap": "has had enough messages", "duplicate": "the same person twice in one call or file",
}  # fmt: skip
_STYLES = {"suppressed": "yellow", "held": "yellow", "failed": "red", "unknown": "red", "cancelled": "dim"}


@click.command()
@click.argument("address")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many messages at most.")
@click.option("--json", "as_json", is_flag=True)
def explain(address: str, limit: int, as_json: bool) -> None:
    """Why messages were not sent to a number, an email or a WhatsApp id, and what would hold now."""
    here, who = at_desk()
    with refusals("address"):
        batch = read_batch({_kind(address): address}, _region(here, who))
        batch.insist(Channel.ALL)
        found = _found(here, who, batch, limit)
    if as_json:
        show_json(found)
        return
    _tell(found)
    tell_held(here)


def _found(here: bootstrap.House, who: Any, batch: Batch, limit: int) -> dict[str, Any]:
    found = standing(here.services.asking, who, batch)
    return {
        "address": found["addresses"][0], "now": found["now"], "lists": found["lists"],
        "sending": here.guard.look().public["sending"], "unsent": here.journal.unsent(who, batch, limit),
    }  # fmt: skip


def _tell(found: Mapping[str, Any]) -> None:
    out.print(f"\n[bold]{found['address']['value']}[/]\n")
    now = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for channel, one in found["now"].items():
        word = Text("may be messaged", "green") if one["allowed"] else Text("would be refused", "yellow")
        now.add_row(f"  {channel}", word, _why(one["reasons"]))
    out.print(now)
    others = [one for one in found["lists"] if one["state"] == "out" and one["key"] != "default"]
    for one in others:
        out.print(
            "  what is sent under ", plain(one["name"]), f" would be refused: out since {moment(one['since'])}", sep=""
        )
    if not found["unsent"]:
        out.print("\n  No message to this address was kept back.\n")
        return
    table = Table("when (UTC)", "what became of it", "of", "why", box=None, header_style="bold", padding=(0, 2))
    for one in found["unsent"]:
        style = _STYLES.get(one["status"], "")
        table.add_row(moment(one["at"]) or "-", Text(one["status"], style), _of(one), _because(one))
    out.print()
    out.print(table)
    out.print()


def _of(one: Mapping[str, Any]) -> Text:
    """The campaign and its step, or a direct send and what the caller called it."""
    if one["campaign_name"] is None:
        return Text("a direct send").append(Text(", ") + plain(one["reference"]) if one["reference"] else "")
    return plain(one["campaign_name"]).append(f", step {one['step']} ({one['channel']})")


def _because(one: Mapping[str, Any]) -> Text:
    parts = []
    if one["reasons"]:
        parts.append(_why(one["reasons"]))
    elif one["error"]:
        parts.append(plain(one["error"]))
    if one["not_before"]:
        parts.append(Text(f"due {moment(one['not_before'])}"))
    if not parts:
        parts.append(Text(_PLAINLY.get(one["status"], "")))
    return Text("; ").join(parts)


#: Where a status has neither a reason nor an error.
_PLAINLY = {
    "cancelled": "the campaign was cancelled, or the person was taken off it", "pending": "due: a worker takes it next",
    "scheduled": "waits for its campaign to go on", "unknown": "nobody can say whether the provider has it",
}  # fmt: skip


def _why(reasons: Iterable[Mapping[str, Any]]) -> Text:
    return Text("; ").join(_reason(one) for one in reasons)


def _reason(one: Mapping[str, Any]) -> Text:
    said = Text(_SAYS.get(one["code"], one["code"]))
    if one["list"]:
        said.append(" on ").append(plain(one["list"]["name"]))
    if one["channel"] and one["code"] in ("opted_out", "no_consent"):
        said.append(f" ({one['channel']})")
    if one["since"]:
        said.append(f" since {moment(one['since'])}")
    return said


def _kind(address: str) -> str:
    if "@" in address:
        return "email"
    return "whatsapp_id" if address[:1].isalpha() else "number"


def _region(here: bootstrap.House, who: Any) -> str | None:
    return here.services.directories.current(who.organisation).accounts[who.account].region or here.services.region
