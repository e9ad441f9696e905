"""What people write beside keywords: rules that understand it, and what somebody has to read."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, LargeBinary, SmallInteger, Table, Text

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

# Beginnings of messages that mean in or out.
rules = Table(
    "rules",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("sender", Number),
    Column("begins_with", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("lists", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


# Messages that sound like a refusal and are none by their words: somebody reads them.
reviews = Table(
    "reviews",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("sender", Number, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    #: Personal: erased with the person.
    Column("address", Text, nullable=False),
    Column("text", Text, nullable=False),
    #: Whether the person is held back until somebody has decided.
    Column("held", Boolean, nullable=False),
    #: "open", "opted_out" or "dismissed".
    Column("status", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Index("ix_reviews_open", "org", "status", "id"),
    Index("ix_reviews_key", "org", "key"),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


# Mail that came back and may be tried again: too often in a short while, and it is a hard fact.
soft_bounces = Table(
    "soft_bounces",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("count", SmallInteger, nullable=False),
    #: When the first of them came.
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)
