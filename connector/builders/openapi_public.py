"""Forms and links: the calls of those who keep them, and the pages that anybody opens without a key."""

from __future__ import annotations

from typing import Any

from connector.builders.openapi_route import FORM, Route
from schemas.forms import FormResource, PersonLinks

HTML = "text/html"
_TEXT = {"type": "string"}
_FORM = {
    "channel": "email", "description": "Yes, send me the Acme newsletter by email. I can stop it at any time.",
    "confirmation_message": "Thank you.", "button_text": "Subscribe", "double_opt_in": False,
    "allowed_origins": ["https://shop.example"],
}  # fmt: skip
_ONE_CLICK = {"type": "object", "properties": {"List-Unsubscribe": {"const": "One-Click"}, "scope": _TEXT}}
_CHOICE = {"type": "object", "properties": {"stamp": _TEXT, "on": {"type": "array", "items": _TEXT}, "stop": _TEXT}}
_FILLED = {"type": "object", "properties": {"stamp": _TEXT, "number": _TEXT, "email": _TEXT}}
_NOTHING = {"type": "object"}

FORMS = (
    Route("GET /v1/forms", "list_forms", "Every opt-in form", "read", answers="FormPage", query=("limit", "cursor")),
    Route("POST /v1/forms", "create_form", "Make a form; embed_code puts it into a page", "write", FormResource(),
          "Form", (201,), example=_FORM),
    Route("POST /v1/forms/preview", "preview_form", "How a form would look, without making it", "write",
          FormResource(), _TEXT, example=_FORM, keyed=False, media=HTML),
    Route("GET /v1/forms/{form}", "get_form", "One form", "read", answers="Form"),
    Route("GET /v1/forms/{form}/preview", "show_form", "How it looks; nothing in it can be sent", "read",
          answers=_TEXT, media=HTML),
    Route("PATCH /v1/forms/{form}", "change_form", "Change some of its fields", "write", FormResource(partial=True),
          "Form", example={"button_text": "Keep me posted"}),
    Route("DELETE /v1/forms/{form}", "delete_form", "Delete it, with the opt-ins that wait for a second yes", "write",
          answers="Deleted"),
)  # fmt: skip

PERSON_LINKS = Route(
    "POST /v1/profiles/links", "create_links", "The links of one person, for messages sent from elsewhere", "write",
    PersonLinks(), "PersonLinks", example={"email": "ada@example.com"},
)  # fmt: skip


def _page(call: str, id: str, summary: str, takes: Any = None, statuses: tuple[int, ...] = (200,)) -> Route:
    """A page for people: what is wrong with a call is told as a page too. Multipart forms are read as well."""
    body = {FORM: takes} if takes else None
    return Route(call, id, summary, None, body, _TEXT, (*statuses, 404, 503), keyed=False, media=HTML)


PAGES = (
    _page("GET /u/{token}", "ask_unsubscribe", "The page of an opt-out link; looking changes nothing"),
    _page("POST /u/{token}", "unsubscribe", "Opt out at once: RFC 8058, or the page's button", _ONE_CLICK),
    _page("GET /o/{code}", "ask_short_link", "The page of a short opt-out link; looking changes nothing"),
    _page("POST /o/{code}", "use_short_link", "Opt out at once", _ONE_CLICK),
    _page("GET /p/{token}", "ask_preferences", "The page on which a person chooses lists and channels"),
    _page("POST /p/{token}", "save_preferences", "Say what is chosen", _CHOICE, (200, 422)),
    _page("GET /f/{token}", "show_opt_in_form", "An opt-in form, for an iframe of the origins it allows"),
    _page("POST /f/{token}", "send_opt_in_form", "Opt in, or be asked for a second yes by a message", _FILLED,
          (200, 422, 429)),
    _page("GET /confirm/{code}", "ask_confirmation", "The page that asks for the second yes", statuses=(200, 410)),
    _page("POST /confirm/{code}", "confirm_opt_in", "The second yes", _NOTHING, (200, 410)),
)  # fmt: skip
PUBLIC_ANSWERS: dict[str, Any] = {
    "PersonLinks": {
        "type": "object", "required": ["unsubscribe_url", "preferences_url"],
        "properties": {
            "unsubscribe_url": {**_TEXT, "description": "Takes one POST to opt out; it can do nothing else."},
            "preferences_url": {**_TEXT, "description": "Who has it speaks in the person's name."},
        },
    },
}  # fmt: skip
