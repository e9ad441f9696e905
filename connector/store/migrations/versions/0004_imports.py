"""Imports."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = "status IN ('running', 'undoing')"


def upgrade() -> None:
    def count(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)

    op.create_table(
        "imports",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("list_id", _NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        count("size"),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        *map(count, ("place", "line", "imported", "already", "superseded", "refused", "rejected", "told")),
        sa.Column("first_event", _NUMBER, nullable=True),
        sa.Column("last_event", _NUMBER, nullable=True),
        *map(count, ("taken_back", "kept")),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_open", "imports", ["id"], postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN))
    op.create_index("ix_imports_list", "imports", ["org", "list_id", "id"])
