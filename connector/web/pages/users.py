"""Users of the console, and API keys. What is secret of either is shown once, on the answer to the form."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Conflict, Invalid
from connector.domain.ids import public_id
from connector.domain.users import ROLE_SCOPES
from connector.engine.targets import Who
from connector.web.form_body import chosen, flag, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from schemas import resources, staff

blueprint = Blueprint("users", __name__)


@blueprint.get("/settings/users")
@page("admin")
def all_users(who: Who) -> Response:
    return _users(who)


@blueprint.post("/settings/users")
@page("admin")
def make(who: Who) -> Response:
    body = read_form({"name": text, "role": text, "account": text})
    try:
        made = house().desk.staff.users.make(who, resources.load(staff.UserResource(), body))
    except (Invalid, Conflict) as error:
        faults = by_field(error) if isinstance(error, Invalid) else {"name": error.detail}
        return _users(who, status=422, given=body, faults=faults)
    return _users(who, status=201, made=made)


@blueprint.post("/settings/users/<name>")
@page("admin")
def change(who: Who, name: str) -> Response:
    """Another role, on or off, or a new password; whoever it is about is signed out."""
    users = house().desk.staff.users
    match request.form.get("do"):
        case "reset":
            return _users(who, status=201, made=users.change(who, name, {"password": None}))
        case "delete":
            users.drop(who, name)
            say(_("The user is deleted. The history keeps the name."))
        case "switch":
            users.change(who, name, read_form({"disabled": flag}))
            say(_("Changed. They are signed out."))
        case _:
            users.change(who, name, resources.load(staff.UserChange(partial=True), read_form({"role": text})))
            say(_("Changed. They are signed out, and may do what the new role may at the next sign-in."))
    return go(url_for("users.all_users"))


@blueprint.get("/settings/keys")
@page("admin")
def keys(who: Who) -> Response:
    return _keys(who)


@blueprint.post("/settings/keys")
@page("admin")
def make_key(who: Who) -> Response:
    body = read_form({"name": text, "scopes": chosen})
    try:
        values = resources.load(resources.KeyResource(), body)
        made = house().setup.make_key(who, values["name"], values["scopes"], None)
    except Invalid as error:
        return _keys(who, status=422, given=body, faults=by_field(error))
    return _keys(who, status=201, made=made)


@blueprint.post("/settings/keys/<name>/revoke")
@page("admin")
def revoke_key(who: Who, name: str) -> Response:
    house().setup.revoke_key(who, name)
    say(_("The key is revoked; within a second it opens nothing."))
    return go(url_for("users.keys"))


def _users(who: Who, *, status: int = 200, **values: object) -> Response:
    shown = {"made": None, "given": {}, "faults": {}, **values}
    return show(
        "settings_users.html", _status=status, users=house().desk.staff.users.all(who), roles=ROLE_SCOPES,
        accounts=house().desk.accounts.all(who), own_account=public_id("account", who.account), **shown,
    )  # fmt: skip


def _keys(who: Who, *, status: int = 200, **values: object) -> Response:
    shown = {"made": None, "given": {}, "faults": {}, **values}
    scopes = [one for one in resources.SCOPES if one in who.scopes]
    found = sorted(house().setup.keys(who), key=lambda one: one["revoked_at"] is not None)
    return show("settings_keys.html", _status=status, keys=found, scopes=scopes, **shown)
