"""Opt-in forms as their owners keep them, and the links of one person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from connector.domain.words import Source
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.house import house
from connector.web.public.forms import preview
from connector.web.public.page import policy
from connector.web.reading import person_in
from schemas.forms import FormResource, PersonLinks
from schemas.resources import load

blueprint = Blueprint("forms", __name__, url_prefix="/v1")

_PAGE = ("text/html",)


@blueprint.get("/forms")
@endpoint("read")
def page(who: Who) -> Any:
    return house().public.forms.page(who, *page_limits())


@blueprint.post("/forms")
@endpoint("write")
def make(who: Who) -> Answer:
    return created("/v1/forms", house().public.forms.make(who, load(FormResource(), json_object())))


@blueprint.post("/forms/preview")
@endpoint("write", keyed=False, also=_PAGE)
def try_out(who: Who) -> Response:
    return _preview(house().public.forms.tried(who, load(FormResource(), json_object())))


@blueprint.get("/forms/<name>")
@endpoint("read")
def one(who: Who, name: str) -> Any:
    return house().public.forms.get(who, name)


@blueprint.get("/forms/<name>/preview")
@endpoint("read", also=_PAGE)
def show(who: Who, name: str) -> Response:
    return _preview(house().public.forms.kept(who, name))


@blueprint.patch("/forms/<name>")
@endpoint("write")
def change(who: Who, name: str) -> Any:
    return house().public.forms.change(who, name, load(FormResource(partial=True), json_object()))


@blueprint.delete("/forms/<name>")
@endpoint("write")
def drop(who: Who, name: str) -> Any:
    house().public.forms.drop(who, name)
    return {"deleted": True}


@blueprint.post("/profiles/links")
@endpoint("write", source=Source.OPERATOR)
def links(who: Who) -> Any:
    """The links of one person, to be put into whatever is sent to them from elsewhere."""
    values = load(PersonLinks(), json_object())
    return house().public.person_links.of(who, person_in(who, values), values["channel"], values["lists"])


def _preview(form: Any) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy(()), "X-Content-Type-Options": "nosniff"}
    return Response(preview(form), headers=headers)
