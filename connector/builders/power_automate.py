"""The Power Automate connector: OpenAPI 2.0 with Microsoft's extensions, and the properties beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from connector.builders.form import first_line
from connector.builders.kit import Catalogue, Files, action_table, json_file, kit
from connector.builders.power_automate_forms import with_options
from connector.builders.power_automate_own import OWN, PROBLEM, REFUSED, TRIGGER
from connector.builders.swagger_schema import plain, titled

_JSON = "application/json"
_ABOUT = "Opt-outs, heeded in every flow: every send asks the person's own word at the last moment."


def power_automate(catalogue: Catalogue, server: str) -> Files:
    """The files of a custom connector; its calls go to ``server``, so another address is another export."""
    content = kit("power-automate")
    content["apiDefinition.swagger.json"] = json_file(definition(catalogue, server))
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content


def definition(catalogue: Catalogue, server: str) -> dict[str, Any]:
    """The OpenAPI 2.0 document: an operation for each action, one that runs any, and a trigger for all events."""
    address = urlsplit(server)
    paths: dict[str, Any] = {one["links"]["run"]: {"post": _operation(one)} for one in catalogue["actions"]}
    paths |= {path: dict(item) for path, item in OWN.items()}
    if catalogue["triggers"]:
        paths |= {"/v1/webhooks": _trigger(catalogue["triggers"])}
    return {
        "swagger": "2.0",
        "info": {"title": "Heed", "description": _ABOUT, "version": "1.0"},
        "host": address.netloc,
        "basePath": address.path or "/",
        "schemes": [address.scheme],
        "consumes": [_JSON],
        "produces": [_JSON],
        "paths": paths,
        "definitions": {"Problem": PROBLEM},
        "securityDefinitions": {"api_key": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        "security": [{"api_key": []}],
        "x-ms-capabilities": {"testConnection": {"operationId": "get_me", "parameters": {}}},
        "x-ms-connector-metadata": [
            {"propertyName": "Website", "propertyValue": server},
            {"propertyName": "Categories", "propertyValue": "Communication;Marketing"},
        ],
    }


def _operation(entry: Mapping[str, Any]) -> dict[str, Any]:
    done = {"description": "Done; a person's no is an outcome, not an error.", "schema": _shown(entry["output_schema"])}
    return {
        "operationId": entry["name"],
        "summary": entry["title"],
        "description": first_line(entry["description"]),
        "x-ms-visibility": "important",
        "x-ms-api-annotation": {"family": entry["name"], "revision": entry["version"], "status": "Production"},
        "parameters": [{
            "name": "body", "in": "body", "required": True, "schema": with_options(entry["input_schema"]),
        }],
        "responses": {"200": done, **_also(entry), "default": REFUSED},
    }  # fmt: skip


def _also(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["effects"]["read_only"]:
        return {}
    return {"202": {"description": "Taken; the rest goes on in the background."}}


def _shown(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with a title for every field, which is what the dynamic content is drawn from."""
    return titled(plain(schema))


def _trigger(triggers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One trigger for every event: OpenAPI 2.0 has one operation for a method and a path."""
    content: dict[str, Any] = {}
    for one in triggers:
        content |= _shown(one["payload_schema"]).get("properties", {})
    # What an event may say differs from one to the next.
    told = {key: {name: value for name, value in inner.items() if name != "enum"} for key, inner in content.items()}
    notification = {"description": "What happened.", "schema": {"type": "object", "properties": told}}
    return {"x-ms-notification-content": notification, "post": dict(TRIGGER)}
