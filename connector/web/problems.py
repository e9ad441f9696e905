"""Errors as RFC 9457 problems, one shape for all of them, every fault with its JSON pointer."""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from connector.domain.errors import Fault, HeedError, Invalid, Unauthorised, Unavailable, innermost

log = structlog.get_logger()


def register(app: Flask) -> None:
    app.register_error_handler(HeedError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem document."""
    body: dict[str, Any] = {
        "type": f"urn:heed:problem:{code}", "title": title, "status": status, "detail": detail,
        "instance": request.path,
        "errors": [{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in faults],
    }  # fmt: skip
    return Response(orjson.dumps(body), status, headers, content_type="application/problem+json")


def _ours(error: HeedError) -> Response:
    headers = {}
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "1"
    faults = error.faults if isinstance(error, Invalid) else ()
    if error.status >= 500:
        log.error("call_failed", code=error.code, path=_route(), cause=type(error.__cause__).__name__)
    detail = error.detail
    if faults:
        detail = "; ".join(f"{one.pointer or 'the body'} {one.detail}" for one in faults[:3])
    return problem(error.status, error.code, (type(error).__doc__ or "").strip(), detail, faults, headers)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = (error.name or "error").lower().replace(" ", "_")
    return problem(status, code, error.name or "Error", error.description or "", headers=headers)


def _crash(error: Exception) -> Response:
    # The message may hold a value somebody sent; its type and place are enough to find the fault.
    log.error("crashed", error=type(error).__name__, where=innermost(error), path=_route())
    return problem(500, "internal_error", "Something went wrong in Heed.", "The fault was logged.")


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "?"
