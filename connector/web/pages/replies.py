"""Smart replies: what people ask, what they are told and what is done; their order; and a phone to try them on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.attributes import attributes
from connector.domain.errors import Invalid
from connector.engine.targets import Who
from connector.web import bench, offers
from connector.web.catalogue import options_of
from connector.web.form_body import lines, read_form, text, whole
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.phone import phone
from connector.web.texts import _
from schemas import inbox, resources

blueprint = Blueprint("replies", __name__, url_prefix="/replies")

_FIELDS = {"keywords": lines, "match": text, "channel": text, "sender": text, "reply": text, "priority": whole}
_NEW: dict[str, Any] = {"keywords": [], "match": "contains", "channel": "all", "priority": 100, "actions": []}
#: What a smart reply's mapping sees, for the picker.
SAMPLE = {
    "message": {
        "id": "m-1", "from": "+14155550123", "to": "+15005550006", "text": "What are your hours?", "channel": "sms",
        "received_at": "2026-01-31T09:30:00.000000Z",
    },
    "contact": {"number": "+14155550123", "email": None, "attributes": {"first_name": "Ada"}},
}  # fmt: skip


@blueprint.get("")
@page("read")
def all_replies(who: Who) -> Response:
    return show("replies.html", replies=house().inbox.replies.in_order(who), phone=phone(who))


@blueprint.post("/try")
@page("read")
def try_out(who: Who) -> Response:
    """A message that nobody wrote, typed on the phone."""
    tried = phone(who, request.form)
    return show(
        "replies.html", _status=422 if tried.fault else 200, replies=house().inbox.replies.in_order(who), phone=tried
    )


@blueprint.get("/new")
@page("write")
def new(who: Who) -> Response:
    return _form(who, None, _NEW)


@blueprint.post("")
@page("write")
def make(who: Who) -> Response:
    return _keep(who, None)


@blueprint.get("/<name>")
@page("read")
def one(who: Who, name: str) -> Response:
    found = house().inbox.replies.get(who, name)
    return _form(who, found, found)


@blueprint.post("/<name>")
@page("write")
def change(who: Who, name: str) -> Response:
    return _keep(who, house().inbox.replies.get(who, name))


@blueprint.post("/<name>/move")
@page("write")
def move(who: Who, name: str) -> Response:
    house().inbox.replies.move(who, name, -1 if request.form.get("by") == "up" else 1)
    return go(url_for(".all_replies"))


@blueprint.post("/<name>/delete")
@page("write")
def drop(who: Who, name: str) -> Response:
    house().inbox.replies.drop(who, name)
    say(_("The smart reply is deleted."))
    return go(url_for(".all_replies"))


def _keep(who: Who, found: Mapping[str, Any] | None) -> Response:
    """What the form says, kept; or the form again, with its faults, or with one action more or less."""
    body = read_form(_FIELDS)
    given, faults = _actions()
    if request.form.get("do"):
        return _form(who, found, {**body, "actions": given})
    replies = house().inbox.replies
    try:
        if faults:
            raise Invalid(faults)
        values = resources.load(inbox.SmartReply(), {**body, "actions": given})
        _kept = replies.change(who, found["id"], values) if found else replies.make(who, values)
    except Invalid as error:
        return _form(who, found, {**body, "actions": given}, error)
    say(_("The smart reply is kept."))
    return go(url_for(".all_replies"))


def _actions() -> tuple[list[dict[str, Any]], list[Any]]:
    """The actions of the form in their order, after what was asked to be done with them; and unreadable fields."""
    form, catalog, found, faults = request.form, house().catalog.listed, [], []
    do, _colon, which = form.get("do", "").partition(":")
    for place, name in enumerate(form.getlist("action")):
        if name not in catalog or (do == "drop" and which == str(place)):
            continue
        given = bench.typed(catalog[name].input_schema, form, f"a{place}_")
        found.append({"action": name, "mapping": given.mapping})
        faults += [bench.under(f"/actions/{place}/mapping", one) for one in given.faults]
    added = form.get("add", "")
    if do == "add" and added in catalog:
        found.append({"action": added, "mapping": {}})
    return found, faults


def _form(who: Who, found: Any, values: Mapping[str, Any], error: Invalid | None = None) -> Response:
    here = house()
    offer = bench.remembered(lambda source: options_of(who, source, "", None)["options"])
    drawn = [
        {
            **one, "title": here.catalog.find(one["action"]).action.title,
            "rules": bench.rules_of(one["mapping"]),
            "fields": _fields(here.catalog.find(one["action"]).input_schema, offer, one["mapping"], place, error),
            "faults": bench.faults_under(f"/actions/{place}/mapping", error.faults if error else ()),
            "made": here.corridor.preview(who, one["action"], one["mapping"], SAMPLE)["input"],
        }
        for place, one in enumerate(values["actions"])
    ]  # fmt: skip
    return show(
        "reply.html", _status=422 if error else 200, found=found, values=values, drawn=drawn,
        faults=by_field(error) if error else {}, senders=offers.senders(here.setup.senders(who)),
        channels=offers.channels(), brief=bench.brief,
        actions=here.catalog.publish()["actions"], offered=attributes(SAMPLE),
    )  # fmt: skip


def _fields(schema: Any, offer: bench.Offer, mapping: Any, place: int, error: Invalid | None) -> list[bench.Drawn]:
    """As they stood in the form where something was wrong with it; else as the mapping has them."""
    return bench.redrawn(schema, offer, request.form, f"a{place}_") if error else bench.drawn(schema, offer, mapping)
