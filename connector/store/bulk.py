"""Many rows at once, past SQLAlchemy's care for each of them: COPY on PostgreSQL, the driver's loop on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, Connection, Table, exc

Row = dict[str, Any]

#: Fewer rows than this go the usual way: a call has at most a thousand, a part of an import some thousands.
FROM = 2_000


def numbers(connection: Connection, table: Table, count: int) -> list[int]:
    """Row numbers that nobody else will get, rising. On SQLite the writer's lock must be held."""
    if connection.dialect.name == "postgresql":
        query = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) FROM generate_series(1, {count:d})"  # noqa: S608
        return sorted(connection.exec_driver_sql(query).scalars())
    last = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar() or 0
    return list(range(last + 1, last + 1 + count))


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Rows that are not there yet; all have the columns of the first one."""
    names = list(rows[0])
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, names, _values(table, names, rows))
    else:
        connection.exec_driver_sql(_insert(table, names), list(_values(table, names, rows)))


def upsert(connection: Connection, table: Table, rows: Sequence[Row], changed: Sequence[str] = ()) -> None:
    """Rows, each once; of one that is there already the columns ``changed`` change, or nothing."""
    names = list(rows[0])
    keys = ", ".join(column.name for column in table.primary_key.columns)
    new = ", ".join(f"{name} = excluded.{name}" for name in changed)
    conflict = f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {new}" if changed else "NOTHING")
    values = _values(table, names, rows)
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_insert(table, names) + conflict, list(values))
        return
    stage, several = f"heed_new_{table.name}", ", ".join(names)
    connection.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    _copy(connection, stage, names, values)
    moved = f"INSERT INTO {table.name} ({several}) SELECT {several} FROM {stage} ORDER BY {keys}{conflict}"  # noqa: S608
    connection.exec_driver_sql(moved)
    connection.exec_driver_sql(f"TRUNCATE {stage}")  # for the next rows of this transaction


def _insert(table: Table, names: Sequence[str]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def _values(table: Table, names: Sequence[str], rows: Sequence[Row]) -> Iterable[tuple[Any, ...]]:
    places = [place for place, name in enumerate(names) if isinstance(table.c[name].type, JSON)]
    found = map(itemgetter(*names), rows)
    return (_dumped(row, places) for row in found) if places else found


def _dumped(row: tuple[Any, ...], places: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in places:
        values[place] = orjson.dumps(values[place]).decode()
    return tuple(values)


def _copy(connection: Connection, name: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with (
        _told_as_usual(connection), driver.cursor() as cursor,
        cursor.copy(f"COPY {name} ({', '.join(names)}) FROM STDIN") as copy,
    ):  # fmt: skip
        for row in rows:
            copy.write_row(row)


@contextmanager
def _told_as_usual(connection: Connection) -> Iterator[None]:
    """The driver's errors as SQLAlchemy has them, so that a lost connection or a deadlock is known for what it is."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise exc.DBAPIError.instance(
            None, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
