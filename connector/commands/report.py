"""``heed campaigns report`` and ``rows``: what became of everybody, once, live, or as a file."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

import click
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from connector import bootstrap
from connector.commands.common import at_desk, out, plain, refusals, show_json, tell_held
from connector.commands.resolve import campaign_named
from connector.domain.cells import safe_cell
from connector.domain.ids import public_id

_EVERY_S = 1.0
_OVER = ("sent", "suppressed", "failed", "unknown", "cancelled")
_OPEN = ("due", "held", "scheduled")
_STYLES = {"sent": "green", "suppressed": "yellow", "failed": "red", "unknown": "red", "held": "yellow"}
_COLUMNS = ("recipient", "step", "status", "error", "reasons", "provider_id", "at")


@click.command()
@click.argument("name")
@click.option("--watch", is_flag=True, help="Go on showing it until it is done.")
@click.option("--json", "as_json", is_flag=True, help="With --watch: a line of JSON at each change.")
def report(name: str, watch: bool, as_json: bool) -> None:
    """What became of everybody in a campaign."""
    here, who = at_desk()
    with refusals("campaign"):
        title = campaign_named(here, who, name).name
        found = _reports(here, who, name) if watch else iter([_report(here, who, name)])
        tell_held(here)
        if as_json:
            for one in found:
                show_json(one, lines=watch)
        elif watch and out.is_terminal:
            with Live(console=out, auto_refresh=False) as live:
                for one in found:
                    live.update(_page(title, one), refresh=True)
        elif watch:
            for one in found:
                out.print(_line(one))
        else:
            out.print(*(_page(title, one) for one in found))


@click.command()
@click.argument("name")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-", metavar="[FILE.csv]")
def rows(name: str, file: TextIO) -> None:
    """A row for each message of a campaign, as CSV: to a file, or to standard output."""
    here, who = at_desk()
    with refusals("campaign"):
        writer = csv.writer(file)
        found = here.journal.campaign_rows(who, campaign_named(here, who, name))
        writer.writerow(_COLUMNS)
        writer.writerows([safe_cell(row[name]) for name in _COLUMNS] for row in found)


def _report(here: bootstrap.House, who: Any, name: str) -> dict[str, Any]:
    return here.campaigns.report(who.organisation, campaign_named(here, who, name))


def _reports(here: bootstrap.House, who: Any, name: str) -> Iterator[dict[str, Any]]:
    """A report at each change, until nothing more happens by itself."""
    id, last = public_id("campaign", campaign_named(here, who, name).id), None
    while True:
        found = _report(here, who, id)
        if found != last:
            yield found
            last = found
        if found["status"] not in ("running", "paused") or _is_over(found):
            return
        time.sleep(_EVERY_S)


def _is_over(found: Mapping[str, Any]) -> bool:
    """A sequence stays open for more people; it is over when nobody is on the way."""
    return bool(found["total"]) and not found["filling"] and not any(found[name] for name in _OPEN)


def _line(found: Mapping[str, Any]) -> str:
    over = sum(found[name] for name in _OVER)
    counts = " ".join(f"{name}={found[name]}" for name in (*_OVER, *_OPEN) if found[name])
    return f"{found['status']}: {over} of {found['total']} {counts}".rstrip()


def _page(title: str, found: Mapping[str, Any]) -> Group:
    over, total = sum(found[name] for name in _OVER), found["total"]
    head = plain(title).append(f"  {found['status']}", "bold").append(f"   {over} of {total}")
    if found["filling"]:
        head.append(", members of its groups are still taken in")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for name in (*_OVER, *_OPEN):
        if found[name]:
            table.add_row(f"  {name}", Text(str(found[name]), _STYLES.get(name, "")), _details(name, found))
    bar = Table.grid()  # a bar alone ends no line
    bar.add_row(ProgressBar(total=max(total, 1), completed=over, width=50))
    return Group(head, bar, table, Text(found["summary"]))


def _details(name: str, found: Mapping[str, Any]) -> str:
    """Of what is suppressed or failed: for which reasons."""
    of = {"suppressed": found["reasons"], "failed": found["failures"]}.get(name, {})
    return ", ".join(f"{code.replace('_', ' ')} {number}" for code, number in sorted(of.items()))
