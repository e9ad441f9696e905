"""Entries by list and age, addresses by their beginning and end, accounts on the move."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    op.add_column("accounts", sa.Column("moving", sa.JSON(), nullable=True))
    if sqlite:
        op.add_column("addresses", sa.Column("mirrored", sa.Text(), nullable=True))
        driver: Any = bind.connection.driver_connection
        driver.create_function("reverse", 1, lambda text: text and text[::-1])
    else:
        op.add_column("addresses", sa.Column("mirrored", sa.Text(collation="C"), nullable=True))
        op.alter_column("addresses", "canonical", type_=sa.Text(collation="C"), existing_type=sa.Text())
    op.execute("UPDATE addresses SET mirrored = reverse(canonical) WHERE canonical IS NOT NULL")
    op.create_index("ix_addresses_canonical", "addresses", ["org", "canonical"])
    op.create_index("ix_addresses_mirrored", "addresses", ["org", "mirrored"])
    op.create_index("ix_entries_list", "entries", ["org", "list_id", "event"])
