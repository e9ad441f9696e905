"""What the commands share: the house and its operator, a refusal as a sentence, text that commands no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
import orjson
from rich.console import Console
from rich.text import Text

from connector import bootstrap, settings
from connector.commands.files import operator
from connector.domain.errors import HeedError, NotFound
from connector.domain.words import Source

#: A file or a pipe is as wide as its longest line; a table needs to know before.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def chosen_settings() -> settings.Settings:
    try:
        return settings.load()
    except settings.BadSettings as error:
        raise click.ClickException(f"these settings can't be used:\n{error}") from error


def built() -> bootstrap.House:
    """The house for these settings, closed when the command is over."""
    try:
        here = bootstrap.build(chosen_settings(), role="cli")
    except HeedError as error:
        raise click.ClickException(error.detail) from error
    click.get_current_context().call_on_close(here.close)
    return here


def at_desk() -> tuple[bootstrap.House, Any]:
    """The house and its operator, who may do here what an admin's key may."""
    here, who = operator()
    who = replace(who, actor=by_hand(), source=Source.OPERATOR, scopes=frozenset(bootstrap.ALL_SCOPES))
    return here, who


def by_hand() -> str:
    """Who is at the machine, for the record."""
    return f"heed command ({os.environ.get('USER') or f'user {os.getuid()}'})"


def tell_held(here: bootstrap.House) -> None:
    """Where nothing is sent from this database, say so beside whatever is shown."""
    seen = here.guard.look()
    if seen.differs:
        err.print(f"[bold yellow]Sending is held.[/] {seen.public['detail']}")


@contextmanager
def refusals(missing: str) -> Iterator[None]:
    """A refusal ends the command with a sentence and exit code 1."""
    try:
        yield
    except NotFound as error:
        raise click.ClickException(f"There is no such {missing}.") from error
    except HeedError as error:
        faults = getattr(error, "faults", ())
        told = "; ".join(f"{one.pointer.lstrip('/')} {one.detail}".strip() for one in faults)
        raise click.ClickException(told or error.detail) from error


def show_json(value: Any, *, lines: bool = False) -> None:
    click.echo(orjson.dumps(value, option=0 if lines else orjson.OPT_INDENT_2))


def plain(value: Any) -> Text:
    """What somebody else wrote, without what could command a terminal or a style."""
    return Text("".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in str(value)))


def moment(instant: str | None) -> str:
    """2026-11-23T18:00:00.5Z as people read it."""
    return f"{instant[:10]} {instant[11:19]}" if instant else ""
