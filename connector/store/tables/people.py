"""Whom an organisation knows: contacts with their attributes, and groups of them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from connector.store.tables.base import Instant, Number, metadata, org, row_id, within

# A contact has one address of each kind at most, and an address belongs to one contact.
contacts = Table(
    "contacts",
    metadata,
    row_id(),
    org(),
    Column("number", Text),
    Column("number_key", LargeBinary(16)),
    Column("email", Text),
    Column("email_key", LargeBinary(16)),
    Column("whatsapp_id", Text),
    Column("whatsapp_id_key", LargeBinary(16)),
    Column("attributes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "number_key"),
    UniqueConstraint("org", "email_key"),
    UniqueConstraint("org", "whatsapp_id_key"),
    sqlite_autoincrement=True,
)


groups = Table(
    "groups",
    metadata,
    row_id(),
    org(),
    Column("name", Text, nullable=False),
    #: Names are compared without case.
    Column("folded", Text, nullable=False),
    #: Its members may pass the opt-out rule, where a send names the group and the key may.
    Column("bypass", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("org", "id"),
    UniqueConstraint("org", "folded"),
    sqlite_autoincrement=True,
)


members = Table(
    "members",
    metadata,
    Column("org", Number, primary_key=True),
    Column("group_id", Number, primary_key=True),
    Column("contact", Number, primary_key=True),
    Index("ix_members_contact", "org", "contact"),
    within("groups", "group_id"),
    within("contacts", "contact"),
    sqlite_with_rowid=False,
)
