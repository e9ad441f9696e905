"""Webhooks: subscribe, unsubscribe, see what was delivered, deliver again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from connector.domain.errors import Invalid, NotFound
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.house import house
from schemas import events, resources

blueprint = Blueprint("hooks", __name__, url_prefix="/v1/webhooks")


@blueprint.get("")
@endpoint("read")
def webhooks(who: Who) -> Any:
    return house().webhooks.page(who, *page_limits())


@blueprint.post("")
@endpoint("write", keyed=False)  # its answer holds a secret that is shown once
def subscribe(who: Who) -> Answer:
    values = resources.load(resources.WebhookResource(), json_object())
    here = house()
    # Whole: who subscribed is elsewhere, and some builders unsubscribe at this very address.
    return created(f"{here.public_url}/v1/webhooks", here.webhooks.make(who, values))


@blueprint.get("/samples/<event>")
@endpoint()
def sample(_who: Who, event: str) -> Any:
    """What an event looks like, in the form that is delivered by default or in the one asked for."""
    found, form = events.type_of(event), request.args.get("format", "standard")
    if found is None:
        raise NotFound("There is no such event.")
    if form not in ("standard", "flat"):
        raise Invalid.at("/format", "not_allowed", "must be one of standard, flat")
    return events.body_of(events.sample(found), form)


@blueprint.get("/<name>")
@endpoint("read")
def webhook(who: Who, name: str) -> Any:
    return house().webhooks.get(who, name)


@blueprint.patch("/<name>")
@endpoint("write")
def change(who: Who, name: str) -> Any:
    values = resources.load(resources.WebhookResource(partial=True), json_object())
    return house().webhooks.change(who, name, values)


@blueprint.delete("/<name>")
@endpoint("write")
def unsubscribe(who: Who, name: str) -> Any:
    house().webhooks.drop(who, name)
    return {"deleted": True}


@blueprint.get("/<name>/deliveries")
@endpoint("read")
def deliveries(who: Who, name: str) -> Any:
    return house().webhooks.deliveries(who, name, *page_limits())


@blueprint.post("/<name>/deliveries/<delivery>/replay")
@endpoint("write")
def replay(who: Who, name: str, delivery: str) -> Any:
    return house().webhooks.replay(who, name, delivery)
