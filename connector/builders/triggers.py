"""The triggers of the catalogue: what a builder may wait for, how it subscribes, and what it will get."""

from __future__ import annotations

from typing import Any

from schemas.events import TRIGGERS, sample


def triggers() -> list[dict[str, Any]]:
    """One entry for each event; ``payload_schema`` and ``sample`` are of the flat form, and of the other's data."""
    return [
        {
            "name": one.name, "version": 1, "event": one.event, "title": one.title, "description": one.description,
            "subscribe": {
                "method": "POST", "path": "/v1/webhooks", "body": {"url": "", "events": [one.event], "format": "flat"},
            },
            "unsubscribe": {"method": "DELETE", "path": "/v1/webhooks/{id}"},
            "samples": {"method": "GET", "path": f"/v1/webhooks/samples/{one.event}?format=flat"},
            "payload_schema": dict(one.schema), "sample": sample(one.event),
        }
        for one in TRIGGERS
    ]  # fmt: skip
