"""``heed campaigns``: broadcasts and sequences made, filled, started, stopped and watched from a terminal.

Exit codes: 0 done, 1 refused (or not over yet), 2 a mistake in the command itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import click
import orjson
from rich.table import Table

from connector import bootstrap
from connector.commands.common import at_desk, out, plain, refusals, show_json, tell_held
from connector.commands.enrol import enrol
from connector.commands.report import report, rows
from connector.commands.resolve import campaign_named, every_campaign
from connector.web.campaigns import public_campaign
from schemas import campaigns as of_campaigns
from schemas import resources

_KINDS = "broadcasts and sequences"


@click.group()
def campaigns() -> None:
    """Broadcasts and sequences; NAME is a campaign's id or its name."""


campaigns.add_command(enrol)
campaigns.add_command(report)
campaigns.add_command(rows)


@campaigns.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_campaigns(as_json: bool) -> None:
    """Every broadcast and sequence, the oldest first."""
    here, who = at_desk()
    found = [public_campaign(one) for one in every_campaign(here, who)]
    if as_json:
        show_json(found)
        return
    table = Table("id", "kind", "status", "steps", "name", box=None, header_style="bold", pad_edge=False)
    for one in found:
        table.add_row(one["id"], one["kind"], one["status"], str(len(one["steps"])), plain(one["name"]))
    out.print(table if found else f"There are no {_KINDS} yet.")
    tell_held(here)


@campaigns.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def show(name: str, as_json: bool) -> None:
    """One campaign with its steps."""
    here, who = at_desk()
    with refusals("campaign"):
        found = public_campaign(campaign_named(here, who, name))
    if as_json:
        show_json(found)
    else:
        _tell(found)


@campaigns.command()
@click.argument("file", type=click.File("rb"), metavar="FILE.json")
@click.option("--json", "as_json", is_flag=True)
def make(file: BinaryIO, as_json: bool) -> None:
    """Make a draft from the body that POST /v1/campaigns takes; - reads standard input."""
    try:
        body = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"FILE.json is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise click.UsageError("FILE.json holds no JSON object.")
    here, who = at_desk()
    with refusals("campaign"):
        values = resources.load(of_campaigns.CampaignResource(), body)
        made = public_campaign(here.campaigns.make(who, values))
    show_json(made) if as_json else out.print(f"{made['id']} is a draft", markup=False)


@campaigns.command()
@click.argument("name")
@click.option("--skip-incomplete", is_flag=True, help="Report members who lack an attribute instead of refusing.")
@click.option("--json", "as_json", is_flag=True)
def start(name: str, skip_incomplete: bool, as_json: bool) -> None:
    """Start a draft; workers send it."""
    here, who = at_desk()
    with refusals("campaign"):
        if not skip_incomplete:
            here.gathering.insist_complete(who.organisation, campaign_named(here, who, name))
    _turn(here, who, name, here.campaigns.start, "runs", as_json=as_json)


@campaigns.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def pause(name: str, as_json: bool) -> None:
    """Stop for now; when this is done, nothing of it is in flight."""
    here, who = at_desk()
    _turn(here, who, name, here.campaigns.pause, "is paused, and nothing of it is in flight", as_json=as_json)


@campaigns.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def resume(name: str, as_json: bool) -> None:
    """Go on after a pause."""
    here, who = at_desk()
    _turn(here, who, name, here.campaigns.resume, "runs again", as_json=as_json)


@campaigns.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def cancel(name: str, as_json: bool) -> None:
    """End it for good; what was not sent never is."""
    here, who = at_desk()
    _turn(here, who, name, here.campaigns.cancel, "is cancelled, and nothing of it is in flight", as_json=as_json)


def _turn(
    here: bootstrap.House, who: Any, name: str, turn: Callable[[int, Any], bool], told: str, *, as_json: bool
) -> None:
    """Turn it, and say when that is true; exit 1 where a hand-off is still in progress at the wait limit."""
    with refusals("campaign"):
        found = campaign_named(here, who, name)
        settled = turn(who.organisation, found)
        now = public_campaign(here.campaigns.find(who.organisation, public_campaign(found)["id"]))
    if as_json:
        show_json({**now, "settled": settled})
    elif settled:
        out.print(plain(now["name"]), f" {told}", sep="")
    else:
        out.print(plain(now["name"]), f" is {now['status']}, but a hand-off is still in progress: ask again", sep="")
    tell_held(here)
    sys.exit(0 if settled else 1)


def _tell(one: Mapping[str, Any]) -> None:
    out.print(plain(one["name"]), f"  ({one['id']}, {one['kind']}, {one['status']})", sep="")
    for name in ("sender", "lists", "groups", "bypass_groups", "purpose", "require_opt_in", "on_opt_out", "timezone"):
        value = one[name]
        if value not in ([], None, False):
            said = " ".join(value) if isinstance(value, list) else value
            out.print(f"  {name.replace('_', ' '):15}", plain(said), sep="")
    for step in one["steps"]:
        when = " at ".join(part for part in (step["delay"], step.get("at")) if part)
        out.print(
            f"  step {step['position']} after {when}: ", plain(step.get("text") or step.get("subject") or ""), sep=""
        )
