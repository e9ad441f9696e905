"""What the Power Automate connector has beside the actions: look-ups, any action, and the trigger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.power_automate_forms import form_of, listed, look_up

_TEXT = {"type": "string"}
_NAMED = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": _TEXT, "title": _TEXT}},
}  # fmt: skip
REFUSED = {"description": "Refused.", "schema": look_up("Problem")}

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "title": {**_TEXT, "x-ms-summary": "What kind of problem"},
        "status": {"type": "integer", "x-ms-summary": "Status"},
        "detail": {**_TEXT, "x-ms-summary": "What is wrong"},
        "errors": {
            "type": "array", "x-ms-summary": "Every fault",
            "items": {"type": "object", "properties": {
                "pointer": {**_TEXT, "x-ms-summary": "Where"}, "code": {**_TEXT, "x-ms-summary": "Code"},
                "detail": {**_TEXT, "x-ms-summary": "What is wrong there"},
            }},
        },
    },
}  # fmt: skip


def _read(id: str, summary: str, schema: Mapping[str, Any], *parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A look-up that only the designer makes."""
    return {"get": {
        "operationId": id, "summary": summary, "description": f"{summary}.", "x-ms-visibility": "internal",
        "parameters": list(parameters),
        "responses": {"200": {"description": "Found.", "schema": dict(schema)}, "default": REFUSED},
    }}  # fmt: skip


def _part(name: str, summary: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "type": "string", "x-ms-summary": summary,
            "x-ms-url-encoding": "single", **more}  # fmt: skip


_ANY: Mapping[str, Any] = {
    "operationId": "run_action",
    "summary": "Run any action",
    "description": "Any action of your Heed, also one that came after this connector: its fields are read as you edit.",
    "x-ms-visibility": "advanced",
    "parameters": [
        _part("action", "Action", description="What to do.", **listed("actions")),
        {"name": "body", "in": "body", "required": True, "schema": {"type": "object", **form_of("input_schema")}},
    ],
    "responses": {
        "200": {"description": "Done.", "schema": {"type": "object", **form_of("output_schema")}},
        "202": {"description": "Taken; the rest goes on in the background."},
        "default": REFUSED,
    },
}

TRIGGER: Mapping[str, Any] = {
    "operationId": "when_something_happens",
    "summary": "When somebody opts out or in, writes, or a message ends",
    "description": "Starts the flow at once on the events that you choose.",
    "x-ms-visibility": "important",
    "x-ms-trigger": "single",
    "x-ms-trigger-hint": "To see it work, opt a test number out.",
    "parameters": [{
        "name": "body", "in": "body", "required": True,
        "schema": {
            "type": "object", "required": ["url", "events", "format"],
            "properties": {
                "url": {**_TEXT, "x-ms-notification-url": True, "x-ms-visibility": "internal"},
                "events": {
                    "type": "array", "x-ms-summary": "Events", "description": "What starts the flow.",
                    "x-ms-visibility": "important",
                    "items": {**_TEXT, "x-ms-summary": "Event", **listed("triggers")},
                },
                "format": {**_TEXT, "default": "flat", "enum": ["flat"], "x-ms-visibility": "internal"},
            },
        },
    }],
    "responses": {
        "201": {"description": "Subscribed; Location is where to unsubscribe.",
                "schema": {"type": "object", "properties": {"id": {**_TEXT, "x-ms-summary": "Webhook"}}}},
        "default": REFUSED,
    },
}  # fmt: skip

OWN: Mapping[str, Mapping[str, Any]] = {
    "/v1/me": _read("get_me", "Whose key this is", {"type": "object", "properties": {"name": _TEXT}}),
    "/v1/actions": _read(
        "list_actions", "Every action and trigger",
        {"type": "object", "properties": {"actions": _NAMED, "triggers": _NAMED}},
    ),
    "/v1/actions/{action}": {"post": dict(_ANY)},
    "/v1/actions/{action}/form": _read(
        "get_action_form", "The fields of an action",
        {"type": "object", "properties": {"input_schema": {"type": "object"}, "output_schema": {"type": "object"}}},
        _part("action", "Action"),
    ),
    "/v1/options/{source}": _read(
        "list_options", "What a dropdown offers",
        {"type": "object", "properties": {"options": {"type": "array", "items": {
            "type": "object", "properties": {"value": _TEXT, "label": _TEXT, "description": _TEXT},
        }}}},
        _part("source", "Source"),
    ),
    "/v1/webhooks/{id}": {"delete": {
        "operationId": "unsubscribe", "summary": "Unsubscribe", "description": "Ends a subscription.",
        "x-ms-visibility": "internal", "parameters": [_part("id", "Webhook")],
        "responses": {"200": {"description": "Deleted."}, "default": REFUSED},
    }},
}  # fmt: skip
