"""The review queue: replies that sound like a refusal, and what somebody decides they meant."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Conflict
from connector.engine.targets import Who
from connector.web.endpoint import page_limits
from connector.web.form_body import read_form, text
from connector.web.house import house
from connector.web.page import go, page, say, show
from connector.web.texts import _
from schemas import inbox, resources

blueprint = Blueprint("reviews", __name__)


@blueprint.get("/reviews")
@page("read")
def queue(who: Who) -> Response:
    status = request.args.get("status") or "open"
    return show("reviews.html", reviews=house().inbox.reviews.page(who, status, *page_limits(usual=25)), status=status)


@blueprint.post("/reviews/<name>")
@page("write")
def decide(who: Who, name: str) -> Response:
    decision = resources.load(inbox.Decision(), read_form({"decision": text}))["decision"]
    try:
        _body, settled = house().inbox.reviews.decide(who, name, decision)
    except Conflict as error:
        say(error.detail, tone="warn")
    else:
        say(_DONE[decision]() if settled else _("Opted out. A message that was on its way may still arrive."))
    return go(url_for(".queue"))


_DONE = {
    "opt_out": lambda: _("Opted out: it was a no."),
    "dismiss": lambda: _("Left as it is: it was no refusal."),
}
