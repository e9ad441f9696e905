"""Senders: how messages leave, and the address to paste at the provider."""

from __future__ import annotations

import json as written
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, url_for

from connector.domain.errors import Invalid
from connector.domain.words import CHANNEL_NAMES
from connector.engine.targets import Who
from connector.web.form_body import json, read_form, text, whole
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from connector.web.texts import marked as later
from schemas import resources

blueprint = Blueprint("senders", __name__)

#: What each provider wants to know, to be filled in; and where its people find the place for our address.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "console": {},
    "http_api": {"url": "https://api.example.com/messages", "headers": {"Authorization": "Bearer …"}},
    "smtp": {"host": "smtp.example.com", "port": 587, "security": "starttls", "username": "…", "password": "…"},
    "twilio": {"account_sid": "AC…", "auth_token": "…"},
    "whatsapp_cloud": {"phone_number_id": "…", "access_token": "…", "app_secret": "…", "verify_token": "…"},
}
PASTE = {
    "twilio": later("Twilio Console: the number's Messaging configuration, “A message comes in”, Webhook, HTTP POST."),
    "whatsapp_cloud": later("Meta App Dashboard: WhatsApp, Configuration, Webhook; the verify token is the one above."),
    "smtp": later("Post the raw mail that bounces to this address, or pipe it into: heed feedback -"),
    "http_api": later("Your gateway posts what people write to this address, as JSON: id, from, to, text, channel."),
    "console": later("Post a test message to this address, as JSON: id, from, to, text, channel."),
}
_FIELDS = {"provider": text, "channel": text, "number": text, "channel_id": whole, "settings": json}


@blueprint.get("/settings/senders")
@page("read")
def all_senders(who: Who) -> Response:
    return show("senders.html", senders=house().setup.senders(who))


@blueprint.get("/settings/senders/new")
@page("admin")
def new(_who: Who) -> Response:
    return _form(None, {"provider": "console", "settings": {}}, {})


@blueprint.post("/settings/senders")
@page("admin")
def make(who: Who) -> Response:
    body: dict[str, Any] = {}
    try:
        body = read_form(_FIELDS)
        made = house().setup.make_sender(who, resources.load(resources.SenderResource(), body))
    except Invalid as error:
        return _form(None, body or read_form({**_FIELDS, "settings": text}), _faults(error))
    say(_("The sender is made. Give its address to the provider, so that replies reach Heed."))
    return go(url_for("senders.one", name=made["id"]))


@blueprint.get("/settings/senders/<name>")
@page("read")
def one(who: Who, name: str) -> Response:
    found = house().setup.sender(who, name)
    return _form(found, found, {})


@blueprint.post("/settings/senders/<name>")
@page("admin")
def change(who: Who, name: str) -> Response:
    found = house().setup.sender(who, name)
    fields = {field: _FIELDS[field] for field in ("number", "channel_id", "settings")}
    body: dict[str, Any] = {}
    try:
        body = read_form(fields)
        body["settings"] = body["settings"] or {}
        values = resources.load(resources.SenderChange(partial=True), body)
        house().setup.change_sender(who, name, values)
    except Invalid as error:
        return _form(found, {**found, **(body or read_form({**fields, "settings": text}))}, _faults(error))
    say(_("The sender is changed. Secrets that were not written anew stay."))
    return go(url_for("senders.one", name=name))


def _form(found: dict[str, Any] | None, values: Mapping[str, Any], faults: dict[str, str]) -> Response:
    settings = values.get("settings")
    return show(
        "sender.html", _status=422 if faults else 200, found=found, values=values, faults=faults,
        channels=CHANNEL_NAMES[1:], providers=sorted(house().providers), paste=PASTE,
        settings=settings if isinstance(settings, str) else _pretty(settings or {}),
        examples={name: _pretty(example) for name, example in EXAMPLES.items()},
    )  # fmt: skip


def _pretty(value: Mapping[str, Any]) -> str:
    return written.dumps(value, indent=2, ensure_ascii=False) if value else ""


def _faults(error: Invalid) -> dict[str, str]:
    """A fault of the JSON itself has no pointer: it belongs to the settings, the only JSON there is."""
    found = by_field(error)
    if "" in found:
        found["settings"] = found.pop("")
    return found
