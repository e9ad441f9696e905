"""What Meta posts to us: signed over its raw bytes, many things in one call, in any order and more than once."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.domain.instants import SECOND
from connector.domain.messages import (
    BadInbound,
    BadSignature,
    Delivery,
    Inbound,
    InboundLink,
    InboundMessage,
    InboundRequest,
    InboundStatus,
    Kind,
)
from connector.domain.words import Channel, State
from connector.providers.reading import is_stop_button, json_object, objects, part, text

_KINDS = {
    **dict.fromkeys((0, 3, 10, 190, 131005, *range(200, 300)), Kind.AUTH),
    **dict.fromkeys((4, 80007, 130429, 131048, 131056, 131064), Kind.RATE),
    **dict.fromkeys((2, 131016), Kind.RATE),  # down for the moment: it says that nothing was sent
    **dict.fromkeys((368, 130472, 130497, 131031, 131049), Kind.POLICY),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 131063), Kind.TEMPLATE),
    131026: Kind.INVALID_RECIPIENT,  # not on WhatsApp, or too old a version of it
    131021: Kind.INVALID_RECIPIENT,  # our own number
    131030: Kind.INVALID_RECIPIENT,  # not on the list of a test number
    131062: Kind.INVALID_RECIPIENT,  # a user id without a phone, for a message that needs one
    131047: Kind.WINDOW_CLOSED,  # more than 24 hours after the person's last message: a template is needed
    131050: Kind.MARKETING_STOPPED,
    **dict.fromkeys((100, 131008, 131009, 131042, 131051), Kind.PROVIDER),
}
_DELIVERIES = {
    "sent": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "played": Delivery.DELIVERED,
    "failed": Delivery.FAILED,
}
#: The switch "marketing messages" in WhatsApp. Back on, it takes a stop back; only signing up is a yes of its own.
_SWITCH = {"stop": State.OUT, "resume": State.CLEARED, "signup": State.IN}
#: Where the words stand in a message of each type.
_WORDS = {
    "text": ("text", "body"),
    "button": ("button", "text"),
    "image": ("image", "caption"),
    "video": ("video", "caption"),
    "document": ("document", "caption"),
}
#: Where a phone and a user id stand side by side: the list, and what they are called in it.
_IDENTITIES = (
    ("contacts", "wa_id", "user_id"),
    ("messages", "from", "from_user_id"),
    ("user_preferences", "wa_id", "user_id"),
    ("statuses", "recipient_id", "recipient_user_id"),
)
_CHALLENGE = re.compile(r"[0-9]{1,32}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_PREFIX = b"sha256="


def kind_of(code: Any) -> Kind | None:
    """What an error code means; None where there is none, or where nobody can say what became of the message."""
    return _KINDS.get(code) if isinstance(code, int) and not isinstance(code, bool) else None


def verify(request: InboundRequest, secret: str | None) -> None:
    """BadSignature unless the app's secret signed these very bytes."""
    if not secret:
        raise BadSignature("the sender has no app_secret, so nobody's calls can be told from Meta's")
    ours = _PREFIX + hmac.new(secret.encode(), request.body, "sha256").hexdigest().encode()
    theirs = request.headers.get("x-hub-signature-256", "").encode(errors="replace")
    if not hmac.compare_digest(ours, theirs):
        raise BadSignature("x-hub-signature-256 is not this app's over the body")


def read_challenge(url: str) -> tuple[str, str]:
    """(the token given, the challenge to answer with); BadInbound."""
    asked = dict(parse_qsl(urlsplit(url).query))
    challenge = asked.get("hub.challenge", "")
    if asked.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
        raise BadInbound("hub.mode must be subscribe, and hub.challenge 1 to 32 digits")
    return asked.get("hub.verify_token", ""), challenge


def read_call(body: bytes, phone_number_id: str) -> list[Inbound]:
    """Everything in a verified call that concerns this phone number; BadInbound where all of it is another's."""
    values = [
        part(change, "value")
        for entry in objects(json_object(body).get("entry"))
        for change in objects(entry.get("changes"))
    ]
    named = [(text(part(value, "metadata").get("phone_number_id"), 64), value) for value in values]
    numbers = {number for number, _ in named if number}
    if numbers and phone_number_id not in numbers:
        raise BadInbound("phone_number_id: none of these is this sender's")
    return [one for number, value in named if number == phone_number_id for one in _read(value)]


def _read(value: Mapping[str, Any]) -> Iterator[Inbound]:
    recipient = text(part(value, "metadata").get("display_phone_number"), 64) or None
    yield from _links(value)
    for one in objects(value.get("messages")):
        yield from _message(one, recipient)
    for one in objects(value.get("user_preferences")):
        yield from _preference(one, recipient)
    for one in objects(value.get("statuses")):
        yield from _status(one)


def _links(value: Mapping[str, Any]) -> Iterator[InboundLink]:
    """Wherever a phone and a user id stand beside each other, they are one person's.

    Not what a system message tells of a changed number: who has a number now is another person than who had it. Nor
    the recipient of a message to a group, which is the group.
    """
    for name, phone, user in _IDENTITIES:
        for one in objects(value.get(name)):
            number, known_as = _phone(one.get(phone)), text(one.get(user), 160)
            if text(one.get("type"), 64) == "system" or text(one.get("recipient_type"), 64) == "group":
                continue
            if number and known_as:
                yield InboundLink(number, known_as)


def _message(one: Mapping[str, Any], recipient: str | None) -> Iterator[InboundMessage]:
    message_id, person, kind = text(one.get("id"), 255), _person(one), text(one.get("type"), 64)
    if not message_id or not person:
        return
    if kind == "system":
        # A number that changed takes no consent along: only the switch is a word of the person's own.
        word = _SWITCH.get(text(part(one, "system").get("marketing"), 32) or text(one.get("marketing"), 32))
        if word is not None:
            yield _switched(message_id, person, recipient, _instant(one), word)
        return
    words, payload = _said(one, kind)
    word = State.OUT if is_stop_button(payload) else None
    yield InboundMessage(message_id, person, recipient, words, Channel.WHATSAPP, _instant(one), word)


def _said(one: Mapping[str, Any], kind: str) -> tuple[str, str]:
    """The words that the person saw or wrote, and what a button they pressed carries."""
    if kind == "interactive":
        pressed = part(one, "interactive", "button_reply") or part(one, "interactive", "list_reply")
        return text(pressed.get("title")), text(pressed.get("id"))
    place = _WORDS.get(kind)
    words = text(part(one, place[0]).get(place[1])) if place else ""
    return words, text(part(one, "button").get("payload")) if kind == "button" else ""


def _preference(one: Mapping[str, Any], recipient: str | None) -> Iterator[InboundMessage]:
    """One turn of the switch; it has no name of its own, so it gets one that is the same each time it comes."""
    person, value, at = _person(one), text(one.get("value"), 32), _instant(one)
    word = _SWITCH.get(value)
    if person and word is not None and text(one.get("category")) in ("", "marketing_messages"):
        yield _switched(f"preference {person} {value} {text(one.get('timestamp'), 32)}", person, recipient, at, word)


def _switched(message_id: str, person: str, recipient: str | None, at: int | None, word: State) -> InboundMessage:
    return InboundMessage(message_id, person, recipient, "", Channel.WHATSAPP, at, word, written=False)


def _status(one: Mapping[str, Any]) -> Iterator[InboundStatus]:
    """Nothing for a message that another tool has sent by this number."""
    delivery, send_id = _DELIVERIES.get(text(one.get("status"), 32)), text(one.get("biz_opaque_callback_data"), 64)
    if delivery is None or not send_id:
        return
    kind, code = None, None
    if delivery is Delivery.FAILED:
        code = next((error.get("code") for error in objects(one.get("errors"))), None)
        kind = kind_of(code) or Kind.PROVIDER
    detail = f"code {code}" if isinstance(code, int) and code < 10_000_000 else ""
    yield InboundStatus(send_id, text(one.get("id"), 255) or None, delivery, kind, detail)


def _person(one: Mapping[str, Any]) -> str:
    """A phone, or the user id of somebody who goes by a user name."""
    number = _phone(one.get("from") or one.get("wa_id"))
    return number or text(one.get("from_user_id") or one.get("user_id"), 160)


def _phone(value: Any) -> str:
    """The number that a WhatsApp id of digits stands for; "" for anything else."""
    digits = text(value, 64).removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdecimal() else ""


def _instant(one: Mapping[str, Any]) -> int | None:
    seconds = text(one.get("timestamp"), 32)
    return int(seconds) * SECOND if _SECONDS.fullmatch(seconds) else None
