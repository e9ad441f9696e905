"""The ``heed`` command."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import click
import orjson

from connector import bootstrap, logs, settings
from connector.commands import (
    builders,
    campaigns,
    database,
    doctor,
    explain,
    feedback,
    files,
    keys,
    proof,
    secret,
    users,
)
from connector.commands.common import built, chosen_settings, err, out
from connector.domain.errors import HeedError
from connector.supervisor import NotUp, Up, serve_command

#: So many breaches of one chain are shown.
_SHOWN = 20


@click.group()
@click.version_option(package_name="heed")
def main() -> None:
    """Opt-outs, heeded in every flow."""
    logs.begin("cli")


@main.command()
def up() -> None:
    """Start service, workers and queue server in this terminal; Ctrl-C ends all of them."""
    here = chosen_settings()
    first = _prepared(here)
    try:
        parts = Up(here, lambda line: err.print(f"heed: {line}"))
        for number in (signal.SIGINT, signal.SIGTERM):  # from now on: who asks early is heard as well
            signal.signal(number, parts.stop)
        with parts:
            _welcome(here, first)
            parts.watch()
    except NotUp as error:
        raise click.ClickException(str(error)) from error
    out.print("heed: everything has ended")


@main.command()
def serve() -> None:
    """Run the web service alone; HEED_REDIS_URL names the queue."""
    here = chosen_settings()
    command = serve_command(here)
    os.execve(command[0], command, settings.environment(here))  # noqa: S606 - our own interpreter


@main.command()
def worker() -> None:
    """Run one worker alone; HEED_REDIS_URL names the queue."""
    path = str(Path(__file__).parent.parent / "worker.py")
    os.execve(sys.executable, [sys.executable, path], settings.environment(chosen_settings()))  # noqa: S606


main.add_command(files.import_file)
main.add_command(files.export_file)
main.add_command(proof.proof)
main.add_command(secret.secret)
main.add_command(database.db)
main.add_command(keys.keys)
main.add_command(keys.org)
main.add_command(users.users)
main.add_command(explain.explain)
main.add_command(campaigns.campaigns)
main.add_command(feedback.feedback)
main.add_command(doctor.doctor)
main.add_command(builders.export_builder)


@main.group()
def history() -> None:
    """The history of consent."""


@history.command("verify")
@click.option("--json", "as_json", is_flag=True)
def history_verify(as_json: bool) -> None:
    """Walk every chain of the history and name what was changed, removed or put in; exit 1 where anything was."""
    found = built().history.verify_all()
    if as_json:
        click.echo(orjson.dumps(found))
    else:
        _tell_breaches(found["lines"], found["breaches"])
    sys.exit(1 if found["breaches"] else 0)


@main.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.pass_context
def demo(context: click.Context) -> None:
    """Watch the main job: 1,000 contacts, 50 opt-outs, a broadcast, a sequence, a killed worker, and the check."""
    from connector.demo.story import main as story

    sys.exit(story(context.args))


def _prepared(here: settings.Settings) -> str | None:
    """A database that is up to date, with an organisation in it; answers the first key's text."""
    try:
        bootstrap.migrate(here.database_url)
        return bootstrap.first_key(here)
    except HeedError as error:
        raise click.ClickException(error.detail) from error


def _tell_breaches(lines: int, breaches: Sequence[Mapping[str, Any]]) -> None:
    """By chain, where and what; a chain that was written anew throughout would fill the screen, so its first lines."""
    if not breaches:
        out.print(f"The history is whole: {lines} lines, and every seal and every signature fits.")
        return
    chains = [(place, list(found)) for place, found in groupby(breaches, itemgetter("organisation", "bucket"))]
    err.print(f"[bold red]The history is not what was written:[/] {len(breaches)} breaches in {len(chains)} chains.\n")
    for (organisation, bucket), found in chains:
        err.print(f"  [bold]{organisation}, bucket {bucket}[/]")
        for one in found[:_SHOWN]:
            err.print(f"    line {one['line']}: {one['detail']}")
        if len(found) > _SHOWN:
            err.print(f"    and {len(found) - _SHOWN} more: --json has them all")
    err.print(f"\n{lines} lines were read. What was said in those named stands in a backup from before.")


def _welcome(here: settings.Settings, first: str | None) -> None:
    out.print(f"\n  [bold]Heed[/bold] answers at [bold]{here.public_url}[/bold]   (docs: {here.public_url}/docs)")
    out.print(f"  State is kept in {here.home}")
    if first:
        out.print(f"  Your first API key: [bold]{first}[/bold]")
        out.print(f"\n  Sign in at {here.public_url}/login with this key, or make yourself a user:")
        out.print("  heed users create NAME --role admin", markup=False)
        out.print("\n  Try this next:\n")
        out.print(f"  curl -s {here.public_url}/v1/actions/add_to_opt_out \\", markup=False)
        out.print(f"    -H 'Authorization: Bearer {first}' \\", markup=False)
        out.print("""    -H 'Content-Type: application/json' -d '{"number": "+14155550123"}'""", markup=False)
    out.print("\n  Ctrl-C ends everything.\n")
