"""Thousands of keys in one statement, on each engine the way it is quick at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, LargeBinary, any_, bindparam, literal_column, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType


class _Keys(UserDefinedType[list[bytes]]):
    """An array of binary keys, written down at once: the driver takes ten times as long over thousands of them."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "BYTEA[]"

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda keys: "{" + ",".join([f'"\\\\x{key.hex()}"' for key in keys]) + "}"


def among(connection: Connection, column: Any, values: Any) -> Any:
    """``column`` is one of ``values``: one array on PostgreSQL, so that the statement's text never changes."""
    if connection.dialect.name == "postgresql":
        if isinstance(column.type, LargeBinary):
            return column == any_(bindparam(None, list(values), _Keys()))
        return column == any_(bindparam(None, list(values), postgresql.ARRAY(column.type)))
    values = list(values)
    if isinstance(column.type, LargeBinary) and len(values) > _SEVERAL and {*map(len, values)} == {_WIDTH}:
        keys = bindparam("keys", b"".join(values), LargeBinary, unique=True)
        return column.in_(_SPLIT.bindparams(keys).columns(_A_KEY))
    return column.in_(values)


_A_KEY: Any = literal_column("1", LargeBinary)  # what the statement answers with, for SQLAlchemy
#: More keys than this go to SQLite as one value: a parameter for each costs four times the search for it.
_SEVERAL, _WIDTH = 50, 16
_SPLIT = text(f"""
    WITH RECURSIVE places(place) AS (
        SELECT 1 UNION ALL SELECT place + {_WIDTH} FROM places WHERE place + {_WIDTH} <= length(:keys))
    SELECT substr(:keys, place, {_WIDTH}) FROM places
""")  # noqa: S608 - a constant


def make_room(connection: Connection) -> None:
    """A transaction of thousands of rows begins.

    On PostgreSQL every statement is planned for its own values: a plan for any values, made when a table was small,
    would look through thousands of keys for each of its rows. SQLite keeps the pages it changes in memory, and copies
    them from its log into the database less often.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    else:
        connection.exec_driver_sql("PRAGMA cache_size = -16000")
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 8000")
