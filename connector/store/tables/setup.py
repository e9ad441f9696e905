"""Who there is and what they set up: organisations, accounts, keys, lists, senders, bindings, replies."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

organisations = Table(
    "organisations",
    metadata,
    row_id(),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    #: Counts every change of lists, senders and accounts, so that a cached directory knows when it is old.
    Column("config_version", BigInteger, nullable=False, server_default=text("1")),
    sqlite_autoincrement=True,
)


accounts = Table(
    "accounts",
    metadata,
    row_id(),
    org(),
    Column("name", Text, nullable=False),
    Column("region", Text),
    Column("own_lists", Boolean, nullable=False),
    Column("defaults", JSON, nullable=False),
    #: Whether somebody whose message sounds like a refusal is held back until it has been read.
    Column("hold_unclear", Boolean, nullable=False, server_default=false()),
    #: {"messages", "period"}: how many marketing messages it sends to one person, in microseconds.
    Column("frequency_cap", JSON(none_as_null=True)),
    #: What people are told where their list has no words of its own, and whether.
    Column("messages", JSON(none_as_null=True)),
    Column("send_response", Boolean, nullable=False, server_default=false()),
    #: While it changes from one home of lists to the other: where to, and how far each list has been copied.
    Column("moving", JSON),
    ForeignKeyConstraint(["org"], ["organisations.id"]),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "name"),
    sqlite_autoincrement=True,
)


api_keys = Table(
    "api_keys",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("key_id", Text, nullable=False, unique=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


lists = Table(
    "lists",
    metadata,
    row_id(),
    org(),
    #: 0 where the organisation shares it; else the account that keeps its own.
    Column("account", Number, nullable=False, server_default=text("0")),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    #: The name without case, which is what must be unique.
    Column("name_folded", Text, nullable=False),
    Column("description", Text),
    Column("keywords", JSON, nullable=False),
    Column("opt_in_keywords", JSON, nullable=False),
    Column("messages", JSON, nullable=False),
    Column("send_response", Boolean, nullable=False),
    Column("sender", Number),
    Column("webhook_url", Text),
    Column("webhook_format", Text, nullable=False),
    Column("protect", Text, nullable=False),
    Column("keyword_scope", Text, nullable=False),
    #: Ready keywords by language and country, by the names of their packs.
    Column("packs", JSON(none_as_null=True)),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "account", "key"),
    UniqueConstraint("org", "account", "name_folded"),
    ForeignKeyConstraint(["org"], ["organisations.id"]),
    sqlite_autoincrement=True,
)


senders = Table(
    "senders",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("provider", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("channel_id", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("inbound_token", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


# How far each sender has come by its pace; no row where it was never told to go slowly.
paces = Table(
    "paces",
    metadata,
    Column("org", Number, primary_key=True),
    Column("sender", Number, primary_key=True),
    #: From when on one more message may leave.
    Column("free_at", Instant, nullable=False),
    #: Up to when messages that had to wait have been spread.
    Column("tail", Instant, nullable=False),
    #: How far apart, microseconds; 0 where its provider only asked for a pause.
    Column("gap", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


# Texts under names; a step that uses one takes its parts along, so that a later change changes nothing on its way.
templates = Table(
    "templates",
    metadata,
    row_id(),
    org(),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("text", Text),
    Column("subject", Text),
    Column("html", Text),
    Column("parameters", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "name", "language"),
    ForeignKeyConstraint(["org"], ["organisations.id"]),
    sqlite_autoincrement=True,
)


bindings = Table(
    "bindings",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("sample", JSON),
    Column("created_at", Instant, nullable=False),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


replies = Table(
    "replies",
    metadata,
    row_id(),
    org(),
    Column("keywords", JSON, nullable=False),
    Column("match", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("sender", Number),
    Column("reply", Text),
    Column("actions", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["org"], ["organisations.id"]),
    sqlite_autoincrement=True,
)


# What must not change behind our back, such as the fingerprint of the address secret.
meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
