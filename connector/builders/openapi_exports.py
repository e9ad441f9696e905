"""The calls for packages of flow builders, and what they answer."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import Route

_TEXT = {"type": "string"}

EXPORT_ROUTES = (
    Route("GET /v1/builders", "list_builders", "The flow builders that there is a package for", "read",
          answers="Builders"),
    Route("GET /v1/builders/{builder}", "get_builder_package", "A builder's package, with this service's address in it",
          "read", answers={"type": "string"}, media="application/octet-stream"),
)  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


EXPORT_ANSWERS: dict[str, Any] = {
    "Builders": _object({
        "builders": {"type": "array", "items": _object({
            "name": _TEXT, "title": _TEXT, "description": _TEXT,
            "file": {**_TEXT, "description": "What the download is called."}, "links": _object({"download": _TEXT}),
        })},
    }),
}  # fmt: skip
