"""The side panel: one person, small enough to stand beside a conversation, in an iframe of pages that may show it.

A browser sends no cookie to a frame within another site, so an inbox asks the API for a ticket (``/v1/panel-tickets``),
which opens this panel and nothing else, in the name of one of its agents.
"""

from __future__ import annotations

from flask import Blueprint, Response, g

from connector.domain.errors import Invalid
from connector.engine.targets import Who
from connector.web import safety
from connector.web.address import typed
from connector.web.house import house
from connector.web.page import page, show
from connector.web.pages.people import known, read

blueprint = Blueprint("panel", __name__)


@blueprint.get("/panel")
@page("read", ticket=True)
def panel(who: Who) -> Response:
    address, ticket = typed(), g.get("ticket", "")
    try:
        found = known(who, read(who, address)) if address else {}
        answer = show("panel.html", **{"q": address, "ticket": ticket, **found})
    except Invalid as error:
        answer = show("panel.html", q=address, ticket=ticket, fault=error.faults[0].detail)
    origins = house().desk.staff.panel.origins(who)
    answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    answer.headers["Content-Security-Policy"] = safety.policy(("'self'", *origins))
    return answer
