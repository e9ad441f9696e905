"""Files of words on their way into lists."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Table, Text, text

from connector.store.tables.base import Instant, Number, metadata, org, row_id


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


_OPEN = text("status IN ('running', 'undoing')")

# One file each. The row moves on in the transaction that writes what was read, so a crash loses and doubles nothing.
imports = Table(
    "imports",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("list_id", Number, nullable=False),
    Column("actor", Text, nullable=False),
    #: The file's name in the folder of imports, and how many bytes it has.
    Column("file", Text, nullable=False),
    _count("size"),
    Column("options", JSON, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    #: Why it could not go on.
    Column("fault", Text),
    #: How far it has been read: the byte and the line at which the next row begins; while undoing, the event before.
    _count("place"),
    _count("line"),
    _count("imported"),
    _count("already"),
    _count("superseded"),
    _count("refused"),
    _count("rejected"),
    #: How many bytes of the report of rejected rows count.
    _count("told"),
    #: The first and the last line of history that it wrote; others lie between them.
    Column("first_event", Number),
    Column("last_event", Number),
    #: Of an undo: words taken back, and words that stayed because somebody has spoken since.
    _count("taken_back"),
    _count("kept"),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index("ix_imports_open", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index("ix_imports_list", "org", "list_id", "id"),
    sqlite_autoincrement=True,
)
