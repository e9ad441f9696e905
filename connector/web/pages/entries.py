"""The people on a list: found, added by hand, removed one or many at once, and put back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Invalid
from connector.domain.words import CHANNEL_NAMES
from connector.engine.targets import Who
from connector.web.address import kind_of
from connector.web.endpoint import page_limits
from connector.web.files import download
from connector.web.form_body import read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _, ngettext
from schemas import people as of_people
from schemas import resources

blueprint = Blueprint("entries", __name__)


@blueprint.get("/lists/<name>")
@page("read", "lists:read")
def people(who: Who, name: str) -> Response:
    return _page(who, name, {}, {})


@blueprint.post("/lists/<name>/people")
@page("write")
def add(who: Who, name: str) -> Response:
    body = read_form({"address": text, "channel": text, "reason": text})
    address = body.pop("address") or ""
    try:
        values = resources.load(of_people.EntryResource(), {kind_of(address): address, **body})
        added = house().desk.entries.add(who, name, values)
    except Invalid as error:
        faults = by_field(error)
        fault = {"address": faults.pop(kind_of(address), None) or faults.pop("", None), **faults}
        return _page(who, name, fault, {"address": address, **body})
    _tell_added(
        name, added.body["results"][0]["status"], house().desk.entries.id_of(who, values), added.location is None
    )
    return go(url_for("entries.people", name=name))


@blueprint.post("/lists/<name>/remove")
@page("write")
def remove(who: Who, name: str) -> Response:
    """Those that were ticked; those that really were on it can be put back."""
    chosen = _ids()
    if not chosen:
        say(_("Tick somebody first."), tone="warn")
        return go(_back(name))
    values = resources.load(of_people.EntryRemoval(), {"entries": [{"id": one} for one in chosen]})
    results = house().desk.entries.remove(who, name, values["entries"], values.get("reason"))["results"]
    gone = [one for one, row in zip(chosen, results, strict=False) if row["status"] == "removed"]
    kept = len(chosen) - len(gone)
    said = ngettext("%(count)d entry is off the list.", "%(count)d entries are off the list.", len(gone))
    told = said % {"count": len(gone)}
    if kept:
        stay = ngettext("%(count)d stays: the list is protected.", "%(count)d stay: the list is protected.", kept)
        told += " " + stay % {"count": kept}
    undo = (url_for("entries.restore", name=name), {"entries": " ".join(gone)}) if gone else None
    say(told, tone="good" if gone else "warn", undo=undo)
    return go(_back(name))


@blueprint.post("/lists/<name>/restore")
@page("write")
def restore(who: Who, name: str) -> Response:
    """Undo: they said no before, and it holds again."""
    values = resources.load(of_people.EntryRemoval(), {"entries": [{"id": one} for one in _ids()]})
    settled = house().desk.entries.restore(who, name, values["entries"], _("removed by mistake, put back"))
    told = _("They are on the list again.")
    say(told if settled else f"{told} {_on_its_way()}", tone="good" if settled else "warn")
    return go(_back(name))


@blueprint.get("/lists/<name>/export")
@page("export")
def export(who: Who, name: str) -> Response:
    form = request.args.get("format") or "csv"
    media = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    return download(house().exports.stream(who, name, request.args), f"{name}.{form}", media)


def _page(who: Who, name: str, faults: dict[str, Any], given: dict[str, Any]) -> Response:
    found = house().lists.get(who, name)
    wrong: dict[str, str] = {}
    listing: dict[str, Any] = {"items": [], "next_cursor": None}
    try:
        limit, cursor = page_limits(most=200, usual=50)
        listing = house().desk.entries.page(who, name, request.args, limit, cursor)
    except Invalid as error:
        wrong = by_field(error)
    filtered = any(request.args.get(one) for one in ("q", "channel", "state", "cursor"))
    return show(
        "list.html", _status=422 if faults else 200, found=found, listing=listing, wrong=wrong, filtered=filtered,
        channels=CHANNEL_NAMES, faults=faults, given=given,
    )  # fmt: skip


def _ids() -> list[str]:
    """Of boxes that were ticked, or of an undo, which has them in one field."""
    return [one for value in request.form.getlist("entries") for one in value.split()][:1000]


def _tell_added(name: str, status: str, entry: str | None, settled: bool) -> None:
    said = {
        "added": _("They are on the list, and nothing more goes out to them under it."),
        "already": _("They had been on the list before."),
        "superseded": _("They said something newer than this, which stands."),
    }
    told = said.get(status, status)
    if not settled:
        told += " " + _on_its_way()
    undo = (url_for("entries.remove", name=name), {"entries": entry}) if entry and status == "added" else None
    say(told, tone="good" if status == "added" else "info", undo=undo)


def _on_its_way() -> str:
    return _("One message was already on its way and may still arrive.")


def _back(name: str) -> str:
    """The same page of the list, as it was searched."""
    kept: dict[str, Any] = {
        one: request.form[one] for one in ("q", "channel", "state", "cursor") if request.form.get(one)
    }
    return url_for("entries.people", name=name, **kept)
