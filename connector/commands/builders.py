"""``heed export-builder``: a builder's package as a folder that can be installed."""

from __future__ import annotations

from pathlib import Path

import click

from connector import bootstrap
from connector.builders.exports import EXPORTS
from connector.commands.common import chosen_settings


@click.command("export-builder", epilog=f"NAME is one of: {', '.join(EXPORTS)}")
@click.argument("name", type=click.Choice(list(EXPORTS)), metavar="NAME")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--server", help="The service's address (HEED_PUBLIC_URL).")
def export_builder(name: str, folder: Path, server: str | None) -> None:
    """Write the package of a flow builder, with this service's address filled in. Needs no database."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty")
    address = (server or chosen_settings().public_url).rstrip("/")
    content = EXPORTS[name].make(bootstrap.pack().publish(), address)
    for path, part in content.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(part)
    click.echo(f"{len(content)} files in {folder}, for {address}")
