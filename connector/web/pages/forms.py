"""Opt-in forms: made with the page before one's eyes, embedded, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from connector.domain.errors import Invalid
from connector.engine.targets import Who
from connector.web import offers, safety
from connector.web.endpoint import page_limits
from connector.web.form_body import chosen, flag, lines, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.public.forms import preview
from connector.web.public.page import document, policy
from connector.web.shown import text as said
from connector.web.texts import _
from schemas.forms import FormResource
from schemas.resources import load

blueprint = Blueprint("console_forms", __name__, url_prefix="/forms")

_FIELDS = {
    "channel": text, "description": text, "confirmation_message": text, "button_text": text, "double_opt_in": flag,
    "allowed_origins": lines, "lists": chosen, "sender": text,
}  # fmt: skip
_NEW: dict[str, Any] = {
    "channel": "sms", "description": "", "confirmation_message": "Thank you.", "button_text": "Subscribe",
    "double_opt_in": False, "allowed_origins": [], "lists": [], "sender": None,
}  # fmt: skip


@blueprint.get("")
@page("read")
def all_forms(who: Who) -> Response:
    names = {one["id"]: one["name"] for one in house().lists.all(who)}
    return show("forms.html", forms=house().public.forms.page(who, *page_limits(usual=25)), names=names)


@blueprint.get("/new")
@page("write")
def new(who: Who) -> Response:
    return _show(who, None, _NEW)


@blueprint.post("")
@page("write")
def make(who: Who) -> Response:
    body = _body()
    try:
        made = house().public.forms.make(who, load(FormResource(), body))
    except Invalid as error:
        return _show(who, None, body, error)
    say(_("The form is made. Put its code on your page, or send its address."))
    return go(url_for(".one", name=made["id"]))


@blueprint.get("/<name>")
@page("read")
def one(who: Who, name: str) -> Response:
    found = house().public.forms.get(who, name)
    return _show(who, found, found)


@blueprint.post("/<name>")
@page("write")
def change(who: Who, name: str) -> Response:
    found, body = house().public.forms.get(who, name), _body()
    try:
        house().public.forms.change(who, name, load(FormResource(partial=True), body))
    except Invalid as error:
        return _show(who, found, body, error)
    say(_("The form is changed, wherever it is embedded."))
    return go(url_for(".one", name=name))


@blueprint.post("/<name>/delete")
@page("write")
def drop(who: Who, name: str) -> Response:
    house().public.forms.drop(who, name)
    say(_("The form is deleted. Where it is embedded, nothing stands any more."))
    return go(url_for(".all_forms"))


@blueprint.get("/<name>/preview")
@page("read")
def kept(who: Who, name: str) -> Response:
    """The page of a form, to be shown within ours."""
    return _framed(preview(house().public.forms.kept(who, name)))


@blueprint.post("/preview")
@page("write")
def tried(who: Who) -> Response:
    """The page that these values would make."""
    try:
        return _framed(preview(house().public.forms.tried(who, load(FormResource(), _body()))))
    except Invalid as error:
        faults = Markup("").join(
            Markup('<p class="bad">{} {}</p>').format(one.pointer.strip("/").replace("_", " "), said(one.detail))
            for one in error.faults
        )
        return _framed(document(_("Not yet"), (faults,), framed=True))


def _body() -> dict[str, Any]:
    body = read_form(_FIELDS)
    optional = {name: _NEW[name] for name in ("confirmation_message", "button_text") if body[name] is None}
    return {**body, **optional, "lists": body["lists"] or ["default"]}


def _framed(html: str) -> Response:
    """A page that only pages of ours may frame, and in which nothing runs."""
    headers = {"Content-Security-Policy": policy(["'self'"]), "Cache-Control": "no-store"}
    return Response(html, headers=headers)


def _show(who: Who, found: Any, values: Mapping[str, Any], error: Invalid | None = None) -> Response:
    here = house()
    answer = show(
        "form.html", _status=422 if error else 200, found=found, values=values, was_sent=request.method == "POST",
        faults=by_field(error) if error else {}, channels=offers.channels(all_too=False),
        lists=offers.lists(here.lists.all(who)), senders=offers.senders(here.setup.senders(who)),
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = f"{safety.policy()}; frame-src 'self'"
    return answer
