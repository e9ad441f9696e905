"""What is one's own: the password, and how the console looks."""

from __future__ import annotations

from flask import Blueprint, Response, g, request, url_for

from connector.domain.errors import Forbidden, Invalid
from connector.engine.targets import Who
from connector.web import safety
from connector.web.house import house
from connector.web.page import by_field, go, is_local, page, say, show
from connector.web.texts import _
from schemas import resources, staff

blueprint = Blueprint("own", __name__)
_YEAR_S = 365 * 24 * 3600


@blueprint.get("/password")
@page(unchanged=True)
def password(_who: Who) -> Response:
    return show("password.html", faults={})


@blueprint.post("/password")
@page(unchanged=True)
def change_password(who: Who) -> Response:
    if g.session.user is None:
        raise Forbidden(_("You are signed in with a key, which has no password."))
    given = {name: request.form.get(name, "") for name in ("old", "new")}
    try:
        values = resources.load(staff.OwnPassword(), given)
        if values["new"] != request.form.get("again"):
            raise Invalid.at("/again", "not_the_same", _("is not the same as the new password"))
        house().desk.staff.users.replace_password(
            who.organisation, g.session.user, values["old"], values["new"], g.session.hash
        )
    except Invalid as error:
        return show("password.html", _status=422, faults=by_field(error))
    say(_("Your password is changed. You are signed out everywhere else."))
    return go("/")


@blueprint.post("/theme")
@page(unchanged=True)
def theme(_who: Who) -> Response:
    """Light, dark, or as the system has it."""
    chosen = request.form.get("theme", "")
    back = request.form.get("back", "/")
    answer = go(back if is_local(back) else url_for("home.home"))
    if chosen in ("light", "dark"):
        answer.set_cookie("heed-theme", chosen, max_age=_YEAR_S, secure=safety.is_https(), samesite="Lax")
    else:
        answer.delete_cookie("heed-theme", secure=safety.is_https(), samesite="Lax")
    return answer
