"""What an account says to people who have just spoken, where their list has no words of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("messages", sa.JSON()))
    op.add_column("accounts", sa.Column("send_response", sa.Boolean(), nullable=False, server_default=sa.false()))
