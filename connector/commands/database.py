"""``heed db``: bring the database up to date, look whether it is safe, and confirm that a copy may send."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from connector import bootstrap
from connector.commands.common import built, by_hand, chosen_settings, err, moment, out, refusals, show_json

_MEANS = {
    "path": "it lies at another path", "file": "it is another file", "neighbour": "the file heed.db.place beside it is "
    "another", "time": "it knows less than was handed over from it: a backup was put back", "cluster": "it lies in "
    "another PostgreSQL cluster", "database": "it is another database of the same cluster", "table": "its tables were "
    "made anew, as by a restore", "timeline": "the cluster was promoted or recovered to an earlier moment",
}  # fmt: skip


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database up to date."""
    bootstrap.migrate(chosen_settings().database_url)
    out.print("the database is up to date")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a whole copy of a SQLite database to FILE, while it is worked on. The secret is not in it: keep that too.

    Where the copy is used, it sends nothing until you confirm it (heed db confirm).
    """
    with refusals("database"):
        size = built().operations.back_up(file)
    out.print(f"{size} bytes in {file}", markup=False)


@db.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """Say whether the database would lose a confirmed opt-out, and whether messages leave; exit 1 where not."""
    seen = built().guard.look()
    if as_json:
        show_json(seen.public)
    else:
        out.print("the database keeps what it confirms")
        for name in seen.unread:
            out.print(f"its role may not read the {name}, so a copy is not known by that")
        if seen.confirmed:
            out.print(f"confirmed on {moment(seen.public['confirmed_at'])} UTC by {seen.confirmed['by']}", markup=False)
        if seen.differs:
            err.print(f"[bold yellow]sending is held:[/] {'; '.join(_MEANS[name] for name in seen.differs)}")
            err.print("if nothing else sends from it, say so: heed db confirm")
    sys.exit(1 if seen.differs else 0)


@db.command()
@click.option("--json", "as_json", is_flag=True)
def confirm(as_json: bool) -> None:
    """Say that nothing else sends from this database. What is due is then sent from here, within seconds.

    What a backup does not know to have been sent is due again: cancel such campaigns before you confirm.
    """
    here = built()
    was = here.guard.look()
    seen = here.guard.confirm(by_hand())
    if as_json:
        show_json(seen.public)
    elif was.differs:
        out.print("confirmed: messages leave from here")
    else:
        out.print("there was nothing to confirm: messages leave from here")
    sys.exit(1 if seen.differs else 0)
