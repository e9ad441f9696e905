"""The words of action inputs. A parameter's annotation is one of these; its schema is published as is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from connector.domain import recipients
from connector.domain.basis import MONTHS
from connector.domain.instants import parse_rfc3339
from connector.domain.schema import Group, Schema, Word
from connector.domain.words import CHANNEL_NAMES, Purpose
from connector.domain.words import Channel as ChannelWord
from schemas.answers import Delivery as Delivery
from schemas.answers import Enrolled as Enrolled
from schemas.answers import OptInChanges as OptInChanges
from schemas.answers import OptOutChanges as OptOutChanges
from schemas.answers import RemovalChanges as RemovalChanges
from schemas.answers import Trail as Trail
from schemas.answers import Verdict as Verdict


def _text(title: str, description: str, limit: int, **more: Any) -> Schema:
    return {"type": "string", "title": title, "description": description, "minLength": 1, "maxLength": limit, **more}


_ADDRESSES: dict[str, Schema] = {
    "number": {
        "type": ["string", "integer"], "title": "Phone number", "maxLength": 320, "minimum": 100_000,
        "maximum": 999_999_999_999_999, "examples": ["+14155550123"], "x-visibility": "important",
        "description": "A phone number, best in international form; a national one is read with the account's region.",
    },
    "email": _text("Email", "An email address.", 320, examples=["ada@example.com"], **{"x-visibility": "important"}),
    "whatsapp_id": _text(
        "WhatsApp user id", "The id of a WhatsApp user whose number is not known.", 320, **{"x-visibility": "advanced"}
    ),
}  # fmt: skip

_ATTRIBUTES: Schema = {
    "type": "object", "title": "Attributes", "maxProperties": 200, "additionalProperties": True,
    "description": "Values of this person that texts may use, such as first_name.",
}  # fmt: skip

_SOME_ADDRESS: Schema = {"anyOf": [{"required": [name]} for name in _ADDRESSES]}
#: Said with "not", since generators of clients stumble over a property that is false.
_MANY: Schema = {"required": ["recipients"]}

PEOPLE = Group(
    properties={
        **_ADDRESSES,
        "recipients": {
            "type": "array", "title": "Recipients", "minItems": 1, "maxItems": 1000, "x-visibility": "advanced",
            "description": "Many people in one call, instead of the fields above.",
            "items": {
                "type": "object", "additionalProperties": False,
                "properties": {**_ADDRESSES, "attributes": _ATTRIBUTES},
            },
        },
    },
    rule={
        "oneOf": [
            {**_MANY, "not": _SOME_ADDRESS},
            {**_SOME_ADDRESS, "not": _MANY},
        ]
    },
    broken=("recipient_needed", "needs a number, an email or a whatsapp_id, or else recipients, but not both"),
    read=recipients.read_batch,
)  # fmt: skip

Recipients = Annotated[recipients.Batch, PEOPLE]

Channel = Annotated[
    ChannelWord,
    Word(
        {"type": "string", "title": "Channel", "enum": list(CHANNEL_NAMES), "x-options": {"source": "channels"},
         "description": "The channel this is about; all is every one."},
        ChannelWord.named,
    ),
]  # fmt: skip

Lists = Annotated[
    Sequence[str],
    Word({
        "type": "array", "title": "Opt-out lists", "minItems": 1, "maxItems": 50,
        "items": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": "Lists by id or key. The default list, the master stop, governs every send as well.",
        "x-options": {"source": "lists", "depends_on": [], "searchable": True}, "x-visibility": "important",
    }),
]  # fmt: skip

Reason = Annotated[
    str | None, Word(_text("Reason", "Why, in words people understand later.", 300, **{"x-visibility": "advanced"}))
]

_TIME: Schema = {"type": "string", "format": "date-time", "x-visibility": "advanced"}
OccurredAt = Annotated[
    int | None,
    Word({**_TIME, "title": "Said at", "description": "When the person said so; now, where left out."}, parse_rfc3339),
]
ExpiresAt = Annotated[
    int | None,
    Word({**_TIME, "title": "Expires at", "description": "When this consent ends by itself."}, parse_rfc3339),
]
Basis = Annotated[
    str | None,
    Word({
        "type": "string", "title": "Basis", "enum": list(MONTHS), "x-visibility": "advanced",
        "description": "What the consent rests on: express is the person's own yes and has no end (so where left out). "
                       "Implied consent under Canada's CASL ends by itself: casl_purchase 24 calendar months after "
                       "it was said, casl_inquiry after 6. It lifts no opt-out.",
    }),
]  # fmt: skip
SendAt = Annotated[
    int | None, Word({**_TIME, "title": "Send at", "description": "Not before this time."}, parse_rfc3339)
]
Evidence = Annotated[
    Mapping[str, Any] | None,
    Word({
        "type": "object", "title": "Evidence", "maxProperties": 50, "additionalProperties": True,
        "x-visibility": "advanced",
        "description": "What proves it: the text shown, the form, the address it came from.",
    }),
]  # fmt: skip
PurposeWord = Annotated[
    Purpose,
    Word(
        {"type": "string", "title": "Purpose", "enum": ["marketing", "transactional", "service"],
         "description": "Marketing asks the lists. Transactional messages and answers within a conversation pass an "
                        "opt-out, never a block.", "x-visibility": "advanced"},
        Purpose,
    ),
]  # fmt: skip
RequireOptIn = Annotated[
    bool | str,
    Word({
        "enum": [False, True, "explicit"], "title": "Require opt-in", "x-visibility": "advanced",
        "description": "true: only to people whose flag for the channel is in. explicit: only on their own word.",
    }),
]  # fmt: skip
BypassGroups = Annotated[
    Sequence[str],
    Word({
        "type": "array", "title": "Bypass groups", "maxItems": 20, "x-visibility": "advanced",
        "items": {"type": "string", "minLength": 1, "maxLength": 100}, "x-options": {"source": "groups"},
        "description": "Groups whose members pass the opt-out rule; needs a key with the scope bypass.",
    }),
]  # fmt: skip
Sender = Annotated[
    str,
    Word(_text("Sender", "The sender the message leaves by.", 100, **{
        "x-options": {"source": "senders", "depends_on": [], "searchable": True}, "x-visibility": "important"})),
]  # fmt: skip
Text = Annotated[
    str | None,
    Word(_text("Text", "The message. {{ first_name }} is filled from the recipient's attributes.", 10_000,
               **{"x-visibility": "important", "x-template": True})),
]  # fmt: skip
Subject = Annotated[str | None, Word(_text("Subject", "For email: the subject line.", 998, **{"x-template": True}))]
Html = Annotated[
    str | None,
    Word(_text("HTML", "For email: the message as HTML.", 500_000, **{"x-template": True, "x-visibility": "advanced"})),
]
Template = Annotated[
    Mapping[str, Any] | None,
    Word({
        "type": "object", "title": "Template", "required": ["name"], "additionalProperties": False,
        "x-visibility": "advanced", "description": "A saved or approved template instead of text.",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 200},
            "language": {"type": "string", "minLength": 2, "maxLength": 20},
            "parameters": {"type": ["object", "array"]},
        },
    }),
]  # fmt: skip
Reference = Annotated[
    str | None, Word(_text("Reference", "Your own name for this send.", 200, **{"x-visibility": "advanced"}))
]
Async = Annotated[
    bool,
    Word({"type": "boolean", "title": "Don't wait", "x-visibility": "advanced",
          "description": "Answer at once (202) and send in the background."}),
]  # fmt: skip
Limit = Annotated[
    int, Word({"type": "integer", "title": "Limit", "minimum": 1, "maximum": 1000, "description": "How many at most."})
]
Sequence_ = Annotated[
    str,
    Word(_text("Sequence", "The sequence campaign.", 100, **{
        "x-options": {"source": "sequences", "depends_on": [], "searchable": True}, "x-visibility": "important"})),
]  # fmt: skip
Attributes = Annotated[Mapping[str, Any] | None, Word({**_ATTRIBUTES, "x-visibility": "advanced"})]
