"""Which call something goes back to: the id that was bound to the log's context when the call came in."""

from __future__ import annotations

from structlog.contextvars import get_contextvars


def request_id() -> str | None:
    """The X-Request-Id of the call being answered; None where a worker acts on its own."""
    found: str | None = get_contextvars().get("request_id")
    return found
