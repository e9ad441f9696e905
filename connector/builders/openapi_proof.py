"""The call for a proof of consent, and what it answers."""

from __future__ import annotations

from typing import Any, get_args

from connector.builders.openapi_route import Route
from schemas import answers as words
from schemas.vocabulary import Basis

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_EVENT = get_args(words.Trail)[1].schema["properties"]["events"]["items"]

PROOF = Route(
    "GET /v1/proof", "get_proof", "Proof of one address's consent, its record verified now", "read", answers="Proof",
    query=("number", "email", "whatsapp_id", "proof_format"), page=True,
)  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_NAMED = _object({"id": _TEXT, "name": _TEXT})

PROOF_ANSWERS: dict[str, Any] = {
    "Proof": _object({
        "address": _object({"kind": _TEXT, "value": _TEXT}), "organisation": _NAMED, "account": _NAMED,
        "asked_by": _TEXT, "generated_at": {"type": "string", "format": "date-time"}, "blocked": _FLAG,
        "channels": {"type": "object", "description": "As in a profile."},
        "lists": {"type": "array", "items": {"type": "object"}, "description": "As in a profile."},
        "events": {
            **_array(_object({
                **_EVENT["properties"], "line": _COUNT, "erased": _FLAG,
                "basis": {"enum": [*get_args(Basis)[1].schema["enum"], None]},
            })),
            "description": "Every word, from the first to the last.",
        },
        "integrity": _object({
            "whole": {**_FLAG, "description": "Every line fits, and what holds now is what they say."},
            "bucket": _COUNT, "lines": _COUNT, "breach_count": _COUNT,
            "breaches": _array(_object({"line": {"type": ["integer", "null"]}, "detail": _TEXT})),
            "head": {"anyOf": [_object({"line": _COUNT, "seal": _TEXT, "signature": _TEXT, "signature_valid": _FLAG}),
                               {"type": "null"}]},
        }),
    }),
}  # fmt: skip
