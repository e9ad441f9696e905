"""Soft bounces, counted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "soft_bounces",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "key", name=op.f("pk_soft_bounces")),
        sqlite_with_rowid=False,
    )
