"""The workbench: an action's fields mapped from a sample, tried, run, and kept as a binding."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from connector.builders.exports import EXPORTS
from connector.domain.attributes import attributes
from connector.domain.errors import HeedError, Invalid
from connector.domain.instants import rfc3339
from connector.domain.words import Source
from connector.engine.catalog import Listed
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web import bench, elsewhere
from connector.web.catalogue import options_of
from connector.web.endpoint import page_limits
from connector.web.files import download
from connector.web.house import house
from connector.web.page import go, may, page, say, show
from connector.web.texts import _
from schemas import resources

blueprint = Blueprint("workbench", __name__, url_prefix="/workbench")


@dataclass(frozen=True)
class Bench:
    """What stands on the bench: the mapping and its sample, and what has come of it."""

    mapping: Mapping[str, Any] = field(default_factory=dict)
    data: Any = None
    fields: Any = ()
    data_text: str = ""
    rules: str = ""
    problems: tuple[Mapping[str, str], ...] = ()
    made: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    refused: str = ""
    name: str = ""


@blueprint.get("")
@page("read")
def choose(who: Who) -> Response:
    bindings = house().bindings.page(who, *page_limits(usual=25))
    return show("workbench.html", actions=house().catalog.publish()["actions"], bindings=bindings)


@blueprint.get("/<action>")
@page("read")
def start(who: Who, action: str) -> Response:
    listed = house().catalog.find(action)
    kept = house().bindings.get(who, request.args["binding"]) if request.args.get("binding") else None
    mapping: Mapping[str, Any] = kept["mapping"] if kept else {}
    if "example" in request.args:
        mapping = next(iter(listed.publish()["examples"]), {"input": {}})["input"]
    data = kept["sample"] if kept else None
    fields = bench.drawn(listed.input_schema, _offer(who), mapping)
    on_it = Bench(
        mapping, data, fields, elsewhere.pretty(data) if data is not None else "", bench.rules_of(mapping),
        name=kept["name"] if kept else "",
    )  # fmt: skip
    on_it = tried(who, action, on_it) if mapping else on_it
    return shown(who, listed, on_it, kept, waits_at=request.args.get("look", ""))


@blueprint.post("/<action>")
@page("read")
def dry_run(who: Who, action: str) -> Response:
    listed = house().catalog.find(action)
    return shown(who, listed, tried(who, action, typed(who, listed)))


@blueprint.post("/<action>/run")
@page("read", "write", "send")
def run(who: Who, action: str) -> Response:
    listed, here = house().catalog.find(action), house()
    on_it = typed(who, listed)
    if on_it.problems:
        return shown(who, listed, on_it)
    who, key = replace(who, source=Source.ACTION), request.form.get("once", "")[:100] or None
    try:
        answer = here.corridor.run_mapped(who, action, on_it.mapping, on_it.data, key=key)
    except HeedError as error:
        told = "" if isinstance(error, Invalid) and any(one.pointer for one in error.faults) else _said(error)
        return shown(who, listed, replace(tried(who, action, on_it), refused=told or _("Nothing was done.")))
    return shown(who, listed, replace(tried(who, action, on_it), answer=answer))


@blueprint.post("/<action>/save")
@page("write")
def save(who: Who, action: str) -> Response:
    listed, here = house().catalog.find(action), house()
    on_it, name = typed(who, listed), request.form.get("binding", "")
    if on_it.problems:
        return shown(who, listed, on_it)
    body = {"name": on_it.name, "action": action, "mapping": on_it.mapping, "sample": on_it.data}
    try:
        values = resources.load(resources.Binding(), body)
        kept = here.bindings.change(who, name, values) if name else here.bindings.make(who, values)
    except Invalid as error:
        refused = _("This can't be kept yet: %(why)s") % {"why": _said(error)}
        return shown(who, listed, replace(tried(who, action, on_it), refused=refused))
    say(_("The binding is kept. Whatever is posted to its address runs the action."))
    return go(url_for(".start", action=action, binding=kept["id"]))


@blueprint.post("/bindings/<name>/delete")
@page("write")
def drop(who: Who, name: str) -> Response:
    house().bindings.drop(who, name)
    say(_("The binding is deleted. Its address answers nothing from now on."))
    return go(url_for(".choose"))


@blueprint.get("/builders/<name>")
@page("read")
def package(_who: Who, name: str) -> Response:
    """The package of a builder, as ``/v1/builders`` has it."""
    here, export = house(), elsewhere.export_of(name)
    return download(
        iter([export.archive(here.catalog.publish(), here.public_url)]), export.file, "application/octet-stream"
    )


def typed(who: Who, listed: Listed) -> Bench:
    """What the form says; its problems are of what could not even be read."""
    given = bench.typed(listed.input_schema, request.form)
    problems = tuple({"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in given.faults)
    return Bench(
        given.mapping, given.data, bench.redrawn(listed.input_schema, _offer(who), request.form),
        request.form.get("data", ""), request.form.get("rules", ""), problems,
        name=request.form.get("name", "").strip(),
    )  # fmt: skip


def tried(who: Who, action: str, on_it: Bench) -> Bench:
    """With what the mapping makes of the sample."""
    if not on_it.mapping:
        return on_it
    seen = house().corridor.preview(who, action, on_it.mapping, on_it.data)
    return replace(on_it, made=seen["input"], problems=(*on_it.problems, *seen["problems"]))


def shown(
    who: Who, listed: Listed, on_it: Bench, kept: Mapping[str, Any] | None = None, *, waits_at: str = ""
) -> Response:  # fmt: skip
    """The page; ``waits_at``: the token of the address at which it waits for a request."""
    action, here, name = listed.publish(), house(), request.form.get("binding", "")
    kept = kept or (here.bindings.get(who, name) if name else None)
    seen = here.desk.captures.look(g.session, waits_at) if waits_at else None
    if seen and seen.is_caught:
        on_it = tried(who, action["name"], replace(on_it, data=seen.data, data_text=elsewhere.pretty(seen.data)))
    return show(
        "bench.html", _status=422 if on_it.refused else 200, action=action, bench=on_it, kept=kept,
        by_name=bench.by_name(on_it.problems), offered=attributes(on_it.data), brief=bench.brief,
        pretty=elsewhere.pretty, is_run=may(action["scope"]), once=randomness.token_urlsafe(16),
        builders=EXPORTS.values(),
        elsewhere=elsewhere.of(here.public_url, action, on_it.mapping, on_it.data), public_url=here.public_url,
        waits_at=waits_at, seen=seen, until=rfc3339(seen.until) if seen else None,
    )  # fmt: skip


def _offer(who: Who) -> bench.Offer:
    return lambda source: options_of(who, source, "", None)["options"]


def _said(error: HeedError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(f"{one.pointer.lstrip('/')} {one.detail}".strip() for one in error.faults)
    return error.detail
