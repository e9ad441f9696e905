"""Texts under names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.house import house
from schemas import resources

blueprint = Blueprint("templates", __name__, url_prefix="/v1/templates")


@blueprint.get("")
@endpoint("read")
def page(who: Who) -> Any:
    return house().desk.templates.page(who, *page_limits())


@blueprint.post("")
@endpoint("write")
def make(who: Who) -> Answer:
    values = resources.load(resources.TemplateResource(), json_object())
    return created("/v1/templates", house().desk.templates.make(who, values))


@blueprint.get("/<name>")
@endpoint("read")
def one(who: Who, name: str) -> Any:
    return house().desk.templates.get(who, name)


@blueprint.patch("/<name>")
@endpoint("write")
def change(who: Who, name: str) -> Any:
    values = resources.load(resources.TemplateResource(partial=True), json_object())
    return house().desk.templates.change(who, name, values)


@blueprint.delete("/<name>")
@endpoint("write")
def drop(who: Who, name: str) -> Any:
    house().desk.templates.drop(who, name)
    return {"deleted": True}
