"""``heed doctor``: what is out of order, and what to do about it."""

from __future__ import annotations

import sys

import click

from connector import bootstrap, settings
from connector.commands.common import out, show_json
from connector.domain.findings import Finding, Level, worst

_STYLES = {Level.WARNING: "bold yellow", Level.BROKEN: "bold red"}


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Look for what is out of order; exit 0 where all is well, 1 with warnings, 2 where something is broken."""
    found = _findings()
    level = worst(found)
    if as_json:
        show_json({"status": level.name.lower(), "findings": [one.public for one in found]})
    elif not found:
        out.print("everything is in order")
    for one in () if as_json else sorted(found, key=lambda one: -one.level):
        out.print(f"[{_STYLES[one.level]}]{one.level.name.lower()}[/] {one.code}")
        out.print(f"  {one.detail}\n  {one.todo}", markup=False)
    sys.exit(int(level))


def _findings() -> list[Finding]:
    try:
        return bootstrap.examined(settings.load())
    except settings.BadSettings as error:
        return [Finding("bad_settings", Level.BROKEN, str(error), "Set them right; nothing else was looked at.")]
