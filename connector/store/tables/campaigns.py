"""Campaigns, their steps, people on their way, and every send."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
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

# A direct send is a campaign of one step that starts at once: one path for all three kinds.
campaigns = Table(
    "campaigns",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sender", Number, nullable=False),
    Column("lists", JSON, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("require_opt_in", Text, nullable=False),
    #: The groups it is for.
    Column("groups", JSON(none_as_null=True)),
    #: The groups whose members pass the opt-out rule.
    Column("bypass", JSON(none_as_null=True)),
    #: Where a step waits for a time of day: the zone of people who have none of their own.
    Column("timezone", Text, nullable=False, server_default="UTC"),
    #: "default", or {"from", "to"} in minutes past midnight; null where it never waits.
    Column("quiet_hours", JSON(none_as_null=True)),
    Column("exit_on_reply", Boolean, nullable=False, server_default=false()),
    #: "never", or "after_end": who has come to the end, or was taken off, may be taken in again.
    Column("re_entry", Text, nullable=False, server_default="never"),
    Column("on_opt_out", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reference", Text),
    #: Where a direct send came with an idempotency key: a repeat finds this row instead of making another.
    Column("idempotency", Text),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "idempotency"),
    within("senders", "sender"),
    sqlite_autoincrement=True,
)


steps = Table(
    "steps",
    metadata,
    row_id(),
    org(),
    Column("campaign", Number, nullable=False),
    Column("position", Integer, nullable=False),
    Column("delay", BigInteger, nullable=False),
    #: The time of day it waits for after its delay, in minutes.
    Column("at", SmallInteger),
    Column("text", Text),
    Column("subject", Text),
    Column("html", Text),
    #: The template it was taken from, with the parameters.
    Column("template", JSON(none_as_null=True)),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "campaign", "position"),
    within("campaigns", "campaign"),
    sqlite_autoincrement=True,
)


# Groups whose members are still to be taken in, and how far that has come.
audiences = Table(
    "audiences",
    metadata,
    Column("org", Number, primary_key=True),
    Column("campaign", Number, primary_key=True),
    Column("group_id", Number, primary_key=True),
    Column("after", Number, nullable=False, server_default=text("0")),
    Column("taken", Integer, nullable=False, server_default=text("0")),
    Column("done", Boolean, nullable=False, server_default=false()),
    within("campaigns", "campaign"),
    sqlite_with_rowid=False,
)


enrolments = Table(
    "enrolments",
    metadata,
    row_id(),
    org(),
    Column("campaign", Number, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("attributes", JSON),
    Column("status", Text, nullable=False),
    #: Which way through it is: 0 for the first.
    Column("round", SmallInteger, nullable=False, server_default=text("0")),
    Column("entered_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("org", "campaign", "key"),
    Index("ix_enrolments_active", "org", "key", postgresql_where=text("status = 'active'")),
    within("campaigns", "campaign"),
    sqlite_autoincrement=True,
)


sends = Table(
    "sends",
    metadata,
    row_id(),
    org(),
    Column("campaign", Number, nullable=False),
    Column("step", Number, nullable=False),
    Column("enrolment", Number),
    #: The place in the call or file, so that answers come in the order given.
    Column("ordinal", Integer, nullable=False),
    #: 0 on the first way through, -n on the nth way after it; n for the nth later mention of the same person in one
    #: call or file, which never leaves.
    Column("copy", Integer, nullable=False, server_default=text("0")),
    #: Null where the address could not be parsed.
    Column("key", LargeBinary(16)),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    #: The wire form, as it was when the send was made.
    Column("address", Text, nullable=False),
    Column("attributes", JSON),
    Column("status", Text, nullable=False),
    #: The line of history that says this one passes an opt-out as a member of a bypass group.
    Column("bypass", Number),
    #: The headline of the reasons, for counting.
    Column("reason", Text),
    Column("reasons", JSON),
    Column("error", Text),
    Column("provider_id", Text),
    Column("due_at", Instant, nullable=False),
    #: When its own time had come, where something else has held it back since.
    Column("ripe_at", Instant),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    #: Whose hands it is in, and until when at the latest.
    Column("token", BigInteger),
    Column("handoff_deadline", Instant),
    Column("settled_at", Instant),
    #: The X-Request-Id of the call that set it off, for the log of its hand-off.
    Column("request", Text),
    UniqueConstraint("org", "step", "key", "copy"),
    Index(
        "ix_sends_due", "bucket", "due_at",
        postgresql_where=text("status = 'pending'"), sqlite_where=text("status = 'pending'"),
    ),
    Index(
        "ix_sends_in_hand", "token",
        postgresql_where=text("status = 'sending'"), sqlite_where=text("status = 'sending'"),
    ),
    Index(
        "ix_sends_unknown", "settled_at",
        postgresql_where=text("status = 'unknown'"), sqlite_where=text("status = 'unknown'"),
    ),
    Index("ix_sends_address", "org", "key"),
    Index("ix_sends_campaign", "org", "campaign", "status"),
    Index(
        "ix_sends_enrolment", "enrolment",
        postgresql_where=text("enrolment IS NOT NULL"), sqlite_where=text("enrolment IS NOT NULL"),
    ),
    Index(
        "ix_sends_kept_back", "org", "status", "settled_at", "reason",
        postgresql_where=text("status IN ('suppressed', 'unknown')"),
        sqlite_where=text("status IN ('suppressed', 'unknown')"),
    ),
    within("campaigns", "campaign"),
    within("steps", "step"),
    sqlite_autoincrement=True,
)  # fmt: skip
