"""``heed users``: who signs in to the console."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from connector.commands.common import at_desk, out, plain, refusals, show_json
from connector.domain.users import Role
from schemas import resources, staff


@click.group()
def users() -> None:
    """Users of the console."""


@users.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.OPERATOR.value, show_default=True
)
@click.option(
    "--ask", is_flag=True, help="Ask for a password instead of making one that holds until the first sign-in."
)
@click.option("--json", "as_json", is_flag=True)
def create(name: str, role: str, ask: bool, as_json: bool) -> None:
    """Make a user of the first organisation; the password that is made is shown once."""
    given = {"password": click.prompt("Password", hide_input=True, confirmation_prompt=True)} if ask else {}
    here, who = at_desk()
    with refusals("account"):
        made = here.desk.staff.users.make(
            who, resources.load(staff.UserResource(), {"name": name, "role": role} | given)
        )
    if as_json:
        show_json(made)
        return
    out.print(plain(made["name"]), f" may sign in at {here.public_url}/login as {made['role']}", sep="")
    _tell_password(made)


@users.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_users(as_json: bool) -> None:
    """Every user of the first organisation."""
    here, who = at_desk()
    found = here.desk.staff.users.all(who)
    if as_json:
        show_json(found)
        return
    table = Table("id", "name", "role", "state", box=None, header_style="bold", pad_edge=False)
    for one in found:
        table.add_row(one["id"], plain(one["name"]), one["role"], "switched off" if one["disabled"] else "")
    out.print(table)


@users.command()
@click.argument("user", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def reset(user: str, as_json: bool) -> None:
    """A new password, shown once, for somebody who lost theirs; they are signed out everywhere."""
    here, who = at_desk()
    with refusals("user"):
        made = here.desk.staff.users.change(who, user, {"password": None, "disabled": False})
    show_json(made) if as_json else _tell_password(made)


def _tell_password(made: dict[str, Any]) -> None:
    if "password" in made:
        out.print(f"Password, to be replaced at the first sign-in: {made['password']}", markup=False)
