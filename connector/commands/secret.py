"""``heed secret rotate``: another HEED_SECRET for the same database; no suppression is lost."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from connector import bootstrap, settings
from connector.domain.errors import HeedError


@click.group()
def secret() -> None:
    """The secret that locks the database's keys."""


@secret.command()
def rotate() -> None:
    """Lock the keys with a new secret: HEED_NEW_SECRET, or one that is made. Then start every process anew with it."""
    try:
        here = settings.load()
        new = os.environ.get("HEED_NEW_SECRET") or secrets.token_urlsafe(32)
        if len(new) < settings.SHORTEST_SECRET:
            raise click.ClickException(f"HEED_NEW_SECRET: must have at least {settings.SHORTEST_SECRET} characters")
        kept = here.home / "secret"
        is_ours = kept.exists() and kept.read_text().strip() == here.secret
        if is_ours:  # beside the old one first: whenever this is cut short, one of the two opens the database
            _put(kept.with_suffix(".next"), new)
        bootstrap.rotate_secret(here, new)
        if is_ours:
            kept.with_suffix(".next").replace(kept)
    except settings.BadSettings as error:
        raise click.ClickException(f"these settings can't be used:\n{error}") from error
    except HeedError as error:
        raise click.ClickException(error.detail) from error
    if is_ours:
        click.echo(f"The new secret is in {kept}; keep a copy of it. What runs goes on, and needs it to start anew.")
    else:
        click.echo(f"Set HEED_SECRET to this and start every process anew; the old one opens nothing any more:\n{new}")


def _put(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
