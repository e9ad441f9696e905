"""Who is told of what: webhooks, what there is to tell, and every delivery until it has arrived or is given up."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

webhooks = Table(
    "webhooks",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("expires_at", Instant),
    #: Since when nothing has arrived there; cleared by the first delivery that does.
    Column("failing_since", Instant),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    row_id(),
    org(),
    #: One of the two: an account's webhook, or a list's own.
    Column("webhook", Number),
    Column("list_id", Number),
    Column("type", Text, nullable=False),
    #: The same at every attempt, so that a receiver can tell a repeat.
    Column("message_id", Text, nullable=False),
    #: Whose event it is, so that erasing a person finds the bodies too.
    Column("key", LargeBinary(16)),
    Column("body", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("duration_ms", Integer),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Index("ix_deliveries_due", "due_at", postgresql_where=text("status = 'pending'"),
          sqlite_where=text("status = 'pending'")),
    Index("ix_deliveries_webhook", "org", "webhook", "id"),
    Index("ix_deliveries_key", "org", "key"),
    sqlite_autoincrement=True,
)  # fmt: skip

# What is to be told beside the outbox of the book, written in the transaction in which it happened.
notices = Table(
    "notices",
    metadata,
    row_id(),
    org(),
    Column("type", Text, nullable=False),
    #: What became of a send; who it was to is read when it is told, so that an erasure is in time.
    Column("send", Number),
    #: Or a message that came in: to which sender, from whom, and what it said.
    Column("sender", Number),
    Column("key", LargeBinary(16)),
    Column("data", JSON(none_as_null=True)),
    Column("at", Instant, nullable=False),
    Index("ix_notices_key", "org", "key"),
    sqlite_autoincrement=True,
)
