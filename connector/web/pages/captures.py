"""Capturing one real request for the workbench: the address it is sent to, and the page that waits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from connector.domain.errors import HeedError, Malformed, TooLarge, UnsupportedMedia
from connector.engine.targets import Who
from connector.web.body import payload
from connector.web.house import house
from connector.web.page import page
from connector.web.pages.workbench import shown, typed

blueprint = Blueprint("captures", __name__)

#: A payload is as large as this, in bytes.
LARGEST = 64 * 1024


@blueprint.route("/hook/<token>", methods=["POST", "PUT"])
def take(token: str) -> Any:
    """Whatever a flow sends: its body is kept for some minutes, its headers and its query never."""
    captures = house().desk.captures
    try:
        if (request.content_length or 0) > LARGEST:
            raise TooLarge("At most 64 KB are captured.")
        request.max_content_length = LARGEST
        data = payload()
    except (Malformed, UnsupportedMedia, TooLarge) as error:
        captures.refuse(token, _why(error))
        raise
    captures.take(token, data)
    return {"captured": True}


@blueprint.post("/workbench/<action>/capture")
@page("read")
def wait(who: Who, action: str) -> Response:
    """Open an address and wait, or look whether something came; what was typed meanwhile stays."""
    captures, listed = house().desk.captures, house().catalog.find(action)
    asked = request.form.get("look", "")
    if asked == "stop":
        captures.close(g.session)
        return shown(who, listed, typed(who, listed))
    return shown(who, listed, typed(who, listed), waits_at=asked or captures.open(g.session))


def _why(error: HeedError) -> str:
    return "; ".join(one.detail for one in error.faults) if isinstance(error, Malformed) else error.detail
