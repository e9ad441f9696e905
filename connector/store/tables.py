"""Every table, in one place. The organisation is part of every key; times are microseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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
OUT_OF_LISTS = 0


def _id() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


def _org() -> Column[int]:
    return Column("org", Number, nullable=False)


def _within(table: str, column: str) -> ForeignKeyConstraint:
    """A reference that can't leave its organisation."""
    return ForeignKeyConstraint(["org", column], [f"{table}.org", f"{table}.id"])


organisations = Table(
    "organisations",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    #: Counts every change of lists, senders and accounts, so that a cached directory knows when it is old.
    Column("config_version", BigInteger, nullable=False, server_default=text("1")),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    _org(),
    Column("name", Text, nullable=False),
    Column("region", Text),
    Column("own_lists", Boolean, nullable=False),
    Column("defaults", JSON, nullable=False),
    ForeignKeyConstraint(["org"], ["organisations.id"]),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "name"),
    sqlite_autoincrement=True,
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    _org(),
    Column("account", Number, nullable=False),
    Column("key_id", Text, nullable=False, unique=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    _within("accounts", "account"),
    sqlite_autoincrement=True,
)

lists = Table(
    "lists",
    metadata,
    _id(),
    _org(),
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
    _id(),
    _org(),
    Column("account", Number, nullable=False),
    Column("provider", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("channel_id", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("inbound_token", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    _within("accounts", "account"),
    sqlite_autoincrement=True,
)

# An address stands here once; everything else knows it by its key, so that erasing a person is one row.
addresses = Table(
    "addresses",
    metadata,
    Column("org", Number, primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    #: Which address secret made the key.
    Column("key_id", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("canonical", Text),
    Column("created_at", Instant, nullable=False),
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
    _id(),
    _org(),
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

# A direct send is a campaign of one step that starts at once: one path for all three kinds.
campaigns = Table(
    "campaigns",
    metadata,
    _id(),
    _org(),
    Column("account", Number, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sender", Number, nullable=False),
    Column("lists", JSON, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("require_opt_in", Text, nullable=False),
    Column("on_opt_out", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reference", Text),
    #: Where a direct send came with an idempotency key: a repeat finds this row instead of making another.
    Column("idempotency", Text),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "idempotency"),
    _within("senders", "sender"),
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    _id(),
    _org(),
    Column("campaign", Number, nullable=False),
    Column("position", Integer, nullable=False),
    Column("delay", BigInteger, nullable=False),
    Column("text", Text),
    Column("subject", Text),
    Column("html", Text),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "campaign", "position"),
    _within("campaigns", "campaign"),
    sqlite_autoincrement=True,
)

enrolments = Table(
    "enrolments",
    metadata,
    _id(),
    _org(),
    Column("campaign", Number, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("attributes", JSON),
    Column("status", Text, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("org", "campaign", "key"),
    Index("ix_enrolments_active", "org", "key", postgresql_where=text("status = 'active'")),
    _within("campaigns", "campaign"),
    sqlite_autoincrement=True,
)

sends = Table(
    "sends",
    metadata,
    _id(),
    _org(),
    Column("campaign", Number, nullable=False),
    Column("step", Number, nullable=False),
    Column("enrolment", Number),
    #: The place in the call or file, so that answers come in the order given.
    Column("ordinal", Integer, nullable=False),
    #: 0 for the one that may leave; n for the nth later mention of the same person, which never does.
    Column("copy", Integer, nullable=False, server_default=text("0")),
    #: Null where the address could not be parsed.
    Column("key", LargeBinary(16)),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    #: The wire form, as it was when the send was made.
    Column("address", Text, nullable=False),
    Column("attributes", JSON),
    Column("status", Text, nullable=False),
    #: The headline of the reasons, for counting.
    Column("reason", Text),
    Column("reasons", JSON),
    Column("error", Text),
    Column("provider_id", Text),
    Column("due_at", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    #: Whose hands it is in, and until when at the latest.
    Column("token", BigInteger),
    Column("handoff_deadline", Instant),
    Column("settled_at", Instant),
    UniqueConstraint("org", "step", "key", "copy"),
    Index(
        "ix_sends_due", "bucket", "due_at",
        postgresql_where=text("status = 'pending'"), sqlite_where=text("status = 'pending'"),
    ),
    Index(
        "ix_sends_in_hand", "token",
        postgresql_where=text("status = 'sending'"), sqlite_where=text("status = 'sending'"),
    ),
    Index("ix_sends_address", "org", "key"),
    Index("ix_sends_campaign", "org", "campaign", "status"),
    Index(
        "ix_sends_enrolment", "enrolment",
        postgresql_where=text("enrolment IS NOT NULL"), sqlite_where=text("enrolment IS NOT NULL"),
    ),
    _within("campaigns", "campaign"),
    _within("steps", "step"),
    sqlite_autoincrement=True,
)  # fmt: skip

bindings = Table(
    "bindings",
    metadata,
    _id(),
    _org(),
    Column("account", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("sample", JSON),
    Column("created_at", Instant, nullable=False),
    _within("accounts", "account"),
    sqlite_autoincrement=True,
)

replies = Table(
    "replies",
    metadata,
    _id(),
    _org(),
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

# Events on their way out; written in the transaction of the word they tell of.
outbox = Table(
    "outbox",
    metadata,
    _id(),
    _org(),
    Column("event", Number, nullable=False),
    Column("list_id", Number, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
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
    sqlite_autoincrement=True,
)

# What must not change behind our back, such as the fingerprint of the address secret.
meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
