"""What every page of the console has in common: who is signed in, which scope, the token on forms, errors as pages.

A page is handed the same ``Who`` as a call of the API and calls the same services; only its answer is HTML.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from connector.domain.errors import Forbidden, HeedError, Invalid, Unavailable
from connector.domain.users import Session
from connector.domain.words import Source
from connector.engine.targets import Who
from connector.web import safety
from connector.web.house import house
from connector.web.incoming import take_file
from connector.web.texts import _, marked

log = structlog.get_logger()
View = Callable[..., Any]


def page(*scopes: str, unchanged: bool = False, ticket: bool = False, file: bool = False) -> Callable[[View], View]:
    """A view that is handed ``who`` and needs one of the scopes. It answers HTML, a redirect or a ready response.

    A POST without the form's token does nothing. ``unchanged``: open to a user whose password must be changed first.
    ``ticket``: open to whoever holds a ticket of the side panel. ``file``: its form may bring one of any length.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def call(**arguments: Any) -> Response:
            session = _session(ticket=ticket)
            if session is None:
                return safety.guarded(_to_door())
            g.session = session
            if file and request.mimetype == "multipart/form-data" and session.scopes.intersection(scopes):
                take_file()
            try:
                if request.method not in ("GET", "HEAD") and not safety.has_token(session):
                    raise Forbidden(_("This form was too old, or not ours. Nothing was changed: please try again."))
                if session.must_change and not unchanged:
                    return safety.guarded(go(url_for("own.password")))
                if scopes and not session.scopes.intersection(scopes):
                    raise Forbidden(_("You may not see this. An admin of your organisation can change your role."))
                return safety.guarded(make_response(view(who_of(session), **arguments)))
            except HeedError as error:
                return safety.guarded(_failed(error))
            except HTTPException as error:
                return safety.guarded(show("error.html", _status=error.code or 500, title=error.name, detail=""))

        return call

    return decorate


def _session(*, ticket: bool) -> Session | None:
    """Who is signed in: by the browser's cookie, or on pages that take one, by a ticket in the address."""
    if ticket and (given := request.args.get("ticket", "")):
        g.ticket = given
        return house().desk.staff.panel.admitted(given)
    token = safety.cookie("session")
    return house().desk.staff.sessions.find(token) if token else None


def who_of(session: Session) -> Who:
    """On whose behalf: the organisation comes from the session and from nowhere else."""
    return Who(session.organisation, session.account, session.actor, Source.OPERATOR, session.scopes)


def may(*scopes: str) -> bool:
    """Whether who is signed in has one of the scopes."""
    session: Session | None = g.get("session")
    return session is not None and bool(session.scopes.intersection(scopes))


def show(template: str, _status: int = 200, **values: Any) -> Response:
    """A page from a template."""
    return make_response(render_template(template, **values), _status)


def go(where: str) -> Response:
    """What a form answers when it has done its work: the page to go on with."""
    return make_response(redirect(where, 303))


def is_local(where: str) -> bool:
    """Whether an address that came along leads to a page of ours and to no other site."""
    return where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()


def say(text: str, *, tone: str = "good", undo: tuple[str, Mapping[str, str]] | None = None) -> None:
    """Tell something on the next page. ``undo``: where a form is posted that takes it back, and its fields."""
    note = {"text": text, "tone": tone, "undo": {"path": undo[0], "fields": dict(undo[1])} if undo else None}
    session: Session = g.session
    g.notes = [*g.get("notes", session.notes), note]
    if not session.is_ticket:
        house().desk.staff.sessions.write_notes(session, g.notes)


def told() -> list[Mapping[str, Any]]:
    """What is to be told now; it is told once."""
    session: Session | None = g.get("session")
    notes = list(g.get("notes", session.notes)) if session else []
    if session and notes and not session.is_ticket:
        g.notes = []
        house().desk.staff.sessions.write_notes(session, ())
    return notes


def by_field(error: Invalid) -> dict[str, str]:
    """What is wrong, by the name of the form's field: the first part of the pointer; the rest under ""."""
    found: dict[str, str] = {}
    for fault in error.faults:
        name = fault.pointer.strip("/").partition("/")[0]
        found[name] = f"{found[name]}; {fault.detail}" if name in found else fault.detail
    return found


def _to_door() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    where = url_for("door.ask") + ("" if wanted == "/" else "?" + urlencode({"next": wanted}))
    if "X-Swap" in request.headers:  # a part of a page can't become another page: the script goes there
        return Response(status=401, headers={"X-Location": where})
    return go(where)


def _failed(error: HeedError) -> Response:
    """What is wrong, as a page; it never says more than the API would."""
    if error.status >= 500:
        log.error("page_failed", code=error.code, path=request.url_rule.rule if request.url_rule else "?")
    detail = error.detail
    if isinstance(error, Invalid):
        detail = "; ".join(f"{one.pointer.lstrip('/')} {one.detail}".strip() for one in error.faults)
    title = _(_TITLES.get(error.status, _DEFAULT))
    answer = show("error.html", _status=error.status, title=title, detail=detail)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = "1"
    return answer


_DEFAULT = marked("This did not work")
_TITLES = {
    403: marked("Not allowed"), 404: marked("There is nothing here"), 409: marked("Not now"),
    503: marked("Try again in a moment"),
}  # fmt: skip
