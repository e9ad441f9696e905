"""A file brought into a list: a look at how it is read, its progress, what was refused, and back again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Invalid
from connector.domain.words import CHANNEL_NAMES
from connector.engine.list_imports import Wish
from connector.engine.presets import PRESETS
from connector.engine.targets import Who
from connector.web.files import download, parts_of
from connector.web.form_body import lines
from connector.web.house import house
from connector.web.page import go, page, say, show
from connector.web.texts import _

blueprint = Blueprint("imports", __name__)


@blueprint.get("/lists/<name>/import")
@page("write")
def ask(who: Who, name: str) -> Response:
    return _page(who, name)


@blueprint.post("/lists/<name>/import/preview")
@page("write", file=True)
def preview(who: Who, name: str) -> Response:
    """What the columns are taken for, without effect."""
    try:
        stream, wish = _file()
        return _page(who, name, seen=house().imports.preview(who, name, stream, wish))
    except Invalid as error:
        return _page(who, name, fault=_said(error))


@blueprint.post("/lists/<name>/import")
@page("write", file=True)
def begin(who: Who, name: str) -> Response:
    try:
        stream, wish = _file()
        made = house().imports.begin(who, name, stream, wish)
    except Invalid as error:
        return _page(who, name, fault=_said(error))
    return go(url_for("imports.progress", name=made))


@blueprint.get("/imports/<name>")
@page("read", "write")
def progress(who: Who, name: str) -> Response:
    return show("import.html", one=house().imports.get(who, name))


@blueprint.post("/imports/<name>/undo")
@page("write")
def undo(who: Who, name: str) -> Response:
    house().imports.undo(who, name)
    say(_("What it wrote is taken back, except where somebody has spoken since."))
    return go(url_for("imports.progress", name=name))


@blueprint.get("/imports/<name>/rejected.csv")
@page("export", "write")
def rejected(who: Who, name: str) -> Response:
    path, length = house().imports.rejected(who, name)
    return download(parts_of(path, length), f"{name}.rejected.csv", "text/csv; charset=utf-8")


def _page(who: Who, name: str, *, seen: dict[str, Any] | None = None, fault: str = "") -> Response:
    return show(
        "list_import.html", _status=422 if fault else 200, found=house().lists.get(who, name), seen=seen, fault=fault,
        presets=sorted(PRESETS), channels=CHANNEL_NAMES, given=request.form,
    )  # fmt: skip


def _file() -> tuple[Any, Wish]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid.at("", "required", _("Choose a file first."))
    form = "jsonl" if file.filename.endswith((".jsonl", ".ndjson")) else "csv"
    pairs = [line.rpartition(":") for line in lines(request.form.getlist("map"))]
    rename = {theirs.strip(): ours.strip() for theirs, _colon, ours in pairs}
    preset, channel = request.form.get("preset") or None, request.form.get("channel") or None
    return file.stream, Wish(form, rename, preset, channel, request.form.get("dry_run") == "1")


def _said(error: Invalid) -> str:
    return "; ".join(f"{one.pointer.strip('/')} {one.detail}".strip() for one in error.faults)
