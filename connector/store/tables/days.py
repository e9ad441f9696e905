"""What was said on each day, counted: the history is too long to be counted when somebody looks."""

from __future__ import annotations

from sqlalchemy import Column, Integer, SmallInteger, Table, Text

from connector.store.tables.base import Number, metadata

days = Table(
    "days",
    metadata,
    Column("org", Number, primary_key=True),
    #: Days since the epoch, in UTC, by when the word was recorded.
    Column("day", Integer, primary_key=True),
    Column("list_id", Number, primary_key=True),
    Column("channel", SmallInteger, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
