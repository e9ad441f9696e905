"""The calls about files into lists and out of them, one row each, and what they answer."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import CSV, FILE, Route

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_MAYBE = {"type": ["string", "null"]}
_WHEN = {"type": ["string", "null"], "format": "date-time"}
_UPLOAD = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
_HOW = ("map", "preset", "channel", "dry_run", "preview", "async")

FILES = (
    Route("GET /v1/lists/{list}/export", "export_list", "All of it as a file that can be imported again", "export",
          answers={"type": "string"}, query=("format", "channel", "state"), media=CSV, rows=True),
    Route("POST /v1/lists/{list}/import", "import_into_list", "Bring in a file of opt-outs or other words",
          "write", {CSV: {"type": "string"}, "application/x-ndjson": {"type": "string"}, FILE: _UPLOAD},
          {"anyOf": [{"$ref": "#/components/schemas/Import"}, {"$ref": "#/components/schemas/ImportPreview"}]},
          statuses=(200, 202), query=_HOW, followed=True, keyed=False),
    Route("GET /v1/imports/{import}", "get_import", "How far it is", "read or write", answers="Import"),
    Route("GET /v1/imports/{import}/rejected.csv", "get_rejected_rows", "Rows that could not be read, and why",
          "export or write", answers={"type": "string"}, also=(410,), media=CSV),
    Route("POST /v1/imports/{import}/undo", "undo_import", "Take back what it wrote, and nothing said since", "write",
          answers="Import", statuses=(200, 202), also=(409,), followed=True),
)  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


FILE_ANSWERS: dict[str, Any] = {
    "Import": _object({
        "id": _TEXT, "status": {"enum": ["running", "done", "failed", "undoing", "undone"]},
        "list": {"type": ["object", "null"], "properties": {"id": _TEXT, "key": _TEXT, "name": _TEXT}},
        "settled": {"type": "boolean"}, "dry_run": {"type": "boolean"},
        "progress": {"type": "number", "minimum": 0, "maximum": 1},
        **dict.fromkeys(("rows", "imported", "already", "superseded", "refused", "rejected"), _COUNT),
        "undone": {"type": "boolean"}, "taken_back": _COUNT, "kept": _COUNT, "fault": _MAYBE,
        "created_at": _WHEN, "finished_at": _WHEN,
    }),
    "ImportPreview": _object({
        "format": _TEXT, "header": {"type": "boolean"}, "delimiter": _MAYBE,
        "columns": {"type": "array", "items": _object({"column": _TEXT, "field": _MAYBE})},
        "fields": {"type": "array", "items": _TEXT},
        "rows": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "faults": {"type": "array", "items": _object({"line": _COUNT, "detail": _TEXT})},
    }),
}  # fmt: skip

FILE_QUERY: dict[str, dict[str, Any]] = {
    "format": {"schema": {"type": "string", "enum": ["csv", "jsonl"], "default": "csv"}, "description": "Of the file."},
    "preset": {
        "schema": {"type": "string",
                   "enum": ["twilio", "sendgrid", "mailgun", "postmark", "aws", "listmonk", "mautic"]},
        "description": "The tool whose suppression export this is.",
    },
    **{
        name: {"schema": {"type": "string", "enum": ["0", "1"], "default": "0"}, "description": text}
        for name, text in (
            ("dry_run", "1: count, and write nothing."), ("preview", "1: answer how it would be read."),
            ("async", "1: don't wait for a small file."),
        )
    },
}  # fmt: skip
