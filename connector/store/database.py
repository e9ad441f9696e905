"""The database: one door for reads, one for writes, and the checks without which Heed refuses to start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

from connector.domain.errors import HeedError, Unavailable
from connector.store.among import among, make_room
from connector.store.silence import LET_GO, LOSE_PATIENCE, NOTICES_SILENCE, STREAM
from connector.store.turnstile import turnstile

__all__ = [
    "CHUNK",
    "Connection",
    "Database",
    "Deadlocked",
    "UnsafeDatabase",
    "among",
    "chunks",
    "inserted",
    "make_room",
]

#: SQLite takes up to 32,766 variables in a statement; PostgreSQL gets one array.
CHUNK = 10_000

T = TypeVar("T")

_DEADLOCK = "40P01"


class UnsafeDatabase(HeedError):
    """This database could lose an opt-out that Heed has confirmed."""


class Deadlocked(Unavailable):
    """Two writers stood in each other's way, and this one has to begin again. Nothing was changed."""


class Database:
    """An engine with Heed's rules for transactions.

    ``read()`` and ``write()`` give a connection inside a transaction that commits at the end of the block.
    A database that can't be reached is ``Unavailable`` (503), never an empty answer.
    """

    def __init__(self, url: str, *, pool: int = 24) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        #: What else holds connections, to be closed with ours.
        self.at_the_end: list[Callable[[], None]] = []
        self.engine = _sqlite_engine(url, pool) if self.is_sqlite else _postgres_engine(url, pool)
        #: The same connections, beginning with the intent to write.
        self._writer = self.engine.execution_options(heed_write=True)

    @property
    def sqlite_path(self) -> Path:
        return Path(self.url.database or "heed.db").absolute()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with _unavailable(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads, whose statements all see the same moment, and which may take its time."""
        with self.read() as connection:
            if not self.is_sqlite:  # there it is so anyway
                connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {STREAM}")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write. On SQLite it waits its turn in a fair queue and begins IMMEDIATE."""
        if not self.is_sqlite:
            with self.read() as connection:
                yield connection
            return
        with turnstile(self.sqlite_path), _unavailable(), self._writer.begin() as connection:
            yield connection

    def insert(self, table: Any) -> Any:
        """The dialect's INSERT, for ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def check_safe(self, *, allow_unsafe: bool = False) -> None:
        """Refuse a database that is set to lose commits (UnsafeDatabase says which setting)."""
        faults = self.faults()
        if faults and not allow_unsafe:
            raise UnsafeDatabase("This database could lose a confirmed opt-out: " + "; ".join(faults) + ".")

    def faults(self) -> list[str]:
        """How it is set to lose commits."""
        with self.read() as connection:
            return _sqlite_faults(connection) if self.is_sqlite else _postgres_faults(connection)

    def dispose(self) -> None:
        for close in self.at_the_end:
            close()
        self.engine.dispose()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == _DEADLOCK:
            raise Deadlocked from error
        raise Unavailable("The database can't be reached; nothing was allowed.") from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("The database connection was lost; nothing was allowed.") from error
        raise


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _postgres_engine(url: str, pool: int) -> Engine:
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=pool,
        max_overflow=8,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args={"connect_timeout": 5, **NOTICES_SILENCE},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.execute(f"{LET_GO}; {LOSE_PATIENCE}")
        connection.commit()

    return engine


def _sqlite_engine(url: str, pool: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool,
        max_overflow=8,
        pool_timeout=10,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own would be a deferred one
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("heed_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgres_faults(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
        " current_setting('full_page_writes'), current_setting('transaction_isolation'), pg_is_in_recovery()"
    ).one()
    checks = (
        (rows[0] != "on", f"fsync is {rows[0]}"),
        (rows[1] == "off", "synchronous_commit is off"),
        (rows[2] != "on", f"full_page_writes is {rows[2]}"),
        (rows[3] != "read committed", f"the isolation level is {rows[3]}, not read committed"),
        (bool(rows[4]), "it is a replica, which may lag behind an opt-out"),
    )
    return [fault for holds, fault in checks if holds]


def _sqlite_faults(connection: Connection) -> list[str]:
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    checks = (
        (synchronous < 2, f"PRAGMA synchronous is {synchronous}"),
        (journal != "wal", f"PRAGMA journal_mode is {journal}"),
    )
    return [fault for holds, fault in checks if holds]


def inserted(connection: Connection, table: Any, row: Mapping[str, Any]) -> int:
    """Insert one row; answers its number."""
    number = table.c.token if "token" in table.primary_key.columns else table.c.id
    return int(connection.execute(table.insert().values(dict(row)).returning(number)).scalar_one())


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
