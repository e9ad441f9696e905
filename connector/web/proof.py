"""Proof of consent for one address, for machines and to print."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from connector.domain.errors import Invalid
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.endpoint import endpoint
from connector.web.house import house
from connector.web.proof_page import POLICY, proof_page
from connector.web.reading import person_in_query

blueprint = Blueprint("proof", __name__, url_prefix="/v1")

_FORMATS = {"application/json": "json", "text/html": "html"}
_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept", "X-Content-Type-Options": "nosniff"}


@blueprint.get("/proof")
@endpoint("read", also=("text/html",))
def proof(who: Who) -> Any:
    """JSON or a page: by ``?format=``, else as the caller accepts."""
    form = request.args.get("format") or _FORMATS[request.accept_mimetypes.best_match(_FORMATS) or "application/json"]
    if form not in _FORMATS.values():
        raise Invalid.at("/format", "not_allowed", "must be one of json, html")
    found = house().history.proof(who, person_in_query(who))
    if form == "json":
        return Answer(200, found, _PRIVATE)
    policy = {"Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'", "Referrer-Policy": "no-referrer"}
    return Response(proof_page(found), headers=_PRIVATE | policy)
