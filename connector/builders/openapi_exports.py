"""The calls for packages of flow builders, and what they answer."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import Route

_TEXT = {"type": "string"}

EXPORT_ROUTES = (
    Route("GET /v1/actions/{action}/form", "get_action_form", "Its fields for forms that know OpenAPI 2.0 only", "",
          answers="ActionForm", statuses=(200, 304), query=("version",)),
    Route("GET /v1/builders", "list_builders", "The flow builders that there is a package for", "read",
          answers="Builders"),
    Route("GET /v1/builders/{builder}", "get_builder_package", "A builder's package, with this service's address in it",
          "read", answers={"type": "string"}, media="application/octet-stream"),
)  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


EXPORT_ANSWERS: dict[str, Any] = {
    "ActionForm": _object({
        "name": _TEXT, "version": {"type": "integer"}, "title": _TEXT,
        "input_schema": {"type": "object", "description": "One type a field; dropdowns as x-ms-dynamic-* keys."},
        "output_schema": {"type": "object"},
    }),
    "Builders": _object({
        "builders": {"type": "array", "items": _object({
            "name": _TEXT, "title": _TEXT, "description": _TEXT,
            "file": {**_TEXT, "description": "What the download is called."}, "links": _object({"download": _TEXT}),
        })},
    }),
}  # fmt: skip
