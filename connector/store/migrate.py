"""Brings a database up to date, also while an older Heed works on it.

Alembic is loaded where it is used: a worker never migrates, and would start an eighth later with it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exc, text

from connector.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

#: A table that somebody else works on is waited for so often, three seconds each, and let go in between.
_TRIES = 40
_BUSY = "55P03"


def migrate(database_url: str) -> None:
    """Bring a database up to date. One that a newer Heed has brought further stays as it is."""
    if database_url.startswith("sqlite:///"):
        Path(database_url.removeprefix("sqlite:///")).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_newer(database_url):
        return
    from alembic import command

    config = _config()
    config.attributes["url"] = database_url
    for left in reversed(range(_TRIES)):
        try:
            return command.upgrade(config, "head")
        except exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _BUSY or not left:
                raise
            time.sleep(0.5)


def missing(connection: Connection) -> Sequence[str]:
    """The migrations this database lacks; none where a newer Heed has brought it further than this one knows."""
    known = _known()
    at = _revision(connection)
    if at is None:
        return known
    return known[known.index(at) + 1 :] if at in known else []


def _is_newer(database_url: str) -> bool:
    database = Database(database_url, pool=1)
    try:
        with database.read() as connection:
            at = _revision(connection)
        return at is not None and at not in _known()
    finally:
        database.dispose()


def _revision(connection: Connection) -> str | None:
    """The migration that was applied last; None in an empty database."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    """The migrations this Heed brings, the oldest first; read once, since each is a file."""
    from alembic.script import ScriptDirectory

    return tuple(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
