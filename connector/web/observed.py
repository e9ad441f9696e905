"""Every call gets an id, a line in the log and a count. The line names the route: a path may hold a token."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from connector.domain.redacting import redacted
from connector.engine import meters

log = structlog.get_logger()

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def watch(app: Flask) -> None:
    """Watch every call of an app."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    environ = request.environ
    environ["heed.began"] = time.monotonic()
    clear_contextvars()
    bind_contextvars(request_id=_id(environ.get("HTTP_X_REQUEST_ID")))


def _end(response: Response) -> Response:
    environ, rule = request.environ, request.url_rule
    seconds = time.monotonic() - environ["heed.began"]
    method, route = request.method if rule else "other", rule.rule if rule else "none"
    meters.calls.labels(method, route, str(response.status_code)).inc()
    meters.call_seconds.observe(seconds)
    response.headers["X-Request-Id"] = structlog.contextvars.get_contextvars()["request_id"]
    log.info("call", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    return response


def _id(given: str | None) -> str:
    """The caller's own id, where it is one and names nobody; else a new one."""
    if given is not None and _ID.fullmatch(given) and redacted(given) == given:
        return given
    return secrets.token_hex(8)
