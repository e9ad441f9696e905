"""Every call gets an id, a line in the log and a count. The line names the route: a path may hold a token.

Around the app and not in hooks of it, which cost each call as much as a route.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, has_request_context, request
from structlog.contextvars import bind_contextvars

from connector.domain.redacting import redacted
from connector.engine import meters

log = structlog.get_logger()

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def watch(app: Flask) -> None:
    """Watch every call of an app."""
    inner = app.wsgi_app

    def watched(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, name = time.monotonic(), _id(environ.get("HTTP_X_REQUEST_ID"))
        bind_contextvars(request_id=name)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            headers.append(("X-Request-Id", name))
            _tell(environ["REQUEST_METHOD"], int(status[:3]), time.monotonic() - began)
            return start_response(status, headers, *more)

        return inner(environ, start)

    app.wsgi_app = watched  # type: ignore[method-assign]


def _tell(method: str, status: int, seconds: float) -> None:
    rule = request.url_rule if has_request_context() else None
    method, route = (method, rule.rule) if rule is not None else ("other", "none")
    _count(method, route, status).inc()
    meters.call_seconds.observe(seconds)
    log.info("call", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


@lru_cache(maxsize=4096)
def _count(method: str, route: str, status: int) -> Any:
    """Looked up once: the labels' own look-up takes longer than the counting."""
    return meters.calls.labels(method, route, str(status))


def _id(given: str | None) -> str:
    """The caller's own id, where it is one and names nobody; else a new one."""
    if given is not None and _ID.fullmatch(given) and redacted(given) == given:
        return given
    return secrets.token_hex(8)
