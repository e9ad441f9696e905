"""One OpenAPI 3.1 document of the whole service: an operation for each action, and for each row of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apispec import APISpec

from connector.builders import openapi_shared as shared
from connector.builders.openapi_answers import answers, ref
from connector.builders.openapi_dialect import readable
from connector.builders.openapi_fields import ResourcePlugin
from connector.builders.openapi_route import JSON, JSON_LINES, TAGS, Route
from connector.builders.openapi_routes import TABLE
from connector.builders.openapi_webhooks import payloads, webhooks

VERSION = "1"
ABOUT = """Opt-outs, heeded in every flow: consent is asked at the last moment before every message.

- A business "no" is a 200: suppressed, already there and absent are outcomes. 4xx is the caller's mistake.
- A problem is RFC 9457 and names all faults at once, by JSON pointer.
- For an optional field, "" and null mean absent.
- Times are RFC 3339 in UTC; ids are opaque strings with a prefix."""
KEY = {"type": "http", "scheme": "bearer", "bearerFormat": "heed_<keyid>_<secret>"}
#: Said by the document, or by the component's name: two of one title would be one class in a generated client.
_OUTER = ("$schema", "title")
_ORDER = ("openapi", "info", "servers", "security", "tags", "paths", "webhooks", "components")


def openapi(actions: Sequence[Mapping[str, Any]], server: str) -> dict[str, Any]:
    """The document. ``actions``: the catalogue's entries as published; ``server``: the service's public address."""
    spec = APISpec(
        "Heed", VERSION, "3.1.0", [ResourcePlugin()],
        info={"description": ABOUT}, servers=[{"url": server}], security=[{"key": []}],
        tags=[{"name": name, "description": description} for name, description in TAGS.items()],
    )  # fmt: skip
    _share(spec)
    for entry in actions:
        spec.path(entry["links"]["run"], operations={"post": _action(entry)})
    names = [entry["name"] for entry in actions]
    for tag, routes in TABLE.items():
        for route in routes:
            spec.path(route.path, operations={route.method.lower(): _operation(tag, route, names)})
    document = spec.to_dict()
    # Not through apispec, which takes "properties": {"recipients": false} for the name of a schema.
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {**_embedded(actions), **schemas, **answers(schemas), **payloads()}
    document["webhooks"] = webhooks()
    return {part: readable(document[part]) for part in _ORDER}


def _embedded(actions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The actions' own schemas, in the dialect that the document is in anyway; here they have names, not titles."""
    found = {
        f"{entry['name']}_{part}": {key: value for key, value in entry[f"{part}_schema"].items() if key not in _OUTER}
        for entry in actions
        for part in ("input", "output")
    }
    outputs = [ref(name) for name in found if name.endswith("_output")]
    return {**found, "ActionOutput": {"anyOf": outputs} if outputs else {}, "PeopleInput": shared.PEOPLE_INPUT}


def _action(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An action is a path of its own, so that its schemas and examples are its own too."""
    name = entry["name"]
    route = Route(
        f"POST {entry['links']['run']}", name, entry["title"], entry.get("scope", ""), {JSON: ref(f"{name}_input")},
        f"{name}_output", (200,) if entry["effects"]["read_only"] else (200, 202), ("version",),
        also=tuple(error["status"] for error in entry["errors"]), followed=True,
    )  # fmt: skip
    operation = {**_operation("Actions", route, ()), "description": entry["description"]}
    _add_examples(operation["requestBody"], entry["examples"], "input")
    _add_examples(operation["responses"]["200"], entry["examples"], "output")
    return operation


def _add_examples(body: dict[str, Any], examples: Iterable[Mapping[str, Any]], part: str) -> None:
    shown = [{"summary": one["title"], "value": one[part]} for one in examples if part in one]
    if shown:
        body["content"][JSON]["examples"] = {f"example_{place}": one for place, one in enumerate(shown, start=1)}


def _operation(tag: str, route: Route, names: Sequence[str]) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": route.id, "tags": [tag], "summary": route.summary}
    if route.scopes is None:
        described["security"] = []
    elif route.scopes:
        described["security"] = [{"key": [scope]} for scope in route.scopes.split(" or ")]
    described["parameters"] = [*_path_parameters(route, names), *route.query]
    if _is_keyed(route):
        described["parameters"].append("IdempotencyKey")
    if route.takes is not None:
        takes = route.takes if isinstance(route.takes, Mapping) else {JSON: route.takes}
        content = {media: {"schema": schema} for media, schema in takes.items()}
        if route.example is not None:
            content[JSON]["example"] = route.example
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = {str(status): _answer(route, status) for status in route.statuses} | {
        str(status): shared.PROBLEMS[status][0] for status in _problems(route)
    }
    return described


def _path_parameters(route: Route, names: Sequence[str]) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        description, example = shared.PATH_PARTS[name]
        choice = {"enum": list(names)} if name == "action" and names else {}
        schema = {"type": "string", **choice}
        yield {"name": name, "in": "path", "schema": schema, "description": description, "example": example}


def _is_keyed(route: Route) -> bool:
    return route.method == "POST" and route.keyed


def _answer(route: Route, status: int) -> dict[str, Any]:
    meaning = route.meanings.get(status) or shared.MEANINGS[status]
    answer: dict[str, Any] = {"description": meaning, "headers": {}}
    if status == 201 or (status == 202 and route.followed):
        answer["headers"] |= shared.header("Location")
    if 304 in route.statuses:
        answer["headers"] |= shared.header("ETag")
    if status == 429:
        answer["headers"] |= shared.header("RetryAfter", "Retry-After")
    if _is_keyed(route):
        answer["headers"] |= shared.header("IdempotencyReplayed", "Idempotency-Replayed")
    if status not in route.silent:
        schema = ref(route.answers) if isinstance(route.answers, str) else route.answers
        answer["content"] = {route.media: {"schema": schema}}
        if route.rows:
            answer["content"][JSON_LINES] = {"schema": {"type": "string"}}
        if route.page:
            answer["content"]["text/html"] = {"schema": {"type": "string"}}
    return answer


def _problems(route: Route) -> list[int]:
    """What can go wrong follows from what a call is."""
    found = set(route.also)
    if route.scopes is not None:
        found |= {401, 406, 503} | ({403} if route.scopes else set())
        found |= {404} if "{" in route.path or "version" in route.query else set()
        found |= {400, 413, 415, 422} if route.takes is not None else set()
        found |= {422} if route.query else set()
        found |= {409, 410, 422} if _is_keyed(route) else set()
    return sorted(found - set(route.statuses))


def _share(spec: APISpec) -> None:
    spec.components.security_scheme("key", KEY)
    for name, parameter in shared.QUERY.items():
        spec.components.parameter(name, "query", {"name": name, **parameter})
    spec.components.parameter("IdempotencyKey", "header", shared.IDEMPOTENCY_KEY)
    for name, header in shared.HEADERS.items():
        spec.components.header(name, header)
    for status, (name, _) in shared.PROBLEMS.items():
        spec.components.response(name, shared.problem(status))
