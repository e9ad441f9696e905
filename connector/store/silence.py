"""A host that falls silent is taken for gone within seconds, on both ends of a connection to PostgreSQL; and so is a
process that stands still with a lock in its hands."""

from __future__ import annotations

from typing import Any

#: A database's host that fell silent is noticed in seconds, not after the system's two hours.
NOTICES_SILENCE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
#: And so is ours by the database: else a host that was cut off would keep its locks, the one of liveness among them.
LET_GO = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 15000"
)
#: An opt-out that waits for somebody's lock is answered 503 in time, instead of holding a thread for good; and who was
#: stopped in the middle of a transaction loses it, so that the next attempt passes.
LOSE_PATIENCE = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'"
#: For a transaction whose rows are streamed to the last: it waits for their reader, and is not planned for the first of
#: them, which costs ten times as much on a table that was just filled.
STREAM = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL cursor_tuple_fraction = 1"
