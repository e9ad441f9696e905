"""What Heed posts to those who subscribed: the triggers, as the webhooks of the document."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_answers import ref
from connector.builders.openapi_route import JSON
from schemas.events import TRIGGERS, Trigger, body_of, sample

_HEADERS = (
    ("webhook-id", "The event's id: the same whenever it is delivered again."),
    ("webhook-timestamp", "When this was signed, in seconds since 1970; refuse what is five minutes old."),
    ("webhook-signature", "v1 and the base64 of HMAC-SHA256 over id, timestamp and body (Standard Webhooks)."),
)


def webhooks() -> dict[str, Any]:
    """One entry for each trigger, by its name."""
    return {one.name: {"post": _delivery(one)} for one in TRIGGERS}


def payloads() -> dict[str, Any]:
    """The schemas that the entries name; several are alike, and their titles would be one."""
    schemas = {}
    for one in TRIGGERS:
        flat = {key: value for key, value in one.schema.items() if key not in ("$schema", "title")}
        schemas[_flat(one)] = flat
        schemas[_standard(one)] = {
            "type": "object", "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"const": one.event}, "timestamp": {"type": "string", "format": "date-time"},
                "data": ref(_flat(one)),
            },
        }  # fmt: skip
    return schemas


def _delivery(one: Trigger) -> dict[str, Any]:
    shown = sample(one.event)
    forms = {"standard": "As Standard Webhooks have it", "flat": "All fields at the top, for builders"}
    return {
        "operationId": f"on_{one.name}", "tags": ["Webhooks"], "summary": one.title, "description": one.description,
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": description}
            for name, description in _HEADERS
        ],
        "requestBody": {"required": True, "content": {JSON: {
            "schema": {"anyOf": [ref(_standard(one)), ref(_flat(one))]},
            "examples": {
                form: {"summary": summary, "value": body_of(shown, form)} for form, summary in forms.items()
            },
        }}},
        "responses": {
            "2XX": {"description": "Heard; anything else is tried again for three days."},
            "410": {"description": "Nobody listens any more: the subscription is deleted."},
        },
    }  # fmt: skip


def _flat(one: Trigger) -> str:
    return f"{one.name}_payload"


def _standard(one: Trigger) -> str:
    return f"{one.name}_event"
