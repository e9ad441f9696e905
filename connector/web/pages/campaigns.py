"""Campaigns: all of them, and a new one composed, with a look at how its messages will read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import HeedError, Invalid
from connector.domain.ids import public_id
from connector.domain.recipients import read_person
from connector.domain.words import Channel
from connector.engine.previewing import sample_for
from connector.engine.targets import Who
from connector.web.campaign_form import EMPTY, UNITS, body_of, sample, turned, typed
from connector.web.campaigns import public_campaign
from connector.web.endpoint import page_limits
from connector.web.house import house
from connector.web.page import go, page, say, show
from connector.web.reading import region_of
from connector.web.texts import _
from schemas import campaigns as of_campaigns
from schemas import resources

blueprint = Blueprint("campaign_list", __name__)

_NEW: dict[str, Any] = {
    "name": None, "sender": None, "lists": ["default"], "purpose": "marketing", "require_opt_in": "false",
    "groups": [], "on_opt_out": "exit", "timezone": "UTC", "quiet_hours": None, "exit_on_reply": False,
    "re_entry": "never",
}  # fmt: skip


@blueprint.get("/campaigns")
@page("read")
def all_campaigns(who: Who) -> Response:
    found, cursor = house().journal.campaigns(who, *page_limits(most=100, usual=50))
    return show("campaigns.html", campaigns=[public_campaign(one) for one in found], next_cursor=cursor)


@blueprint.get("/campaigns/new")
@page("send")
def new(who: Who) -> Response:
    kind = "sequence" if request.args.get("kind") == "sequence" else "broadcast"
    return _form(who, {**_NEW, "kind": kind, "steps": [dict(EMPTY)]}, {})


@blueprint.post("/campaigns/draft")
@page("send")
def draft(who: Who) -> Response:
    """The form again with a step more or fewer, or with the messages as somebody would get them. Nothing is kept."""
    values, wish = typed(), request.form.get("do", "")
    shown = _previews(who, values) if wish == "preview" else []
    return _form(who, turned(values, wish), {}, previews=shown, status=200)


@blueprint.post("/campaigns")
@page("send")
def make(who: Who) -> Response:
    values = typed()
    try:
        made = house().campaigns.make(who, resources.load(of_campaigns.CampaignResource(), body_of(values)))
    except Invalid as error:
        return _form(who, values, _faults(error))
    say(_("It is a draft: nobody gets anything before you start it."))
    return go(url_for("campaign.overview", name=public_id("campaign", made.id)))


def _form(
    who: Who, values: dict[str, Any], faults: dict[str, str], *, previews: list[dict[str, Any]] | None = None,
    status: int | None = None,
) -> Response:  # fmt: skip
    here = house()
    return show(
        "campaign_form.html", _status=status or (422 if faults else 200), values=values, faults=faults, units=UNITS,
        senders=here.setup.senders(who), lists=here.lists.all(who), groups=here.desk.groups.all(who),
        previews=previews or [], given=request.form,
    )  # fmt: skip


def _previews(who: Who, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Each message as the sample person would get it, or why they would not."""
    try:
        person = sample()
    except HeedError as error:
        return [{"fault": error.detail} for _step in values["steps"]]
    channel = next((one["channel"] for one in house().setup.senders(who) if one["id"] == values["sender"]), "sms")
    if not person.keys() & {"number", "email"}:
        person |= sample_for(Channel[channel.upper()])
    read = read_person(person, "", region_of(who))
    return [_preview(who, values, step, read) for step in values["steps"]]


def _preview(who: Who, values: dict[str, Any], step: dict[str, Any], person: Any) -> dict[str, Any]:
    parts = {name: step[name] for name in ("text", "subject", "html")}
    try:
        if not values["sender"]:
            raise Invalid.at("/sender", "required", _("choose a sender first"))
        return house().desk.previewing.show(who, values, parts, person)
    except Invalid as error:
        return {"fault": "; ".join(f"{one.pointer.strip('/')} {one.detail}".strip() for one in error.faults)}


def _faults(error: Invalid) -> dict[str, str]:
    """What is wrong by the field's name; of a step, by ``steps.2.text``."""
    found: dict[str, str] = {}
    for fault in error.faults:
        parts = fault.pointer.strip("/").split("/")
        name = ".".join(parts[:3]) if parts[0] == "steps" else parts[0]
        name = name.replace(".delay", ".amount")
        found[name] = f"{found[name]}; {fault.detail}" if name in found else fault.detail
    return found
