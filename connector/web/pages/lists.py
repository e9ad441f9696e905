"""Opt-out lists: all of them, one with its settings, made, changed and deleted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Conflict, HeedError, Invalid
from connector.domain.ids import row_number
from connector.engine.packs import packs
from connector.engine.targets import Who
from connector.web.form_body import chosen, flag, lines, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, may, page, say, show
from connector.web.texts import _
from connector.web.texts import marked as later
from schemas import resources

blueprint = Blueprint("lists", __name__)

#: The four messages, in the order in which people meet them.
MESSAGES = (
    ("first_opt_out", later("When somebody opts out")),
    ("already_opt_out", later("When they had opted out before")),
    ("first_opt_in", later("When somebody opts in")),
    ("already_opt_in", later("When they had opted in before")),
)
_FIELDS = {
    "name": text, "description": text, "keywords": lines, "opt_in_keywords": lines, "keyword_packs": chosen,
    "keyword_scope": text, "protect": text, "send_response": flag, "sender": text, "webhook_url": text,
    "webhook_format": text,
    **{f"messages.{name}.{part}": text for name, _label in MESSAGES for part in ("text", "description")},
}  # fmt: skip
_NEW: dict[str, Any] = {
    "keywords": [], "opt_in_keywords": [], "keyword_packs": [], "messages": {}, "protect": "none",
    "keyword_scope": "channel", "webhook_format": "standard",
}  # fmt: skip


@blueprint.get("/lists")
@page("read", "lists:read")
def all_lists(who: Who) -> Response:
    return show("lists.html", lists=house().lists.all(who))


@blueprint.get("/lists/new")
@page("write")
def new(who: Who) -> Response:
    return _form(who, None, _NEW, {})


@blueprint.post("/lists")
@page("write")
def make(who: Who) -> Response:
    body = read_form({**_FIELDS, "key": text})
    try:
        made = house().lists.make(who, resources.load(resources.OptOutList(), body))
    except (Invalid, Conflict) as error:
        return _form(who, None, body, _faults(error))
    say(_("The list is made. Whoever writes one of its keywords is on it from now on."))
    return go(url_for("entries.people", name=made["key"]))


@blueprint.get("/lists/<name>/settings")
@page("read")
def settings(who: Who, name: str) -> Response:
    found = house().lists.get(who, name)
    return _form(who, found, found, {})


@blueprint.post("/lists/<name>/settings")
@page("write")
def change(who: Who, name: str) -> Response:
    found = house().lists.get(who, name)
    body = read_form(
        {field: reader for field, reader in _FIELDS.items() if not (found["is_default"] and field == "name")}
    )
    try:
        schema = resources.OptOutList(partial=True, exclude=("key",))
        house().lists.change(who, name, resources.load(schema, body))
    except (Invalid, Conflict) as error:
        return _form(who, found, {"name": found["name"], **body}, _faults(error))
    say(_("The list is changed."))
    return go(url_for("lists.settings", name=name))


@blueprint.post("/lists/<name>/delete")
@page("write")
def drop(who: Who, name: str) -> Response:
    found = house().lists.get(who, name)
    house().lists.drop(who, name)
    say(_("%(name)s is deleted. Who had opted out of it alone may be messaged again.") % {"name": found["name"]})
    return go(url_for("lists.all_lists"))


def _form(who: Who, found: dict[str, Any] | None, values: dict[str, Any], faults: dict[str, str]) -> Response:
    number = row_number("list", found["id"]) if found and found["webhook_url"] and may("write") else None
    return show(
        "list_form.html", _status=422 if faults else 200, found=found, values=values, faults=faults, messages=MESSAGES,
        packs=sorted(packs()), senders=house().setup.senders(who), is_new=found is None,
        secret=house().webhooks.list_secret(number) if number else None, was_sent=request.method == "POST",
    )  # fmt: skip


def _faults(error: HeedError) -> dict[str, str]:
    return by_field(error) if isinstance(error, Invalid) else {"": error.detail}
