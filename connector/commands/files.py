"""``heed import`` and ``heed export``: files into a list and out, with a bar on a terminal and lines elsewhere."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from connector import bootstrap, settings
from connector.domain.errors import HeedError, NotFound
from connector.domain.ids import row_number

err = Console(stderr=True, highlight=False, soft_wrap=True)
_SLICE_S = 1.0
_LINE_EVERY_S = 5.0
_COUNTS = ("rows", "imported", "already", "superseded", "refused", "rejected")


@click.command("import")
@click.argument("name", metavar="LIST")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--preset", help="The tool whose export this is.")
@click.option("--map", "pairs", multiple=True, metavar="THEIRS:OURS", help="A column with another name.")
@click.option("--channel", help="The channel of rows that name none (all).")
@click.option("--dry-run", is_flag=True, help="Count, and write nothing.")
@click.option("--json", "as_json", is_flag=True)
def import_file(
    name: str, file: Path, preset: str | None, pairs: tuple[str, ...], channel: str | None, dry_run: bool, as_json: bool
) -> None:
    """Bring a CSV or JSON Lines file into a list; a row is an opt-out unless it says else."""
    here, who = operator()
    rename = {theirs: ours for theirs, _, ours in (pair.rpartition(":") for pair in pairs)}
    form = "jsonl" if file.suffix in (".jsonl", ".ndjson") else "csv"
    wish = here.imports.wish(form, rename, preset, channel, dry_run=dry_run)
    try:
        with file.open("rb") as stream:
            made = here.imports.begin(who, name, stream, wish)
        ended = _worked_off(here, who, made, quiet=as_json)
    except HeedError as error:
        raise click.ClickException(_detail(error)) from error
    if as_json:
        click.echo(orjson.dumps(ended))
    else:
        click.echo(" ".join(f"{word}={ended[word]}" for word in ("id", "status", *_COUNTS, "settled")))
    sys.exit(0 if ended["status"] == "done" else 1)


@click.command("export")
@click.argument("name", metavar="LIST")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default=None)
@click.option("--channel")
@click.option("--state")
def export_file(name: str, file: Path | None, form: str | None, channel: str | None, state: str | None) -> None:
    """Write a list to a file, or to standard output."""
    here, who = operator()
    form = form or ("jsonl" if file and file.suffix in (".jsonl", ".ndjson") else "csv")
    asked = {"format": form, "channel": channel or "", "state": state or ""}
    try:
        if file is None:
            _write(here, who, name, asked, sys.stdout.buffer)
        else:
            with file.open("wb") as target:
                _write(here, who, name, asked, target)
    except HeedError as error:
        raise click.ClickException(_detail(error)) from error


def _write(here: bootstrap.House, who: Any, name: str, asked: dict[str, str], target: BinaryIO) -> None:
    size, said = 0, time.monotonic()
    with Progress(TextColumn("{task.description}"), console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task("exporting", total=None)
        for part in here.exports.stream(who, name, asked):
            target.write(part)
            size += len(part)
            bar.update(task, description=f"exporting: {size / 1e6:.1f} MB")
            if not err.is_terminal and time.monotonic() - said > _LINE_EVERY_S:
                said = time.monotonic()
                err.print(f"heed: {size} bytes")
    target.flush()
    err.print(f"heed: {size} bytes written")


def _worked_off(here: bootstrap.House, who: Any, made: str, *, quiet: bool) -> dict[str, Any]:
    """The import worked off here, or by workers, whoever is first; its end."""
    terminal, said = err.is_terminal and not quiet, time.monotonic()
    number = row_number("import", made) or 0
    columns = (TextColumn("importing"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, disable=not terminal, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        while True:
            goes_on = here.bringing.work(number, _SLICE_S)
            now: dict[str, Any] = here.imports.get(who, made)
            bar.update(task, completed=now["progress"], description=f"{now['rows']} rows, {now['rejected']} rejected")
            if now["status"] not in ("running", "undoing"):
                return now
            if not terminal and not quiet and time.monotonic() - said > _LINE_EVERY_S:
                said = time.monotonic()
                err.print(f"heed: {now['progress']:.0%} {now['rows']} rows, {now['rejected']} rejected")
            if not goes_on:
                time.sleep(0.2)  # a worker has it


def operator() -> tuple[bootstrap.House, Any]:
    """The house and its operator, of the first organisation."""
    try:
        here = bootstrap.build(settings.load(), role="cli")
    except settings.BadSettings as error:
        raise click.ClickException(f"these settings can't be used:\n{error}") from error
    except HeedError as error:
        raise click.ClickException(error.detail) from error
    click.get_current_context().call_on_close(here.close)
    who = here.imports.operator("heed command")
    if who is None:
        raise click.ClickException("There is no organisation yet: run `heed up` once.")
    return here, who


def _detail(error: HeedError) -> str:
    if isinstance(error, NotFound):
        return "There is no such list."
    faults = getattr(error, "faults", ())
    return "; ".join(f"{one.pointer.lstrip('/')} {one.detail}".strip() for one in faults) or error.detail
