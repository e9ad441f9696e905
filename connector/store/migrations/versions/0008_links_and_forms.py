"""Short links, forms, and opt-ins that wait for a second yes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "short_links",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("send", _NUMBER, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_short_links")),
    )
    op.create_index("ix_short_links_key", "short_links", ["org", "key"])
    op.create_table(
        "forms",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("confirmation_message", sa.Text(), nullable=False),
        sa.Column("button_text", sa.Text(), nullable=False),
        sa.Column("double_opt_in", sa.Boolean(), nullable=False),
        sa.Column("allowed_origins", sa.JSON(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("sender", _NUMBER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org", "account"], ["accounts.org", "accounts.id"], name=op.f("fk_forms_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms")),
        sa.UniqueConstraint("org", "id", name=op.f("uq_forms_org_id")),
        sa.UniqueConstraint("token", name=op.f("uq_forms_token")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "confirmations",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("org", _NUMBER, nullable=False),
        sa.Column("form", _NUMBER, nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["org", "form"], ["forms.org", "forms.id"], name=op.f("fk_confirmations_forms")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_confirmations")),
    )
    op.create_index("ix_confirmations_key", "confirmations", ["org", "key", "requested_at"])
    op.create_index("ix_confirmations_network", "confirmations", ["org", "network", "requested_at"])
