"""Accounts: parts of the organisation with a region and, where they want, lists of their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for

from connector.domain.errors import Conflict, Invalid
from connector.engine.targets import Who
from connector.web.form_body import flag, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from schemas import people as of_people
from schemas import resources

blueprint = Blueprint("accounts", __name__)

_FIELDS = {"name": text, "region": text, "own_lists": flag, "hold_unclear": flag}


@blueprint.get("/settings/accounts")
@page("admin")
def all_accounts(who: Who) -> Response:
    return _page(who, {}, {})


@blueprint.post("/settings/accounts")
@page("admin")
def make(who: Who) -> Response:
    body = _body()
    try:
        house().desk.accounts.make(who, resources.load(of_people.AccountResource(), body))
    except (Invalid, Conflict) as error:
        return _page(who, body, _faults(error))
    say(_("The account is made."))
    return go(url_for("accounts.all_accounts"))


@blueprint.get("/settings/accounts/<name>")
@page("admin")
def one(who: Who, name: str) -> Response:
    found = house().desk.accounts.get(who, name)
    return _one(found, found, {})


@blueprint.post("/settings/accounts/<name>")
@page("admin")
def change(who: Who, name: str) -> Response:
    found, body = house().desk.accounts.get(who, name), _body()
    try:
        values = resources.load(of_people.AccountResource(partial=True), body)
        if values.get("own_lists") == found["own_lists"]:
            values.pop("own_lists")  # nothing moves that is there already
        late = house().desk.accounts.change(who, name, values)[1]
    except (Invalid, Conflict) as error:
        return _one(found, {**found, **body}, _faults(error))
    say(_("The account is changed.") if not late else _("Changed. Some messages were already on their way."))
    return go(url_for("accounts.one", name=name))


@blueprint.post("/settings/accounts/<name>/delete")
@page("admin")
def drop(who: Who, name: str) -> Response:
    house().desk.accounts.drop(who, name)
    say(_("The account is deleted."))
    return go(url_for("accounts.all_accounts"))


def _body() -> dict[str, Any]:
    body = read_form(_FIELDS)
    return {**body, "region": body["region"].upper() if body["region"] else None}


def _page(who: Who, given: dict[str, Any], faults: dict[str, str]) -> Response:
    found = house().desk.accounts.all(who)
    return show(
        "settings_accounts.html", _status=422 if faults else 200, accounts=found, given=given, faults=faults
    )  # fmt: skip


def _one(found: dict[str, Any], values: dict[str, Any], faults: dict[str, str]) -> Response:
    return show(
        "settings_account.html", _status=422 if faults else 200, found=found, values=values, faults=faults
    )  # fmt: skip


def _faults(error: Invalid | Conflict) -> dict[str, str]:
    return by_field(error) if isinstance(error, Invalid) else {"name": error.detail}
