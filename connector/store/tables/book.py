"""The consent book: addresses, the newest words, hard facts, the sealed history and what leaves it."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text, UniqueConstraint

from connector.store.tables.base import Instant, Number, Plain, metadata, org, row_id

# An address stands here once; everything else knows it by its key, so that erasing a person is one row.
addresses = Table(
    "addresses",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    #: Which address secret made the key.
    Column("key_id", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("canonical", Plain),
    #: The canonical form from its end, so that an index finds what people know of it: the last digits, the domain.
    Column("mirrored", Plain),
    Column("created_at", Instant, nullable=False),
    Index("ix_addresses_canonical", "org", "canonical"),
    Index("ix_addresses_mirrored", "org", "mirrored"),
)


# Two addresses known to be one person's, both ways round: what one says holds for the other.
links = Table(
    "links",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("other", LargeBinary(16), primary_key=True),
    Column("other_bucket", SmallInteger, nullable=False),
    Column("since", Instant, nullable=False),
)


# The hot table: the newest word of an address on (list, channel).
entries = Table(
    "entries",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("list_id", Number, primary_key=True),
    Column("channel", SmallInteger, primary_key=True),
    Column("state", SmallInteger, nullable=False),
    Column("since", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("event", Number, nullable=False),
    Index("ix_entries_list", "org", "list_id", "event"),
    sqlite_with_rowid=False,
)


# What holds beside the lists: blocked, bounced, complained, erased, blocked at a sender, heard from at a sender.
facts = Table(
    "facts",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("kind", SmallInteger, primary_key=True),
    Column("sender", Number, primary_key=True),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)


# The history, append-only. Each line seals the one before it in its (organisation, bucket).
events = Table(
    "events",
    metadata,
    row_id(),
    org(),
    Column("bucket", SmallInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("list_id", Number),
    Column("channel", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # Personal: erased with the person, while the digest below keeps the chain whole.
    Column("actor", Text),
    Column("reason", Text),
    Column("evidence", JSON),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    UniqueConstraint("org", "bucket", "seq"),
    Index(None, "org", "key", "id"),
    sqlite_autoincrement=True,
)


# The last seal of each chain and how long the chain is, signed, so that a shortened chain shows.
heads = Table(
    "heads",
    metadata,
    Column("org", Number, primary_key=True),
    Column("bucket", SmallInteger, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)


# Events on their way out; written in the transaction of the word they tell of.
outbox = Table(
    "outbox",
    metadata,
    row_id(),
    org(),
    Column("event", Number, nullable=False),
    Column("list_id", Number, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
