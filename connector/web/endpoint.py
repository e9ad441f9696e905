"""What every call of the API has in common: whose key, which scope, once for one idempotency key, JSON out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Response, current_app, request
from werkzeug.exceptions import NotAcceptable

from connector.domain.errors import Forbidden, Invalid, Unauthorised
from connector.domain.foreign import unresolved
from connector.domain.records import Caller
from connector.domain.words import Source
from connector.engine.once import Answer, scope_of
from connector.engine.targets import Who
from connector.web.body import raw
from connector.web.house import house

View = Callable[..., Any]


def endpoint(
    *scopes: str, source: Source = Source.API, keyed: bool = True, also: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """A view that is handed ``who``, needs one of the scopes, and may answer a body or an Answer.

    ``keyed``: a POST with an Idempotency-Key happens once. Actions see to that themselves. ``also``: the types that
    this one answers beside JSON.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def call(**arguments: Any) -> Response:
            caller = authenticate()
            if scopes and not caller.scopes.intersection(scopes):
                raise Forbidden(f"This key lacks the scope {' or '.join(scopes)}.")
            _accept_json(also)
            who = Who(caller.organisation, caller.account, caller.actor, source, caller.scopes, key=caller.key)
            key = idempotency_key() if keyed and request.method == "POST" else None
            if key is None:
                return respond(view(who, **arguments))
            scope = scope_of(who.organisation, who.actor, request.path, key)
            content = [request.args.to_dict(flat=False), raw().hex()]
            return respond(
                house().services.once(
                    scope, content, lambda again: as_answer(view(replace(who, again=again), **arguments))
                )
            )

        return call

    return decorate


def authenticate() -> Caller:
    """Whose key the call carries; Unauthorised."""
    scheme, _, text = (_header("AUTHORIZATION") or "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Unauthorised
    return house().keys.caller(text.strip())


def idempotency_key() -> str | None:
    """The Idempotency-Key of the call, bare or quoted as the draft has it."""
    key = _header("IDEMPOTENCY_KEY")
    if key is None:
        return None
    key = key.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > 255:
        raise Invalid.at("", "bad_idempotency_key", "the Idempotency-Key must have 1 to 255 characters")
    if unresolved(key):
        raise Invalid.at("", "unresolved_template", "the Idempotency-Key holds a template that nobody filled")
    return key


def respond(result: Any) -> Response:
    """A body, an Answer or a ready response, as a response."""
    if isinstance(result, Response):
        return result
    answer = as_answer(result)
    headers = answer.headers
    if answer.replayed:
        headers = {**headers, "Idempotency-Replayed": "true"}
    return Response(orjson.dumps(answer.body), answer.status, headers or None, content_type="application/json")


def as_answer(result: Any) -> Answer:
    return result if isinstance(result, Answer) else Answer(200, result)


def created(path: str, body: Mapping[str, Any]) -> Answer:
    """201 with Location, as builders want it."""
    return Answer(201, dict(body), {"Location": f"{path}/{body['id']}"})


def page_limits(*, most: int = 1000, usual: int = 100) -> tuple[int, str | None]:
    """``?limit=&cursor=`` of a call; Invalid where the limit is not a number from 1 to ``most``."""
    text = request.args.get("limit", str(usual))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= most:
        raise Invalid.at("/limit", "bad_limit", f"must be a number from 1 to {most}")
    return int(text), request.args.get("cursor") or None


def _header(name: str) -> str | None:
    """A header as the server hands it over: many are asked for on each call, and most are not there."""
    value: str | None = request.environ.get(f"HTTP_{name}")
    return value


def _accept_json(also: tuple[str, ...]) -> None:
    accept = _header("ACCEPT")
    if accept and "*/*" not in accept and "json" not in accept and "application/*" not in accept:
        best = current_app.config.get("ALSO", ("text/csv", "application/x-ndjson", "text/event-stream"))
        if not any(kind in accept for kind in (*best, *also)):
            raise NotAcceptable("Heed answers application/json.")
