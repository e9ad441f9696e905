"""Who is alive: each process that hands over holds a lock that the system frees when the process dies.

On PostgreSQL it is a session advisory lock on a connection of its own, on SQLite a lock on a file. A stopped process
still holds it, so what is in its hands is not given up.
"""

from __future__ import annotations

import fcntl
import os
import socket
import zlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, update

from connector.domain.errors import Unavailable
from connector.store.database import Database, inserted
from connector.store.silence import LET_GO, NOTICES_SILENCE
from connector.store.tables import incarnations

#: The upper half of a 64-bit advisory lock; the lower half is the token.
_CLASS = zlib.crc32(b"heed incarnation") << 31
_TOKEN = (1 << 31) - 1


class Incarnation:
    """One life of a process, known by a token that is never used twice."""

    def __init__(self, database: Database, role: str, now: int) -> None:
        self._database = database
        with database.write() as connection:
            row = {"role": role, "pid": os.getpid(), "host": socket.gethostname(), "started_at": now}
            self.token = inserted(connection, incarnations, row)
        self._held: Any = _hold_file(database, self.token) if database.is_sqlite else _hold_lock(database, self.token)

    def holds(self) -> bool:
        """Whether the lock is still ours: a restarted database has forgotten it."""
        if self._database.is_sqlite:
            return True
        import psycopg

        try:
            self._held.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def tick(self, now: int) -> None:
        """Write down that it looks for work."""
        self._write(ticked_at=now)

    def bid_farewell(self, now: int) -> None:
        """Write down that it ends by its own will: who is killed does not."""
        self._write(ended_at=now)

    def _write(self, **values: int) -> None:
        with self._database.write() as connection:
            connection.execute(update(incarnations).where(incarnations.c.token == self.token).values(values))

    def close(self) -> None:
        if self._database.is_sqlite:
            os.close(self._held)
            _file(self._database, self.token).unlink(missing_ok=True)
        else:
            self._held.close()


def alive(database: Database, connection: Connection) -> set[int]:
    """The tokens of all who live, whatever their role."""
    if database.is_sqlite:
        folder = Path(f"{database.sqlite_path}.alive")
        files = folder.iterdir() if folder.is_dir() else ()
        return {int(path.name) for path in files if path.name.isdigit() and not _is_file_free(path)}
    held = connection.exec_driver_sql(
        "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
        " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return {lock & _TOKEN for lock in held.scalars() if lock & ~_TOKEN == _CLASS}


def is_dead(database: Database, token: int) -> bool:
    """Whether the process behind a token is surely gone: its lock could be taken."""
    if database.is_sqlite:
        return _is_file_free(_file(database, token))
    with database.read() as connection:
        taken = connection.exec_driver_sql(
            "SELECT pg_try_advisory_lock(%(lock)s)", {"lock": _CLASS | token}
        ).scalar_one()
        if taken:
            connection.exec_driver_sql("SELECT pg_advisory_unlock(%(lock)s)", {"lock": _CLASS | token})
        return bool(taken)


def _hold_lock(database: Database, token: int) -> Any:
    import psycopg

    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        # A host that vanished must not hold its lock for the system's default of two hours.
        connection = psycopg.connect(url, autocommit=True, connect_timeout=5, **NOTICES_SILENCE)
        connection.execute(LET_GO)
        connection.execute("SELECT pg_advisory_lock(%s)", [_CLASS | token])
    except psycopg.OperationalError as error:
        raise Unavailable("The database can't be reached.") from error
    return connection


def _file(database: Database, token: int) -> Path:
    return Path(f"{database.sqlite_path}.alive") / str(token)


def _hold_file(database: Database, token: int) -> int:
    path = _file(database, token)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _is_file_free(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
