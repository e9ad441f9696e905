"""``/metrics`` for Prometheus: counts and ages, nobody's data. HEED_METRICS_TOKEN locks it."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request

from connector.domain.errors import Unauthorised
from connector.web.house import house

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Everything that is counted, by all processes of this host, and what the database says."""
    asked = house().operations.metrics_token
    given = request.headers.get("Authorization", "")
    if asked is not None and not hmac.compare_digest(given.encode(), f"Bearer {asked}".encode()):
        raise Unauthorised("This page needs the token that HEED_METRICS_TOKEN names: Authorization: Bearer <token>.")
    return Response(house().operations.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
