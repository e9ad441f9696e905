"""What happens once: keyed requests, messages that came in, and the lives of processes."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from connector.store.tables.base import Instant, Number, metadata

# Every message that ever came in, by the provider's id: a repeated delivery has one effect, for ever.
inbound = Table(
    "inbound",
    metadata,
    Column("org", Number, primary_key=True),
    Column("sender", Number, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("key", LargeBinary(16)),
    Column("outcome", Text),
    Column("received_at", Instant, nullable=False),
    Column("done_at", Instant),
)


idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    #: The incarnation that is running it; null once the answer is kept.
    Column("token", BigInteger),
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Index(None, "created_at"),
)


# Every process that ever handed over; a token is never used twice.
incarnations = Table(
    "incarnations",
    metadata,
    Column("token", Number, primary_key=True, autoincrement=True),
    Column("role", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    #: A worker's last look for due work.
    Column("ticked_at", Instant),
    #: When it said goodbye; never, where it was killed.
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)
