"""Campaigns for groups, with times of day, replies that end them, people who come again; texts under names."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("groups", sa.JSON(), nullable=True),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("exit_on_reply", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("re_entry", sa.Text(), server_default="never", nullable=False),
    ):
        op.add_column("campaigns", column)
    op.add_column("steps", sa.Column("at", sa.SmallInteger(), nullable=True))
    op.add_column("enrolments", sa.Column("round", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("steps", sa.Column("template", sa.JSON(), nullable=True))
    op.create_table(
        "templates",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org"], ["organisations.id"], name=op.f("fk_templates_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("org", "name", "language", name=op.f("uq_templates_org_name_language")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audiences",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("campaign", _NUMBER, nullable=False),
        sa.Column("group_id", _NUMBER, nullable=False),
        sa.Column("after", _NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org", "campaign"], ["campaigns.org", "campaigns.id"], name=op.f("fk_audiences_campaigns")
        ),
        sa.PrimaryKeyConstraint("org", "campaign", "group_id", name=op.f("pk_audiences")),
        sqlite_with_rowid=False,
    )
