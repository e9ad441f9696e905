"""The calls about contacts, groups and erasing people, one row each, and what they answer."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import CSV, JSON, Route
from schemas import contacts, resources

_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_FLAG = {"type": "boolean"}
_NAMES = ("number", "email", "whatsapp_id")
_PEOPLE = {"$ref": "#/components/schemas/PeopleInput"}
_BOTH = {"recipients": [{"number": "+14155550123", "attributes": {"first_name": "Ada"}}]}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _statuses(*words: str) -> dict[str, Any]:
    row = {**dict.fromkeys(_NAMES, _TEXT), "status": {"enum": [*words, "rejected"]}, "contact": _TEXT,
           "errors": {"type": "array", "items": {"type": "object"}}}  # fmt: skip
    return {"type": "array", "items": _object(row, *_NAMES, "contact", "errors")}


CONTACT_ANSWERS = {
    "Contact": _object(
        {"id": _TEXT, **dict.fromkeys(_NAMES, _MAYBE), "attributes": {"type": "object"},
         "groups": {"type": "array", "items": _object({"id": _TEXT, "name": _TEXT})},
         "created_at": {**_TEXT, "format": "date-time"}, "settled": _FLAG},
        "settled",
    ),
    "Group": _object(
        {"id": _TEXT, "name": _TEXT, "bypass": {**_FLAG, "description": "Members may pass the opt-out rule."},
         "members": {"type": "integer", "minimum": 0}, "settled": _FLAG},
        "settled",
    ),
    "Joined": _object({"results": _statuses("added", "already")}),
    "Left": _object({"results": _statuses("removed", "absent"), "settled": _FLAG}),
    "Gone": _object({"deleted": {"const": True}, "settled": _FLAG}, "settled"),
    "Erased": _object({"erased": {"const": True}, "settled": _FLAG}),
}  # fmt: skip

CONTACTS = (
    Route("GET /v1/contacts", "list_contacts", "Everybody known, or the one with an address", "read",
          answers="ContactPage", query=(*_NAMES, "group", "limit", "cursor")),
    Route("POST /v1/contacts", "create_contact", "Make one; an address belongs to one contact", "write",
          contacts.ContactResource(), "Contact", (201,), also=(409,),
          example={"number": "+14155550123", "attributes": {"first_name": "Ada"}}),
    Route("GET /v1/contacts/{contact}", "get_contact", "One contact", "read", answers="Contact"),
    Route("PATCH /v1/contacts/{contact}", "change_contact", "Change it; null takes a value away", "write",
          contacts.ContactChange(partial=True), "Contact", (200, 202), also=(409,),
          example={"attributes": {"city": "Turin"}}),
    Route("DELETE /v1/contacts/{contact}", "delete_contact", "Forget it; what the person said stays", "write",
          answers="Gone", statuses=(200, 202)),
    Route("GET /v1/groups", "list_groups", "Every group", "read", answers="GroupPage"),
    Route("POST /v1/groups", "create_group", "Make one; bypass needs the scope bypass", "write",
          contacts.GroupResource(), "Group", (201,), also=(409,), example={"name": "Newsletter readers"}),
    Route("GET /v1/groups/{group}", "get_group", "One group", "read", answers="Group"),
    Route("PATCH /v1/groups/{group}", "change_group", "Rename it, or give or take its bypass", "write",
          contacts.GroupResource(partial=True), "Group", (200, 202), also=(409,), example={"bypass": False}),
    Route("DELETE /v1/groups/{group}", "delete_group", "Delete one that no campaign needs", "write",
          answers="Gone", statuses=(200, 202), also=(409,)),
    Route("POST /v1/groups/{group}/members", "add_members", "Put people in, as contacts", "write", {JSON: _PEOPLE},
          "Joined", example=_BOTH),
    Route("POST /v1/groups/{group}/members/remove", "remove_members", "Take people out", "write", {JSON: _PEOPLE},
          "Left", (200, 202), example=_BOTH),
    Route("GET /v1/groups/{group}/sendable", "get_sendable", "Its members who may be messaged now, as a file",
          "export", answers={"type": "string"}, media=CSV, rows=True,
          query=("channel", "lists", "format", "purpose", "require_opt_in", "bypass_groups")),
    Route("POST /v1/profiles/erase", "erase_profile", "Forget a person; the suppression stays", "admin",
          resources.PersonRef(), "Erased", (200, 202), followed=True, example={"number": "+14155550123"}),
)  # fmt: skip

CONTACT_QUERY: dict[str, dict[str, Any]] = {
    "group": {"schema": _TEXT, "description": "Only members of this group, by its id or name."},
    "lists": {"schema": _TEXT, "description": "The lists that govern, by id or key, with commas between."},
    "bypass_groups": {"schema": _TEXT, "description": "Groups whose members pass the opt-out rule; scope bypass."},
    "purpose": {
        "schema": {"type": "string", "enum": ["marketing", "transactional"], "default": "marketing"},
        "description": "What is to be sent.",
    },
    "require_opt_in": {
        "schema": {"type": "string", "enum": ["false", "true", "explicit"], "default": "false"},
        "description": "Only who opted in.",
    },
}  # fmt: skip
