"""The calls of an admin about users of the console."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import Route
from schemas import staff

USERS = (
    Route("GET /v1/users", "list_users", "Who signs in to the console", "admin", answers="UserPage"),
    Route("POST /v1/users", "create_user", "Make a user; without a password one is made, shown once", "admin",
          staff.UserResource(), "User", (201,), also=(409,), keyed=False,
          example={"name": "Anna", "role": "operator"}),
    Route("GET /v1/users/{user}", "get_user", "One user", "admin", answers="User"),
    Route("PATCH /v1/users/{user}", "change_user", "Change one, who is signed out; password null: a new one is made",
          "admin", staff.UserChange(partial=True), "User", also=(409,), example={"role": "viewer"}),
    Route("DELETE /v1/users/{user}", "delete_user", "Delete one; the history keeps the name", "admin",
          answers="Deleted"),
)  # fmt: skip

PANEL = (
    Route("GET /v1/panel-origins", "get_panel_origins", "Pages that may show the side panel in an iframe", "admin",
          answers="PanelOrigins"),
    Route("PUT /v1/panel-origins", "set_panel_origins", "These pages and no others", "admin", staff.PanelOrigins(),
          "PanelOrigins", example={"origins": ["https://inbox.example.com"]}),
    Route("POST /v1/panel-tickets", "create_panel_ticket", "Open the side panel for an agent of an inbox: eight hours",
          "write", staff.PanelTicket(), "PanelTicket", keyed=False, example={"agent": "Anna"}),
)  # fmt: skip

PANEL_ANSWERS: dict[str, Any] = {
    "PanelOrigins": {
        "type": "object", "properties": {"origins": {"type": "array", "items": {"type": "string"}}},
        "required": ["origins"],
    },
    "PanelTicket": {
        "type": "object",
        "properties": {
            "ticket": {"type": "string"},
            "url": {"type": "string", "description": "For the iframe; add &number= or &email= of the person."},
        },
        "required": ["ticket", "url"],
    },
}  # fmt: skip

USER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"}, "name": {"type": "string"},
        "role": {"type": "string", "enum": ["admin", "operator", "agent", "viewer"]},
        "account": {"type": "string"}, "disabled": {"type": "boolean"},
        "must_change": {"type": "boolean", "description": "The password must be replaced at the next sign-in."},
        "created_at": {"type": "string", "format": "date-time"},
        "password": {"type": "string", "description": "A password that was made, shown this once."},
    },
    "required": ["id", "name", "role", "account", "disabled", "must_change", "created_at"],
}  # fmt: skip
