"""What people are given to say their word with: short links, forms, and opt-ins that wait for a yes."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, LargeBinary, SmallInteger, Table, Text, UniqueConstraint

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

# Links that are short enough for a text message: what a token says, under a code.
short_links = Table(
    "short_links",
    metadata,
    Column("code", Text, primary_key=True),
    org(),
    Column("account", Number, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("lists", JSON, nullable=False),
    #: The message it went out with.
    Column("send", Number, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_short_links_key", "org", "key"),
)


forms = Table(
    "forms",
    metadata,
    row_id(),
    org(),
    Column("account", Number, nullable=False),
    #: The opaque end of its address.
    Column("token", Text, nullable=False, unique=True),
    Column("channel", SmallInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("confirmation_message", Text, nullable=False),
    Column("button_text", Text, nullable=False),
    Column("double_opt_in", Boolean, nullable=False),
    Column("allowed_origins", JSON, nullable=False),
    Column("lists", JSON, nullable=False),
    #: Who asks for the second yes.
    Column("sender", Number),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    within("accounts", "account"),
    sqlite_autoincrement=True,
)


# Opt-ins that were asked for over a form and count when their link is confirmed. Gone with the person.
confirmations = Table(
    "confirmations",
    metadata,
    Column("code", Text, primary_key=True),
    org(),
    Column("form", Number, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    #: The wire form: where the message went.
    Column("address", Text, nullable=False),
    #: Where the call came from, without the part that names one machine.
    Column("network", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Index("ix_confirmations_key", "org", "key", "requested_at"),
    Index("ix_confirmations_network", "org", "network", "requested_at"),
    within("forms", "form"),
)
