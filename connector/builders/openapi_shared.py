"""What calls of the API share: parameters, headers, and the problems they answer with."""

from __future__ import annotations

from typing import Any, get_args

from connector.builders.openapi_answers import ref
from connector.builders.openapi_contacts import CONTACT_QUERY
from connector.builders.openapi_files import FILE_QUERY
from schemas.answers import SEND_STATUSES
from schemas.vocabulary import PEOPLE, Channel

_TEXT = {"type": "string"}

#: Where a path has a part to fill in: what it is, and how one looks.
PATH_PARTS = {
    "account": ("An account's id.", "acc_0123456789ab"),
    "action": ("An action's name.", "add_to_opt_out"),
    "builder": ("A flow builder's name, as GET /v1/builders has it.", "node-red"),
    "delivery": ("A delivery's id.", "dlv_0123456789ab"),
    "event": ("An event's type.", "contact.opted_out"),
    "webhook": ("A webhook's id.", "whk_0123456789ab"),
    "binding": ("A saved mapping's id.", "bnd_0123456789ab"),
    "campaign": ("A campaign's id.", "cmp_0123456789ab"),
    "code": ("The opaque end of a short address that Heed gave out.", "7Hq2ZtV0aXb3K"),
    "form": ("A form's id.", "frm_0123456789ab"),
    "contact": ("A contact's id.", "ctc_0123456789ab"),
    "group": ("A group's id or name.", "grp_0123456789ab"),
    "import": ("An import's id.", "imp_0123456789ab"),
    "key": ("A key's id (not the key itself).", "key_0123456789ab"),
    "list": ("A list's id or key.", "default"),
    "review": ("A review's id.", "rvw_0123456789ab"),
    "rule": ("A rule's id.", "rul_0123456789ab"),
    "reply": ("A smart reply's id.", "rpl_0123456789ab"),
    "send": ("The id of a send (snd_) or of one message (msg_).", "snd_0123456789ab"),
    "template": ("A template's id.", "tpl_0123456789ab"),
    "sender": ("A sender's id.", "sdr_0123456789ab"),
    "source": ("What to offer: lists, channels, senders, templates, groups or sequences.", "lists"),
    "user": ("A user's id.", "usr_0123456789ab"),
    "token": ("The opaque end of an address that Heed gave out.", "WyIx"),
}

QUERY: dict[str, dict[str, Any]] = {
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        "description": "How many at most.",
    },
    "cursor": {"schema": _TEXT, "description": "next_cursor of the page before."},
    "number": {
        "schema": _TEXT, "example": "+14155550123",
        "description": "A phone number. Name the person by this, by email or by whatsapp_id.",
    },
    "email": {"schema": _TEXT, "description": "An email address."},
    "whatsapp_id": {"schema": _TEXT, "description": "The id of a WhatsApp user whose number is not known."},
    "campaign": {"schema": _TEXT, "description": "Only messages of this campaign."},
    "status": {
        "schema": {
            "type": "string",
            "enum": SEND_STATUSES,
        },
        "description": "Only messages that stand so.",
    },
    "version": {"schema": {"type": "integer", "minimum": 1}, "description": "The action's version; another is a 404."},
    "q": {"schema": _TEXT, "description": "A part of an option's label; how an address begins or ends (3 characters)."},
    "channel": {
        "schema": {"type": "string", "enum": get_args(Channel)[1].schema["enum"]},
        "description": "Only words about this channel.",
    },
    "state": {
        "schema": {"type": "string", "enum": ["out", "in", "cleared"], "default": "out"},
        "description": "Only words that say so.",
    },
    "kind": {
        "schema": {"type": "string", "enum": ["number", "email", "whatsapp_id"]},
        "description": "Only addresses of this kind.",
    },
    "expires_before": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "Only words that end by themselves before this; state is then in where it is left out.",
    },
    "proof_format": {
        "name": "format", "schema": {"type": "string", "enum": ["json", "html"]},
        "description": "html: a page to print; where left out, as Accept says.",
    },
    "shape": {
        "schema": {"type": "string", "enum": ["zapier"]},
        "description": "zapier: answer {results, paging_token} instead, and take search and paging_token.",
    },
    "map": {
        "schema": {"type": "array", "items": _TEXT}, "explode": True,
        "description": "their_column:our_column, once for each column of the file that has another name.",
    },
    **FILE_QUERY,
    **CONTACT_QUERY,
}  # fmt: skip

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key", "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key again within 24 hours repeats the answer instead of the effect. Quoted or bare.",
    "example": "order-4711",
}  # fmt: skip

HEADERS: dict[str, dict[str, Any]] = {
    "Location": {"schema": _TEXT, "description": "Where to look again."},
    "IdempotencyReplayed": {"schema": {"const": "true"}, "description": "Where this is the first answer again."},
    "RetryAfter": {"schema": {"type": "integer"}, "description": "Seconds to wait before the next try."},
    "ETag": {"schema": _TEXT, "description": "Send it back as If-None-Match: unchanged is a 304 without a body."},
}

#: Status to the name and the meaning of the problem.
PROBLEMS = {
    400: ("Malformed", "The body can't be read; nothing was changed."),
    401: ("Unauthorised", "No valid key."),
    403: ("Forbidden", "The key lacks the scope."),
    404: ("NotFound", "There is nothing here, or it is somebody else's."),
    406: ("NotAcceptable", "The answer's type is not among those asked for."),
    409: ("Conflict", "Not in the present state, or the first call with this Idempotency-Key is still running."),
    410: ("Gone", "There was something here, and it is not kept any more."),
    413: ("TooLarge", "The body is larger than two megabytes."),
    415: ("UnsupportedMedia", "The body's content type is not one of those taken."),
    422: ("Invalid", "The input has faults, all of them named; nothing was changed."),
    429: ("TooManyRequests", "Too many calls."),
    503: ("Unavailable", "Can't answer now. Nothing was allowed; try again."),
}

#: One person or many, in a call that is not an action.
PEOPLE_INPUT = {
    "type": "object", "properties": dict(PEOPLE.properties), "additionalProperties": False, **PEOPLE.rule,
}  # fmt: skip

#: What a good answer means.
MEANINGS = {
    200: "Done.",
    201: "Made.",
    202: "Taken; a message was still in flight, or the rest goes on in the background.",
    204: "Taken; to this provider, silence is the only answer that is no message.",
    304: "Unchanged.",
    404: "A page that says that there is nothing here.",
    410: "A page that says that the link is too old.",
    422: "The page once more, with what is wrong.",
    429: "The page once more: too many from this network.",
    503: "Not ready.",
}


def problem(status: int) -> dict[str, Any]:
    """The response of a problem, as a component."""
    response: dict[str, Any] = {
        "description": PROBLEMS[status][1],
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
    return {**response, "headers": header("RetryAfter", "Retry-After")} if status in (429, 503) else response


def header(component: str, name: str = "") -> dict[str, Any]:
    """A response header, by the name of its component where that is its own."""
    return {name or component: {"$ref": f"#/components/headers/{component}"}}
