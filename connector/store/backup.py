"""A backup of a SQLite database while it is worked on: whole, as of one moment."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from connector.domain.errors import Conflict
from connector.store.database import Database

#: Pages copied between two moments at which others may write.
_PAGES = 4_096


def back_up(database: Database, to: Path) -> int:
    """Write the backup; answers its size in bytes. Conflict where there is something already, or on PostgreSQL."""
    if not database.is_sqlite:
        raise Conflict("On PostgreSQL its own tools do that: pg_basebackup, or pg_dump for one database.", "postgresql")
    if to.exists():
        raise Conflict(f"There is something at {to} already.", "exists")
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(database.sqlite_path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target, pages=_PAGES)
            if target.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise Conflict("The database is damaged: its copy does not hold together.", "damaged")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    return to.stat().st_size
