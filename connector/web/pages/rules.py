"""Rules, beginnings of messages that mean in or out; and the ready keyword packs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Invalid
from connector.engine.packs import packs
from connector.engine.targets import Who
from connector.web import offers
from connector.web.endpoint import page_limits
from connector.web.form_body import chosen, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from schemas import inbox, resources

blueprint = Blueprint("rules", __name__, url_prefix="/replies")

_FIELDS = {"begins_with": text, "state": text, "channel": text, "sender": text, "lists": chosen}


@blueprint.get("/rules")
@page("read")
def all_rules(who: Who) -> Response:
    return _show(who)


@blueprint.post("/rules")
@page("write")
def make(who: Who) -> Response:
    body = read_form(_FIELDS)
    body["lists"] = body["lists"] or ["default"]
    try:
        made = house().inbox.rules.make(who, resources.load(inbox.RuleResource(), body))
    except Invalid as error:
        return _show(who, body, error)
    say(_("The rule is kept."), undo=(url_for(".drop", name=made["id"]), {}))
    return go(url_for(".all_rules"))


@blueprint.post("/rules/<name>/delete")
@page("write")
def drop(who: Who, name: str) -> Response:
    rules = house().inbox.rules
    found = rules.get(who, name)
    rules.drop(who, name)
    kept = {name: found[name] or "" for name in ("begins_with", "state", "channel", "sender")}
    say(_("The rule is deleted."), undo=(url_for(".make"), {**kept, "lists": "\n".join(found["lists"])}))
    return go(url_for(".all_rules"))


@blueprint.get("/packs")
@page("read")
def packs_of(_who: Who) -> Response:
    asked = request.args.get("q", "").strip().casefold()
    found = {
        name: pack
        for name, pack in packs().items()
        if asked in " ".join((name, *pack["opt_out"], *pack["opt_in"])).casefold()
    }
    return show("packs.html", packs=found)


def _show(who: Who, given: Mapping[str, Any] | None = None, error: Invalid | None = None) -> Response:
    here = house()
    every = here.lists.all(who)
    return show(
        "rules.html", _status=422 if error else 200, rules=here.inbox.rules.page(who, *page_limits(usual=50)),
        given=given or {}, faults=by_field(error) if error else {}, channels=offers.channels(),
        senders=offers.senders(here.setup.senders(who)), lists=offers.lists(every),
        names={one["id"]: one["name"] for one in every},
    )  # fmt: skip
