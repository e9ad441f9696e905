"""The catalogue, actions, and what builders need to draw them: attributes, options, whose key this is."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Blueprint, Response, request

from connector.builders.power_automate_forms import form
from connector.domain.attributes import attributes
from connector.domain.errors import Forbidden, Invalid, NotFound
from connector.domain.words import Source
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import endpoint, idempotency_key
from connector.web.house import house
from schemas import resources

#: What a third party that may only read lists needs for its dropdowns.
_OPEN = ("lists", "channels")

blueprint = Blueprint("catalogue", __name__, url_prefix="/v1")


@blueprint.get("/me")
@endpoint()
def me(who: Who) -> Any:
    return house().setup.me(who, sorted(who.scopes))


@blueprint.get("/actions")
@endpoint()
def actions(_who: Who) -> Response:
    return _tagged(house().catalog.publish())


@blueprint.get("/actions/<name>")
@endpoint()
def action(_who: Who, name: str) -> Response:
    return _tagged(house().catalog.find(name, _version()).publish())


@blueprint.get("/actions/<name>/form")
@endpoint()
def action_form(_who: Who, name: str) -> Response:
    """For forms that know no newer schemas than those of OpenAPI 2.0."""
    return _tagged(form(house().catalog.find(name, _version()).publish()))


@blueprint.post("/actions/<name>")
@endpoint(source=Source.ACTION, keyed=False)
def run(who: Who, name: str) -> Answer:
    here = house()
    here.catalog.find(name)
    return here.corridor.run(who, name, json_object(), key=idempotency_key(), version=_version())


@blueprint.post("/actions/<name>/mapped")
@endpoint(source=Source.ACTION, keyed=False)
def run_mapped(who: Who, name: str) -> Answer:
    here = house()
    here.catalog.find(name)
    body = resources.load(resources.Mapped(), json_object())
    return here.corridor.run_mapped(who, name, body["mapping"], body["data"], key=idempotency_key(), version=_version())


@blueprint.post("/actions/<name>/preview")
@endpoint(keyed=False)
def preview(who: Who, name: str) -> Any:
    here = house()
    here.catalog.find(name)
    body = resources.load(resources.Mapped(), json_object())
    return here.corridor.preview(who, name, body["mapping"], body["data"], _version())


@blueprint.post("/attributes")
@endpoint(keyed=False)
def pick(_who: Who) -> Any:
    return {"attributes": attributes(resources.load(resources.Data(), json_object())["data"])}


@blueprint.get("/options/<source>")
@endpoint()
def options(who: Who, source: str) -> Any:
    shape = request.args.get("shape")
    if shape not in (None, "", "zapier"):
        raise Invalid.at("/shape", "not_allowed", "must be zapier")
    search = request.args.get("q") or request.args.get("search") or ""
    found = options_of(who, source, search, request.args.get("cursor") or request.args.get("paging_token"))
    if not shape:
        return found
    return {
        "results": [{"id": one["value"], "label": one["label"]} for one in found["options"]],
        "paging_token": found["next_cursor"],
    }


def options_of(who: Who, source: str, search: str, cursor: str | None) -> dict[str, Any]:
    """One page of a dropdown; Forbidden where the key may not see that source."""
    if source not in _OPEN and not who.scopes & {"read", "write", "send"}:
        raise Forbidden(f"This key may not see {source}.")
    return house().options.of(who, source, search, cursor)


def _version() -> int | None:
    text = request.args.get("version") if request.query_string else None
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise Invalid.at("/version", "wrong_type", "must be a number")
    if len(text) > 6:
        raise NotFound("There is no such version.")
    return int(text)


def _tagged(body: Any) -> Response:
    content = orjson.dumps(body)
    response = Response(content, content_type="application/json")
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
