"""Rules, messages to review, ready keywords."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("lists", sa.Column("packs", sa.JSON(), nullable=True))
    op.add_column("accounts", sa.Column("hold_unclear", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "rules",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("sender", _NUMBER, nullable=True),
        sa.Column("begins_with", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org", "account"], ["accounts.org", "accounts.id"], name=op.f("fk_rules_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reviews",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("sender", _NUMBER, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["org", "account"], ["accounts.org", "accounts.id"], name=op.f("fk_reviews_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_open", "reviews", ["org", "status", "id"])
    op.create_index("ix_reviews_key", "reviews", ["org", "key"])
