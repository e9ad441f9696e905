"""How fast senders may go, how often a person may be written to, and when a send's own time had come."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("sender", _NUMBER, nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "sender", name=op.f("pk_paces")),
        sqlite_with_rowid=False,
    )
    op.add_column("sends", sa.Column("ripe_at", sa.BigInteger(), nullable=True))
    op.add_column("accounts", sa.Column("frequency_cap", sa.JSON(), nullable=True))
