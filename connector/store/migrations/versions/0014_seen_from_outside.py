"""What operators see: which call a send goes back to, when workers looked for work, and what is unknown of late.

Every column may be empty and no older statement is broken, so this is applied while older workers run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_UNKNOWN = sa.text("status = 'unknown'")


def upgrade() -> None:
    op.add_column("sends", sa.Column("request", sa.Text(), nullable=True))
    op.add_column("incarnations", sa.Column("ticked_at", sa.BigInteger(), nullable=True))
    op.add_column("incarnations", sa.Column("ended_at", sa.BigInteger(), nullable=True))
    # On PostgreSQL without a lock that would keep claims waiting while millions of rows are read.
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_sends_unknown", "sends", ["settled_at"], postgresql_where=_UNKNOWN, sqlite_where=_UNKNOWN,
            postgresql_concurrently=True, if_not_exists=True,
        )  # fmt: skip
