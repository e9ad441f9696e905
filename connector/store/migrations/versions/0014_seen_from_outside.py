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
    # What follows commits as it goes, so each step bears to be tried again after one that was cut short.
    again = op.get_bind().dialect.name == "postgresql"
    op.add_column("sends", sa.Column("request", sa.Text(), nullable=True), if_not_exists=again)
    op.add_column("incarnations", sa.Column("ticked_at", sa.BigInteger(), nullable=True), if_not_exists=again)
    op.add_column("incarnations", sa.Column("ended_at", sa.BigInteger(), nullable=True), if_not_exists=again)
    # On PostgreSQL without a lock that would keep claims waiting while millions of rows are read: it waits for others'
    # transactions instead, as long as that takes. One that was cut short is there and of no use.
    with op.get_context().autocommit_block():
        if again:
            op.execute("SET lock_timeout = 0")
            op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_sends_unknown")
        op.create_index(
            "ix_sends_unknown", "sends", ["settled_at"], postgresql_where=_UNKNOWN, sqlite_where=_UNKNOWN,
            postgresql_concurrently=True,
        )  # fmt: skip
        if again:
            op.execute("SET lock_timeout = '3s'")
