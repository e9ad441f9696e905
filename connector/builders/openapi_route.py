"""What one row of the table of calls says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CSV = "text/csv"
JSON_LINES = "application/x-ndjson"
FILE = "multipart/form-data"

TAGS = {
    "Actions": "What flows call. The body is the input; nothing in it is evaluated.",
    "Mapping": "For builders that can't map: the input is made from the flow's data by {{ expressions }} (JMESPath).",
    "Catalogue": "What there is, and what a builder needs to draw it.",
    "Lists": "Opt-out lists. The list default is always there: the master stop.",
    "People": "What is known of one person, and why a message did or did not reach them.",
    "Contacts": "Whom the organisation knows, groups of them, and the filtered copy of a group for any other tool.",
    "Campaigns": "Broadcasts and sequences. Consent is looked up again before every single message.",
    "Templates": "Texts under names, one for each language, filled from a recipient's attributes.",
    "Senders": "How messages leave: a provider, a channel and a number or from-address.",
    "Smart replies": "What people ask, what they are told, and the actions this sets off.",
    "Webhooks": "Who is told of opt-outs and opt-ins, signed as Standard Webhooks, until they have heard.",
    "Forms": "Opt-in forms for any page, with a second yes by a message where wanted.",
    "Pages": "What people open over links and forms: no key, no cookie, no script, and a GET changes nothing.",
    "Accounts": "Parts of the organisation, with a region, defaults and, where they want, lists of their own.",
    "Users": "Who signs in to the console, and in which role: what a role may do is what keys with its scopes may do.",
    "Keys": "Who may call.",
    "Agents": "The same actions for a language model: it sees those alone that its key may run.",
    "Service": "Inbound messages, health, and this description.",
}


@dataclass(frozen=True)
class Route:
    """One row: what a call takes and answers. What follows from that (problems, headers) is not said here."""

    call: str
    id: str
    summary: str
    #: "read", or "read or lists:read"; "" is any key, None no key at all.
    scopes: str | None
    #: A marshmallow schema of a JSON body, or schemas by content type.
    takes: Any = None
    #: The name of an answer, or a schema.
    answers: Any = None
    statuses: tuple[int, ...] = (200,)
    query: tuple[str, ...] = ()
    #: Problems beyond those that every call of this kind can have.
    also: tuple[int, ...] = ()
    example: Mapping[str, Any] | None = None
    #: Whether an Idempotency-Key is kept; only ever for a POST.
    keyed: bool = True
    #: Whether a 202 says where to look again.
    followed: bool = False
    media: str = JSON
    #: Whether it is answered as a page too.
    page: bool = False
    #: Whether it is answered as JSON Lines too.
    rows: bool = False
    #: What a status means where that is not what it means elsewhere.
    meanings: Mapping[int, str] = field(default_factory=dict)
    #: The answers without a body.
    silent: tuple[int, ...] = (204, 304)

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2]
