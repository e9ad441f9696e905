"""The named users of the console, for admins; and the side panel, for the inboxes that show it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint
from connector.web.house import house
from schemas import resources, staff

blueprint = Blueprint("staff", __name__, url_prefix="/v1")


@blueprint.get("/users")
@endpoint("admin")
def users(who: Who) -> Any:
    return {"items": house().desk.staff.users.all(who), "next_cursor": None}


@blueprint.post("/users")
@endpoint("admin", keyed=False)  # its answer may hold a password, which is shown once and kept nowhere
def make_user(who: Who) -> Answer:
    values = resources.load(staff.UserResource(), json_object())
    return created("/v1/users", house().desk.staff.users.make(who, values))


@blueprint.get("/users/<name>")
@endpoint("admin")
def one_user(who: Who, name: str) -> Any:
    return house().desk.staff.users.get(who, name)


@blueprint.patch("/users/<name>")
@endpoint("admin")
def change_user(who: Who, name: str) -> Any:
    values = resources.load(staff.UserChange(partial=True), json_object())
    return house().desk.staff.users.change(who, name, values)


@blueprint.delete("/users/<name>")
@endpoint("admin")
def drop_user(who: Who, name: str) -> Any:
    house().desk.staff.users.drop(who, name)
    return {"deleted": True}


@blueprint.get("/panel-origins")
@endpoint("admin")
def panel_origins(who: Who) -> Any:
    return {"origins": house().desk.staff.panel.origins(who)}


@blueprint.put("/panel-origins")
@endpoint("admin")
def put_panel_origins(who: Who) -> Any:
    house().desk.staff.panel.allow(who, resources.load(staff.PanelOrigins(), json_object())["origins"])
    return {"origins": house().desk.staff.panel.origins(who)}


@blueprint.post("/panel-tickets")
@endpoint("write", keyed=False)  # it is good for hours: another one does no harm, and none is kept
def panel_ticket(who: Who) -> Any:
    ticket = house().desk.staff.panel.ticket(who, resources.load(staff.PanelTicket(), json_object())["agent"])
    return {"ticket": ticket, "url": f"{house().public_url}/panel?ticket={ticket}"}
