"""Where a database lives: what tells it from every copy of itself, as far as what lies underneath can tell.

PostgreSQL knows its cluster, the database's and a table's number, and its timeline, which a standby that is promoted
or a recovery to an earlier moment leaves. SQLite is a file at a path, with a small file beside it that also holds how
often something was taken in hand: a database that counts less than its neighbour has gone back in time.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select

from connector.store.database import Database
from connector.store.tables import meta

_PLACE, _CONFIRMED, _COUNT = "place", "place_confirmed", "handed"
_WIDTH = 20
_COUNT_UP = (
    "INSERT INTO meta (name, value) VALUES ('handed', '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(meta.value AS INTEGER) + 1 RETURNING value"
)
#: Linux: the number that a new file has and no other with the same inode had (FS_IOC_GETVERSION).
_GET_VERSION = 0x80087601

#: What PostgreSQL is asked; some of it a provider may keep from a role.
_ASKED: Mapping[str, str] = {
    "cluster": "SELECT system_identifier::text FROM pg_control_system()",
    "database": "SELECT oid::text FROM pg_database WHERE datname = current_database()",
    # A dump that is read back makes its tables anew.
    "table": "SELECT 'sends'::regclass::oid::text",
    # Not from pg_control_checkpoint(): after a promotion it names the old one until the next checkpoint.
    "timeline": "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
}
_MAY = (
    "SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS cluster,"
    " has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')"
    " AND has_function_privilege('pg_current_wal_lsn()', 'EXECUTE') AS timeline"
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The place that was written down (None: not yet), how often something was taken in hand, and whose word it was."""

    place: dict[str, str | None] | None
    count: int
    confirmed: dict[str, Any] | None


def present(database: Database, connection: Connection) -> dict[str, str | None]:
    """The place, by what it is known by; None for what the role may not read."""
    if database.is_sqlite:
        path = database.sqlite_path
        return {"path": str(path.resolve()), "file": str(path.stat().st_ino), "neighbour": _mark(_beside(database))}
    may = connection.exec_driver_sql(_MAY).one()._mapping
    asked = [f"({query if may.get(name, True) else 'SELECT NULL'}) AS {name}" for name, query in _ASKED.items()]
    return dict(connection.exec_driver_sql(f"SELECT {', '.join(asked)}").one()._mapping)


def move_in(database: Database) -> None:
    """Put the small file beside a SQLite database where there is none."""
    if database.is_sqlite:
        os.close(os.open(_beside(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def count_up(database: Database, connection: Connection) -> int | None:
    """Count, in the transaction that takes something in hand; None where nothing needs to be counted."""
    if not database.is_sqlite:
        return None
    return int(connection.exec_driver_sql(_COUNT_UP).scalar_one())


def note(database: Database, count: int | None) -> None:
    """Tell the neighbour what was counted, once that is committed: it never knows more than an honest database."""
    if count is None:
        return
    try:
        handle = os.open(_beside(database), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:  # the next look at the place finds that out
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if count > _number(os.pread(handle, _WIDTH, 0)):
            os.pwrite(handle, f"{count:0{_WIDTH}}".encode(), 0)
    finally:
        os.close(handle)


def noted(database: Database) -> int:
    """The highest count the neighbour was told. Ask it before the database, which may be ahead."""
    if not database.is_sqlite:
        return 0
    try:
        return _number(_beside(database).read_bytes())
    except FileNotFoundError:
        return 0


def remembered(connection: Connection) -> Remembered:
    """What was written down, in one statement."""
    query = select(meta.c.name, meta.c.value).where(meta.c.name.in_((_PLACE, _CONFIRMED, _COUNT)))
    found = {row.name: row.value for row in connection.execute(query)}
    confirmed = found.get(_CONFIRMED)
    return Remembered(
        orjson.loads(found.get(_PLACE, "null")),
        int(found.get(_COUNT, 0)),
        orjson.loads(confirmed) if confirmed else None,
    )


def remember(database: Database, connection: Connection) -> None:
    """This is its place, where none is known yet."""
    value = _json(present(database, connection))
    connection.execute(database.insert(meta).values(name=_PLACE, value=value).on_conflict_do_nothing())


def remember_anew(database: Database, connection: Connection, by: str, now: int) -> None:
    """This is its place from now on: who said so, and when."""
    count = max(noted(database), remembered(connection).count)
    values = {
        _PLACE: _json(present(database, connection)),
        _CONFIRMED: _json({"by": by, "at": now}),
        _COUNT: str(count),
    }
    statement = database.insert(meta).values([{"name": name, "value": value} for name, value in values.items()])
    over = statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    connection.execute(over)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _beside(database: Database) -> Path:
    return Path(f"{database.sqlite_path}.place")


def _mark(path: Path) -> str:
    """What a file is known by that was not replaced. Never for the database itself: to close it would drop the locks
    that SQLite holds on it in this process. No device: that is numbered anew when a machine starts."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return "none"
    try:
        status = os.fstat(handle)
        try:
            version = struct.unpack("L", fcntl.ioctl(handle, _GET_VERSION, bytes(8)))[0]
        except OSError:  # not every file system has it, nor every system
            version = getattr(status, "st_birthtime", "")
        return f"{status.st_ino}:{version}"
    finally:
        os.close(handle)


def _number(text: bytes) -> int:
    """Nothing where it could not be written whole."""
    return int(text) if len(text) == _WIDTH and text.isdigit() else 0
