"""Requests that somebody at the workbench waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "captures",
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("session", sa.LargeBinary(32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("is_caught", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_captures")),
    )
    op.create_index("ix_captures_session", "captures", ["session"])
    op.create_index("ix_captures_until", "captures", ["until"])
