"""The calls about what people write, one row each, and what they answer."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import Route
from schemas import inbox as of_inbox

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_FLAG: dict[str, Any] = {"type": "boolean"}
_WHEN: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_WORDS: dict[str, Any] = {"type": "array", "items": _TEXT}
_PAGE = ("limit", "cursor")


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [n for n in properties if n not in optional]}


INBOX_ANSWERS: dict[str, Any] = {
    "Rule": _object({
        "id": _TEXT, "channel": _TEXT, "sender": _MAYBE, "begins_with": _TEXT, "state": {"enum": ["in", "out"]},
        "lists": _WORDS,
    }),
    "Review": _object(
        {"id": _TEXT, "sender": _TEXT, "channel": _TEXT, "number": _MAYBE, "email": _MAYBE, "whatsapp_id": _MAYBE,
         "text": _TEXT, "held": {**_FLAG, "description": "true: held back until somebody decides."},
         "status": {"enum": ["open", "opted_out", "dismissed"]}, "received_at": _WHEN, "decided_by": _MAYBE,
         "decided_at": _WHEN, "settled": _FLAG},
        "number", "email", "whatsapp_id", "settled",
    ),
    "KeywordPack": _object({
        "name": _TEXT, "opt_out": _WORDS, "opt_in": _WORDS, "help": _WORDS,
        "confidence": {"enum": ["law", "industry_code", "provider", "oss_usage", "low"]}, "source": _TEXT,
    }),
    "TriedOut": _object({
        "outcome": {"enum": ["opt_out", "opt_in", "reply", "unclear", "none"]}, "why": _TEXT,
        "says": {"type": ["string", "null"], "description": "The text that would answer a person who is new to it."},
        "lists": {"type": "array", "items": {"type": "object"}}, "word": _MAYBE, "rule": _MAYBE,
        "reply": {"type": ["object", "null"]}, "actions": {"type": "array", "items": {"type": "object"}},
    }),
}  # fmt: skip

INBOX = (
    Route("POST /v1/replies/try", "try_message", "What a message would set off, and why; without effect", "read",
          of_inbox.TryOut(), "TriedOut", keyed=False,
          example={"sender": "sdr_0123456789ab", "number": "+14155550123", "text": "please stop"}),
    Route("GET /v1/rules", "list_rules", "Every rule", "read", answers="RulePage", query=_PAGE),
    Route("POST /v1/rules", "create_rule", "Make a rule: a beginning of messages that means in or out", "write",
          of_inbox.RuleResource(), "Rule", (201,), example={"begins_with": "no thanks", "state": "out"}),
    Route("GET /v1/rules/{rule}", "get_rule", "One rule", "read", answers="Rule"),
    Route("PATCH /v1/rules/{rule}", "change_rule", "Change some of its fields", "write",
          of_inbox.RuleResource(partial=True), "Rule", example={"channel": "sms"}),
    Route("DELETE /v1/rules/{rule}", "delete_rule", "Delete it", "write", answers="Deleted"),
    Route("GET /v1/reviews", "list_reviews", "Messages that sound like a refusal, the newest first", "read",
          answers="ReviewPage", query=("status", *_PAGE)),
    Route("GET /v1/reviews/{review}", "get_review", "One of them", "read", answers="Review"),
    Route("POST /v1/reviews/{review}", "decide_review", "Say what was meant", "write", of_inbox.Decision(),
          "Review", (200, 202), also=(409,), example={"decision": "opt_out"}),
    Route("GET /v1/keyword-packs", "list_keyword_packs", "Ready keywords by language and country, with sources",
          "read", answers="KeywordPackPage"),
)  # fmt: skip
