"""The words of action outputs: what an action's return annotation says, published as its output schema."""

from __future__ import annotations

from typing import Annotated

from connector.domain.results import Result
from connector.domain.schema import Schema, Word
from connector.domain.words import CHANNEL_NAMES, OPTOUT_NUMBER, ReasonCode, Source

_STRING: Schema = {"type": "string"}
_NULLABLE: Schema = {"type": ["string", "null"]}
#: What is wrong with one person of many.
_FAULTS: Schema = {
    "type": "array",
    "items": {
        "type": "object", "required": ["code", "detail"], "properties": {"code": _STRING, "detail": _STRING},
    },
}  # fmt: skip
_WHEN: Schema = {"type": ["string", "null"], "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FREE: Schema = {"type": "object", "additionalProperties": True}
_CHANNEL_OUT: Schema = {"type": ["string", "null"], "enum": [*CHANNEL_NAMES, None]}
_LIST_OUT: Schema = {
    "type": "object", "required": ["id", "key", "name"],
    "properties": {"id": _STRING, "key": _STRING, "name": _STRING},
}  # fmt: skip
_PERSON_OUT: Schema = {"number": _STRING, "email": _STRING, "whatsapp_id": _STRING}
_REASONS_OUT: Schema = {
    "type": "array",
    "items": {
        "type": "object", "required": ["code"],
        "properties": {
            "code": {"enum": [code.value for code in ReasonCode]}, "list": {"anyOf": [_LIST_OUT, {"type": "null"}]},
            "channel": _CHANNEL_OUT, "since": _WHEN,
        },
    },
}  # fmt: skip


def _object(title: str, properties: Schema, *required: str) -> Schema:
    return {"type": "object", "title": title, "properties": properties, "required": list(required)}


def _results(title: str, statuses: list[str], **more: Schema) -> Schema:
    item = _object("Result", {**_PERSON_OUT, **more, "status": {"enum": statuses}}, "status")
    settled: Schema = {"type": "boolean", "description": "false: a message was still being handed over."}
    properties = {"results": {"type": "array", "items": item}}
    return _object(title, {**properties, "settled": settled} if "list" in more else properties, "results")


def _changes(*statuses: str, **also: Schema) -> Word:
    more = {**also, "list": _LIST_OUT, "channel": _CHANNEL_OUT, "event": _NULLABLE, "errors": _FAULTS}
    return Word(_results("Changes", [*statuses, "rejected"], **more))


OptOutChanges = Annotated[Result, _changes("added", "already", "superseded")]
RemovalChanges = Annotated[Result, _changes("removed", "absent", "superseded", "refused")]
OptInChanges = Annotated[Result, _changes("added", "already", "superseded", "refused")]

#: Not an action's: entries of a list changed by an operator.
EntryChanges = Annotated[Result, _changes("added", "already", "superseded", "removed", "absent", "refused", id=_STRING)]

_DECISION: Schema = {"allowed": {"type": "boolean"}, "reasons": _REASONS_OUT}
Verdict = Annotated[
    Result,
    Word(_object(
        "Verdict",
        {
            **_DECISION, "allowed_count": _COUNT, "refused_count": _COUNT,
            "decisions": {"type": "array", "items": _object(
                "Decision", {"recipient": _object("Recipient", _PERSON_OUT), **_DECISION},
                "recipient", "allowed", "reasons")},
            "checked_at": _WHEN,
        },
        "checked_at",
    )),
]  # fmt: skip

SEND_STATUSES = ["sent", "suppressed", "failed", "unknown", "scheduled", "pending", "cancelled"]
Delivery = Annotated[
    Result,
    Word(_object(
        "Delivery",
        {
            "id": _STRING, **dict.fromkeys(("sent", "suppressed", "failed", "unknown", "scheduled"), _COUNT),
            "summary": {**_STRING, "examples": ["50 contacts skipped (opted-out)"]},
            "results": {"type": "array", "items": _object(
                "Result",
                {
                    "recipient": _object("Recipient", _PERSON_OUT), "status": {"enum": SEND_STATUSES},
                    "error": {**_NULLABLE, "examples": [OPTOUT_NUMBER]}, "reasons": _REASONS_OUT,
                    "provider_id": _NULLABLE, "not_before": _WHEN,
                },
                "recipient", "status", "error", "reasons")},
        },
        "id", "sent", "suppressed", "failed", "unknown", "scheduled", "summary", "results",
    )),
]  # fmt: skip

Trail = Annotated[
    Result,
    Word(_object(
        "History",
        {
            "events": {"type": "array", "items": _object(
                "Event",
                {
                    "id": _STRING, "at": _WHEN, "recorded_at": _WHEN,
                    "list": {"anyOf": [_LIST_OUT, {"type": "null"}]},
                    "channel": _CHANNEL_OUT, "state": _STRING, "source": {"enum": [source.value for source in Source]},
                    "reason": _NULLABLE, "actor": _NULLABLE, "evidence": _FREE,
                },
                "at", "state", "source")},
            "channels": _FREE,
            "lists": {"type": "array", "items": _FREE},
        },
        "events", "channels", "lists",
    )),
]  # fmt: skip

Enrolled = Annotated[
    Result,
    Word(_results("Enrolled", ["enrolled", "already", "opted_out", "removed", "absent", "rejected"],
                  errors=_FAULTS)),
]  # fmt: skip
