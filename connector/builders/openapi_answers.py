"""The shapes of answers, by name. A resource answers what it was given, and more; the rest is said here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from connector.builders.openapi_contacts import CONTACT_ANSWERS
from connector.builders.openapi_exports import EXPORT_ANSWERS
from connector.builders.openapi_files import FILE_ANSWERS
from connector.builders.openapi_inbox import INBOX_ANSWERS
from connector.builders.openapi_proof import PROOF_ANSWERS
from connector.builders.openapi_public import PUBLIC_ANSWERS
from connector.builders.openapi_staff import PANEL_ANSWERS, USER
from schemas import answers as words
from schemas import vocabulary

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_ANY: Schema = {}
_OBJECT: Schema = {"type": "object"}
_WHEN: Schema = {"type": ["string", "null"], "format": "date-time"}
_CHANNEL: Schema = {"type": "string", "enum": get_args(vocabulary.Channel)[1].schema["enum"]}
_BASIS: Schema = {"enum": [*get_args(vocabulary.Basis)[1].schema["enum"], None]}
_SETTLED: Schema = {**_FLAG, "description": "false: a message was still being handed over."}
#: What is answered in pages.
_PAGED = (
    "OptOutList", "Sender", "Binding", "SmartReply", "Campaign", "KeyInfo", "Event", "Send", "Webhook", "HookDelivery",
    "Entry", "Account", "Contact", "Group", "Template", "Form",
    "Rule", "Review", "KeywordPack", "User",
)  # fmt: skip
_CURSOR: Schema = {**_MAYBE, "description": "What to pass as cursor to get the next page; null at the end."}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def word(hint: Any) -> Schema:
    """The schema of an action's output word; its name here is the component's."""
    schema: Schema = get_args(hint)[1].schema
    return {key: value for key, value in schema.items() if key != "title"}


def answers(given: Mapping[str, Schema]) -> dict[str, Schema]:
    """Every answer by its name. ``given``: the schemas of what callers send, from which resources are made."""
    campaign, step = _fields(given, "CampaignInput"), _fields(given, "StepInput")
    steps = _array(_object({"id": _TEXT, "position": _COUNT, **step}, *(name for name in step if name != "delay")))
    run_url = {**_TEXT, "description": "POST any JSON or form here to run the action."}
    inbound_url = {**_MAYBE, "description": "Where the provider sends what people write; null without the scope admin."}
    return {
        **_FIXED,
        **EXPORT_ANSWERS,
        **FILE_ANSWERS,
        **PROOF_ANSWERS,
        **PUBLIC_ANSWERS,
        **CONTACT_ANSWERS,
        **INBOX_ANSWERS,
        **PANEL_ANSWERS,
        "User": USER,
        **{f"{name}Page": _object({"items": _array(ref(name)), "next_cursor": _CURSOR}) for name in _PAGED},
        "OptOutList": _object(
            {"id": _TEXT, **_fields(given, "OptOutListInput"), "is_default": _FLAG, "account": _MAYBE,
             "webhook_secret": _TEXT},
            "webhook_secret",
        ),
        "Sender": _object({"id": _TEXT, **_fields(given, "SenderInput"), "inbound_url": inbound_url}),
        "Binding": _object(
            {"id": _TEXT, **_fields(given, "BindingInput"), "version": _COUNT, "run_url": run_url}
        ),
        "Webhook": _object(
            {"id": _TEXT, **_fields(given, "WebhookInput"), "secret": _TEXT, "expires_at": _WHEN,
             "failing_since": _WHEN, "disabled_at": _WHEN},
            "secret",
        ),
        "Account": _object({"id": _TEXT, **_fields(given, "AccountInput"), "settled": _SETTLED}, "settled"),
        "Defaults": _object({**_fields(given, "DefaultStatesInput"), "settled": _SETTLED}, "settled"),
        "Template": _object({"id": _TEXT, **_fields(given, "TemplateInput")}),
        "Form": _object({"id": _TEXT, **_fields(given, "FormInput"), "url": _TEXT, "embed_code": _TEXT}),
        "SmartReply": _object({"id": _TEXT, **_fields(given, "SmartReplyInput")}),
        "Campaign": _object({"id": _TEXT, "status": _TEXT, **campaign, "steps": steps, "settled": _SETTLED}, "settled"),
        "KeyInfo": _object({
            "id": _TEXT, **_fields(given, "KeyInput"), "created_at": _WHEN, "expires_at": _WHEN, "revoked_at": _WHEN,
        }),
    }  # fmt: skip


def _object(properties: Mapping[str, Schema], *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def _fields(given: Mapping[str, Schema], name: str) -> dict[str, Schema]:
    """The fields of what was sent, as they come back: what was left out has its value by then."""
    return {
        field: {key: value for key, value in schema.items() if key != "default"}
        for field, schema in given[name]["properties"].items()
    }


_NAMED = _object({"id": _TEXT, "name": _TEXT})
_FAULT = _object({"pointer": _TEXT, "code": _TEXT, "detail": _TEXT})
_SENT = word(words.Delivery)["properties"]["results"]["items"]["properties"]
_COUNTS = dict.fromkeys(
    ("total", "due", "sent", "suppressed", "failed", "unknown", "cancelled", "held", "scheduled"), _COUNT
)

_FIXED: dict[str, Schema] = {
    "Problem": {
        **_object({
            "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "instance": _TEXT,
            "errors": _array(_FAULT),
        }),
        "description": "RFC 9457. errors names every fault of the call at once, by JSON pointer.",
        "examples": [{
            "type": "urn:heed:problem:invalid_input", "title": "The input has faults; nothing was changed.",
            "status": 422, "detail": "/channel must be one of all, sms, email", "instance": "/v1/actions/check_consent",
            "errors": [{"pointer": "/channel", "code": "not_allowed", "detail": "must be one of all, sms, email"}],
        }],
    },
    "Me": _object({"organisation": _NAMED, "account": _NAMED, "name": _TEXT, "key": _TEXT, "scopes": _array(_TEXT)}),
    "Action": _object({
        "name": _TEXT, "version": _COUNT, "title": _TEXT, "description": _TEXT, "icon": _TEXT, "scope": _TEXT,
        "input_schema": {**_OBJECT, "description": "JSON Schema 2020-12 with hints for forms as x-* keys."},
        "output_schema": _OBJECT, "examples": _array(_OBJECT),
        "effects": _object({"read_only": _FLAG, "destructive": _FLAG, "idempotent": _FLAG}),
        "errors": _array(_object({"status": _COUNT, "code": _TEXT})), "links": _map(_TEXT),
    }),
    "Catalogue": _object({"actions": _array(ref("Action")), "triggers": _array(_OBJECT)}),
    "HookDelivery": _object({
        "id": _TEXT, "event": _TEXT, "type": _TEXT, "status": {"enum": ["pending", "delivered", "dead"]},
        "attempts": _COUNT, "last_status": {"type": ["integer", "null"]}, "last_error": _MAYBE,
        "duration_ms": {"type": ["integer", "null"]}, "next_attempt_at": _WHEN, "delivered_at": _WHEN,
        "created_at": _WHEN,
    }),
    "Preview": _object({"input": _OBJECT, "problems": _array(_FAULT)}),
    "Attributes": _object({
        "attributes": _array(_object({"expression": _TEXT, "label": _TEXT, "type": _TEXT, "sample": _ANY})),
    }),
    "Options": _object({
        "options": _array(_object({"value": _TEXT, "label": _TEXT, "description": _MAYBE})), "next_cursor": _CURSOR,
    }),
    "ZapierOptions": _object({"results": _array(_object({"id": _TEXT, "label": _TEXT})), "paging_token": _MAYBE}),
    "Deleted": _object({"deleted": {"const": True}}),
    "Key": _object({"id": _TEXT, "key": {**_TEXT, "description": "The key itself, shown this once."}}),
    "Organisation": _object({"id": _TEXT, "admin_key": {**_TEXT, "description": "Its first key, shown this once."}}),
    "Profile": _object(
        {
            "addresses": _array(_object({"kind": _TEXT, "value": _TEXT})), "blocked": _FLAG,
            "channels": _map(_object({"state": _TEXT, "default": _TEXT, "since": _WHEN, "source": _MAYBE,
                                      "expires_at": _WHEN, "basis": _BASIS})),
            "lists": _array(_object({
                "id": _TEXT, "key": _TEXT, "name": _TEXT, "channel": _CHANNEL, "state": _TEXT, "since": _WHEN,
                "expires_at": _WHEN, "basis": _BASIS,
            })),
            "settled": _SETTLED, "results": _array(_OBJECT),
        },
        "settled", "results",
    ),
    "Entry": _object(
        {"id": _TEXT, "number": _MAYBE, "email": _MAYBE, "whatsapp_id": _MAYBE, "channel": _CHANNEL, "state": _TEXT,
         "since": _WHEN, "expires_at": _WHEN, "source": _MAYBE, "event": _TEXT},
        "number", "email", "whatsapp_id",
    ),
    "EntryChanges": word(words.EntryChanges),
    "Event": word(words.Trail)["properties"]["events"]["items"],
    "Settlement": _object({"settled": _FLAG}),
    "Send": _object({"id": _TEXT, "campaign": _MAYBE, "request": _MAYBE, "reference": _MAYBE, **_SENT, "at": _WHEN}),
    "Delivery": word(words.Delivery),
    "Enrolled": word(words.Enrolled),
    "EnrolledFile": _object({
        **dict.fromkeys(("rows", "enrolled", "already", "opted_out", "rejected"), _COUNT),
        "rejected_rows": _array(_object({"line": _COUNT, "code": _TEXT, "detail": _TEXT})),
    }),
    "Report": _object({
        "status": _TEXT, **_COUNTS, "reasons": _map(_COUNT), "failures": _map(_COUNT),
        "filling": {**_FLAG, "description": "true: members of its groups are still taken in."},
        "steps": _array(_object({"id": _TEXT, "position": _COUNT, **_COUNTS, "reasons": _map(_COUNT),
                                 "failures": _map(_COUNT)})),
        "summary": {**_TEXT, "examples": ["50 contacts skipped (opted-out)"]},
    }),
    "Received": _object({
        "received": _COUNT, "messages": _array(_object({"id": _TEXT, "outcome": _TEXT})),
    }),
    "Health": _object(
        {"status": _TEXT, "detail": _TEXT, "checks": {"type": "object", "additionalProperties": {"type": "string"}}},
        "detail", "checks",
    ),
    "Database": _object({
        "sending": {"enum": ["on", "held"]}, "differs": _array(_TEXT), "unread": _array(_TEXT),
        "confirmed_at": _WHEN, "confirmed_by": _MAYBE, "detail": _MAYBE,
    }),
}  # fmt: skip
