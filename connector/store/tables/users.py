"""Who signs in to the console: users, their sessions, and tries that failed."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

users = Table(
    "users",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("name", Text, nullable=False),
    #: The name without case. Unique over all organisations: whoever signs in gives nothing but the name.
    Column("name_folded", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("org", "id"),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


# The browser holds a random token; here stands its hash. One of the two: a user's, or an API key's.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    org(),
    Column("user", Number),
    Column("api_key", Number),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    #: What the next page is to tell, once.
    Column("notes", JSON(none_as_null=True)),
    Index("ix_sessions_user", "user"),
    Index("ix_sessions_created", "created_at"),
)


# What somebody at the workbench waits for; the token of its address stands here as its hash, and locks the content.
captures = Table(
    "captures",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    org(),
    Column("session", LargeBinary(32), nullable=False),
    Column("until", Instant, nullable=False),
    Column("is_caught", Boolean, nullable=False),
    Column("content", LargeBinary),
    Index("ix_captures_session", "session"),
    Index("ix_captures_until", "until"),
)


# Tries to sign in, counted for each name and network, so that guessing takes years.
tries = Table(
    "tries",
    metadata,
    Column("place", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Index("ix_tries_since", "since"),
)


# Pages that may show the side panel within theirs.
panel_origins = Table(
    "panel_origins",
    metadata,
    Column("org", Number, primary_key=True),
    Column("origin", Text, primary_key=True),
    sqlite_with_rowid=False,
)
