"""The first page."""

from __future__ import annotations

from flask import Blueprint, Response

from connector.engine.targets import Who
from connector.web.page import page, show

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@page("read")
def home(_who: Who) -> Response:
    return show("home.html")
