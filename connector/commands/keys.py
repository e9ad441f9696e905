"""``heed keys`` and ``heed org``: who may call, and organisations beside the first."""

from __future__ import annotations

import click
from rich.table import Table

from connector import bootstrap
from connector.commands.common import at_desk, built, moment, out, plain, refusals, show_json
from schemas import resources


@click.group()
def keys() -> None:
    """API keys."""


@keys.command()
@click.option("--name", required=True)
@click.option("--scope", "scopes", multiple=True, type=click.Choice(bootstrap.ALL_SCOPES), required=True)
@click.option("--json", "as_json", is_flag=True)
def create(name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a key for the first organisation; it is shown once."""
    made = bootstrap.create_key(built(), name, scopes)
    if made is None:
        raise click.ClickException("There is no organisation yet: run `heed up` once.")
    out.print_json(data=made) if as_json else out.print(made["key"])


@keys.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """Every key of the first organisation, without its secret."""
    here, who = at_desk()
    found = here.setup.keys(who)
    if as_json:
        show_json(found)
        return
    table = Table("id", "name", "scopes", "made", "state", box=None, header_style="bold", pad_edge=False)
    for one in found:
        ended = f"revoked {moment(one['revoked_at'])}" if one["revoked_at"] else ""
        ends = f"until {moment(one['expires_at'])}" if one["expires_at"] else "valid"
        scopes = " ".join(one["scopes"])
        table.add_row(one["id"], plain(one["name"]), scopes, moment(one["created_at"]), ended or ends)
    out.print(table)


@keys.command()
@click.argument("key", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def revoke(key: str, as_json: bool) -> None:
    """Revoke a key; within a second it opens nothing."""
    here, who = at_desk()
    with refusals("key that is valid"):
        here.setup.revoke_key(who, key)
    show_json({"id": key, "revoked": True}) if as_json else out.print(f"{key} is revoked", markup=False)


@click.group()
def org() -> None:
    """Organisations: tenants that see nothing of each other."""


@org.command("create")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def create_org(name: str, as_json: bool) -> None:
    """Make an organisation; its admin key is shown once."""
    here, _ = at_desk()
    with refusals("organisation"):
        values = resources.load(resources.OrganisationResource(), {"name": name})
        made = here.setup.new_organisation(values["name"])
    show_json(made) if as_json else out.print(f"{made['id']}\n{made['admin_key']}", markup=False)
