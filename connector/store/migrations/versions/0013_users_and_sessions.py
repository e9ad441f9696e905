"""The console: users, sessions, tries to sign in, what was said on each day, and who may frame the side panel."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["org", "account"], ["accounts.org", "accounts.id"], name=op.f("fk_users_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("org", "id", name=op.f("uq_users_org_id")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_users_name_folded")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("user", _NUMBER, nullable=True),
        sa.Column("api_key", _NUMBER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_index("ix_sessions_created", "sessions", ["created_at"])
    op.create_table(
        "tries",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_tries")),
    )
    op.create_index("ix_tries_since", "tries", ["since"])
    op.create_table(
        "days",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("list_id", _NUMBER, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org", "day", "list_id", "channel", "source", "state", name=op.f("pk_days")),
        sqlite_with_rowid=False,
    )
    # How far the history has been counted: the number of its last line.
    op.execute("INSERT INTO meta (name, value) VALUES ('counted', '0')")
    op.create_index(
        "ix_sends_kept_back", "sends", ["org", "status", "settled_at", "reason"],
        postgresql_where=sa.text("status IN ('suppressed', 'unknown')"),
        sqlite_where=sa.text("status IN ('suppressed', 'unknown')"),
    )  # fmt: skip
    op.create_table(
        "panel_origins",
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org", "origin", name=op.f("pk_panel_origins")),
        sqlite_with_rowid=False,
    )
