"""Webhooks: who is told of what, what was delivered, once more on request, and samples of every event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, url_for

from connector.domain.errors import Invalid
from connector.engine.targets import Who
from connector.web import elsewhere
from connector.web.endpoint import page_limits
from connector.web.form_body import chosen, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from connector.web.texts import marked as later
from schemas import events, resources

blueprint = Blueprint("console_hooks", __name__, url_prefix="/webhooks")

#: What each event tells of.
EVENTS = {
    events.OPTED_OUT: later("Somebody opted out"), events.OPTED_IN: later("Somebody opted in"),
    events.KEYWORD: later("A keyword came in"), events.SKIPPED: later("A message was skipped"),
    events.SENT: later("A message was sent"), events.FAILED: later("A message failed"),
}  # fmt: skip
_FIELDS = {"url": text, "events": chosen, "format": text, "expires_at": text}
_NEW = {"url": "", "events": [events.OPTED_OUT, events.OPTED_IN], "format": "standard"}


@blueprint.get("")
@page("read")
def all_hooks(who: Who) -> Response:
    return show("webhooks.html", hooks=house().webhooks.page(who, *page_limits(usual=25)), said=EVENTS)


@blueprint.get("/new")
@page("write")
def new(who: Who) -> Response:
    return _show(who, None, _NEW)


@blueprint.post("")
@page("write")
def subscribe(who: Who) -> Response:
    """Its answer is the only page that ever shows the secret, so it leads nowhere else."""
    body = read_form(_FIELDS)
    try:
        made = house().webhooks.make(who, resources.load(resources.WebhookResource(), body))
    except Invalid as error:
        return _show(who, None, body, error)
    return _show(who, made, made, secret=made["secret"])


@blueprint.get("/samples")
@page("read")
def samples(_who: Who) -> Response:
    found = [(name, label, _both(name)) for name, label in EVENTS.items()]
    return show("webhook_samples.html", samples=found)


@blueprint.get("/<name>")
@page("read")
def one(who: Who, name: str) -> Response:
    found = house().webhooks.get(who, name)
    return _show(who, found, found)


@blueprint.post("/<name>")
@page("write")
def change(who: Who, name: str) -> Response:
    found, body = house().webhooks.get(who, name), read_form(_FIELDS)
    try:
        house().webhooks.change(who, name, resources.load(resources.WebhookResource(partial=True), body))
    except Invalid as error:
        return _show(who, found, body, error)
    say(_("The webhook is changed."))
    return go(url_for(".one", name=name))


@blueprint.post("/<name>/on")
@page("write")
def switch_on(who: Who, name: str) -> Response:
    """Another chance for one that was switched off."""
    house().webhooks.change(who, name, {"url": house().webhooks.get(who, name)["url"]})
    say(_("It is told of everything again, from now on."))
    return go(url_for(".one", name=name))


@blueprint.post("/<name>/delete")
@page("write")
def unsubscribe(who: Who, name: str) -> Response:
    house().webhooks.drop(who, name)
    say(_("The webhook is deleted: nothing more is told there."))
    return go(url_for(".all_hooks"))


@blueprint.post("/<name>/deliveries/<delivery>/replay")
@page("write")
def replay(who: Who, name: str, delivery: str) -> Response:
    house().webhooks.replay(who, name, delivery)
    say(_("It is delivered once more, under the same id."))
    return go(url_for(".one", name=name))


def _both(event: str) -> dict[str, str]:
    """A sample in either form."""
    sample = events.sample(event)
    return {form: elsewhere.pretty(events.body_of(sample, form)) for form in ("standard", "flat")}


def _show(
    who: Who, found: Any, values: Mapping[str, Any], error: Invalid | None = None, secret: str = ""
) -> Response:  # fmt: skip
    deliveries = house().webhooks.deliveries(who, found["id"], *page_limits(usual=25)) if found else None
    return show(
        "webhook.html", _status=422 if error else 200, found=found, values=values, secret=secret, said=EVENTS,
        faults=by_field(error) if error else {}, deliveries=deliveries,
        events=[(name, f"{_(label)} ({name})") for name, label in EVENTS.items()],
    )  # fmt: skip
