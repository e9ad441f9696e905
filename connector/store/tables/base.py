"""What all tables have in common. The organisation is part of every key; times are microseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite makes row numbers only for INTEGER; everywhere else they are 64 bits wide.
Number = BigInteger().with_variant(Integer, "sqlite")
Instant = BigInteger
#: Text in the order of its code points, so that an index answers "begins with".
Plain = Text().with_variant(Text(collation="C"), "postgresql")


def row_id() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


def org() -> Column[int]:
    return Column("org", Number, nullable=False)


def within(table: str, column: str) -> ForeignKeyConstraint:
    """A reference that can't leave its organisation."""
    return ForeignKeyConstraint(["org", column], [f"{table}.org", f"{table}.id"])
