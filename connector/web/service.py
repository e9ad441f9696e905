"""The service's own pages: inbound messages, health, the API's description."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, request

from connector.builders.docs_page import docs_page
from connector.builders.openapi import openapi
from connector.domain.messages import InboundRequest
from connector.web import body
from connector.web.endpoint import respond
from connector.web.house import house

blueprint = Blueprint("service", __name__)


@blueprint.post("/in/<token>")
def inbound(token: str) -> Response:
    """A provider's call: its bytes are read as they came, and nothing of it is believed before it is verified."""
    answer = house().inbox.receiver.receive(token, lambda: _call(body.raw()))
    return Response(status=204) if answer.status == 204 else respond(answer)


@blueprint.get("/in/<token>")
def challenge(token: str) -> Response:
    """A provider asks whether this address is ours; the answer is what it sent, plain text and nothing else."""
    said = house().inbox.receiver.challenge(token, _call(b""))
    return Response(said, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})


def _call(content: bytes) -> InboundRequest:
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return InboundRequest(
        request.method,
        f"{house().public_url}{request.path}{query}",
        {name.lower(): value for name, value in request.headers.items()},
        content,
    )


@blueprint.get("/healthz")
def healthz() -> Any:
    """The process runs."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> Any:
    """The database answers and is up to date, so calls can be answered: opt-outs too where nothing is sent."""
    seen = house().operations.ready()
    body = {"status": seen.status, "checks": seen.checks, **({"detail": seen.detail} if seen.detail else {})}
    return body, 200 if seen.can_answer else 503


@blueprint.get("/openapi.json")
def description() -> Any:
    return _document()


@blueprint.get("/docs")
def docs() -> Response:
    """The same, for people."""
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(docs_page(_document()), headers=policy)


def _document() -> dict[str, Any]:
    here = house()
    return _made(tuple(here.catalog.listed), here.public_url)


@lru_cache(maxsize=4)
def _made(_actions: tuple[str, ...], public_url: str) -> dict[str, Any]:
    """Made once for a catalogue: it takes a tenth of a second."""
    return openapi([one.publish() for one in house().catalog.listed.values()], public_url)
