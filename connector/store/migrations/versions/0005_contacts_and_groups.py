"""Contacts, groups and who passes an opt-out as a member of one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("bypass", sa.JSON(), nullable=True))
    op.add_column("sends", sa.Column("bypass", _NUMBER, nullable=True))
    op.create_table(
        "contacts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_key", sa.LargeBinary(16), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.LargeBinary(16), nullable=True),
        sa.Column("whatsapp_id", sa.Text(), nullable=True),
        sa.Column("whatsapp_id_key", sa.LargeBinary(16), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("org", "id", name=op.f("uq_contacts_org_id")),
        sa.UniqueConstraint("org", "number_key", name=op.f("uq_contacts_org_number_key")),
        sa.UniqueConstraint("org", "email_key", name=op.f("uq_contacts_org_email_key")),
        sa.UniqueConstraint("org", "whatsapp_id_key", name=op.f("uq_contacts_org_whatsapp_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "groups",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("bypass", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("org", "id", name=op.f("uq_groups_org_id")),
        sa.UniqueConstraint("org", "folded", name=op.f("uq_groups_org_folded")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "members",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("group_id", _NUMBER, nullable=False),
        sa.Column("contact", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["org", "contact"], ["contacts.org", "contacts.id"], name=op.f("fk_members_contacts")),
        sa.ForeignKeyConstraint(["org", "group_id"], ["groups.org", "groups.id"], name=op.f("fk_members_groups")),
        sa.PrimaryKeyConstraint("org", "group_id", "contact", name=op.f("pk_members")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_members_contact", "members", ["org", "contact"])
