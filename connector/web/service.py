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


@blueprint.route("/in/<token>", methods=["POST"])
def inbound(token: str) -> Response:
    """A provider's call: its bytes are read as they came, and nothing of it is believed before it is verified."""
    here = house()
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    call = InboundRequest(
        request.method,
        f"{here.public_url}{request.path}{query}",
        {name.lower(): value for name, value in request.headers.items()},
        body.raw(),
    )
    return respond(here.receiver.receive(token, call))


@blueprint.get("/healthz")
def healthz() -> Any:
    """The process runs."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> Any:
    """The database answers, so calls can be answered."""
    ready = house().is_ready()
    return {"status": "ok" if ready else "no database"}, 200 if ready else 503


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
