"""Signing in with a name and a password, or with an API key; and out again."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, request, url_for

from connector.engine.sessions import LONGEST, WINDOW, Refused
from connector.engine.targets import Who
from connector.web import safety
from connector.web.house import house
from connector.web.incoming import LARGEST_OF_STRANGERS
from connector.web.network import network
from connector.web.page import go, is_local, page, show
from connector.web.texts import _

blueprint = Blueprint("door", __name__)


@blueprint.get("/login")
def ask() -> Response:
    known = safety.cookie("session")
    if known and house().desk.staff.sessions.find(known) is not None:
        return safety.guarded(go(_wanted()))
    return _ask()


@blueprint.post("/login")
def sign_in() -> Response:
    request.max_content_length = LARGEST_OF_STRANGERS
    if not safety.has_door_token():
        return _ask(_("This page had been open for too long. Please try again."), 403)
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    key = request.form.get("key", "").strip()
    sessions = house().desk.staff.sessions
    opened = sessions.sign_in_with_key(key, network()) if key else sessions.sign_in(name, password, network())
    if opened is Refused.TOO_MANY:
        answer = _ask(_("Too many tries. Wait a quarter of an hour, then try again."), 429)
        answer.headers["Retry-After"] = str(WINDOW // 1_000_000)
        return answer
    if isinstance(opened, Refused):
        return _ask(_("This key opens nothing.") if key else _("Name and password don't fit together."), 401)
    answer = make_response(redirect(_wanted(), 303))
    safety.set_cookie(answer, "session", opened, seconds=LONGEST // 1_000_000)
    safety.drop_cookie(answer, "door")
    return safety.guarded(answer)


@blueprint.post("/logout")
@page(unchanged=True)
def sign_out(_who: Who) -> Response:
    house().desk.staff.sessions.end(g.session)
    answer = go(url_for("door.ask"))
    safety.drop_cookie(answer, "session")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _ask(fault: str = "", status: int = 200) -> Response:
    door, token = safety.door_token()
    by_key = "key" in request.args or bool(request.form.get("key"))
    name = request.form.get("name", "")[:100]
    answer = show("login.html", _status=status, csrf=token, fault=fault, by_key=by_key, name=name, wanted=_wanted())
    safety.set_cookie(answer, "door", door)
    return safety.guarded(answer)


def _wanted() -> str:
    """Where to go afterwards: only to pages of ours."""
    where = request.values.get("next", "/")
    return where if is_local(where) else "/"
