"""Opt-in forms: a page for an iframe, what it sends, and the page that asks for the second yes."""

from __future__ import annotations

from flask import Blueprint, Response, request
from markupsafe import Markup

from connector.domain.addresses import AddressKind
from connector.domain.errors import Gone
from connector.domain.forms import Asked, Form
from connector.domain.masking import mask
from connector.domain.words import Channel
from connector.engine.preferences import wording
from connector.engine.submitting import Taken
from connector.web.house import house
from connector.web.network import network
from connector.web.public.page import CHANNELS, direction_of, document, ours, page, public, words
from connector.web.shown import text

blueprint = Blueprint("opt_in_forms", __name__)

#: A field that people don't see and programs fill in.
_TRAP = "website"


@blueprint.get("/f/<token>")
@public
def ask(token: str) -> Response:
    form = house().public.submitting.form(token)
    return _page(form, _live(form))


@blueprint.post("/f/<token>")
@public
def act(token: str) -> Response:
    here = house().public
    form = here.submitting.form(token)
    given = request.form.get(form.kind.value, "").strip()
    if here.stamps.read(_place(form), request.form.get("stamp", "")) != _shown(form)["version"]:
        return _page(form, _live(form, given, _STALE), status=422)
    taken = Taken.DONE
    if not request.form.get(_TRAP):
        taken = here.submitting.submit(form, given, network(), _shown(form))
    if taken is Taken.UNREADABLE:
        return _page(form, _live(form, given, _UNREADABLE[form.kind]), status=422)
    if taken is Taken.LATER:
        answer = _page(form, _live(form, given, _TOO_MANY), status=429)
        answer.headers["Retry-After"] = "3600"
        return answer
    return _page(form, _thanks(form))


@blueprint.get("/confirm/<code>")
@public
def ask_again(code: str) -> Response:
    try:
        asked, form = house().public.submitting.asked(code)
    except Gone:
        return page("Too late", (_TOO_LATE,), status=410)
    if asked.confirmed_at is not None:
        return _confirmed(form)
    said = _question(asked, form)
    return page("Please confirm", (
        Markup('<p class="from">{}</p><h1>Please confirm</h1><p>{}</p>{}').format(
            text(house().public.submitting.organisation(form.org)), text(said[0]), words(form.description)
        ),
        Markup('<form method="post"><div class="buttons"><button>{}</button></div></form>').format(said[1]),
        Markup('<p class="soft">If you did not ask for this, close this page, and nothing happens.</p>'),
    ))  # fmt: skip


@blueprint.post("/confirm/<code>")
@public
def confirm(code: str) -> Response:
    try:
        asked, form = house().public.submitting.asked(code)
    except Gone:
        return page("Too late", (_TOO_LATE,), status=410)
    house().public.submitting.confirm(asked, form, wording("\n".join((*_question(asked, form), form.description))))
    return _confirmed(form)


def preview(form: Form) -> str:
    """The page as visitors would see it, with what it says afterwards; nothing in it can be sent."""
    dead = _form(form, Markup('<button type="button">{}</button>').format(text(form.button_text)), "", "")
    after = Markup('<h2>After that</h2><div class="note">{}</div>').format(_after(form))
    return document(form.button_text, (dead, after), framed=True, direction=direction_of(form.description))


def _page(form: Form, part: Markup, *, status: int = 200) -> Response:
    return page(
        form.button_text,
        (part,),
        status=status,
        framed_by=form.allowed_origins,
        direction=direction_of(form.description),
    )


def _live(form: Form, given: str = "", fault: str = "") -> Markup:
    stamp = house().public.stamps.make(_place(form), _shown(form)["version"])
    foot = Markup('<input type="hidden" name="stamp" value="{}"><button>{}</button>').format(
        stamp, text(form.button_text)
    )
    return _form(form, foot, given, fault)


def _form(form: Form, foot: Markup, given: str, fault: str) -> Markup:
    kind = form.kind.value
    error = Markup('<p class="bad" id="fault" role="alert">{}</p>').format(ours(fault)) if fault else ""
    marks = Markup(' aria-invalid="true" aria-describedby="fault" autofocus') if fault else ""
    return _FORM.format(
        words(form.description), error, kind, _LABELS[form.kind], _INPUTS[form.kind], given, marks, _TRAP, foot
    )


def _thanks(form: Form) -> Markup:
    return Markup('<div role="status">{}</div>').format(_after(form))


def _after(form: Form) -> Markup:
    """What the form says when it has been sent."""
    said = words(form.confirmation_message)
    if not form.double_opt_in:
        return said
    then = ours(f"Please open the link that we send you by {CHANNELS[form.channel]}.")
    return Markup("{}<p>{}</p>").format(said, then)


def _confirmed(form: Form) -> Response:
    name = house().public.submitting.organisation(form.org)
    heading = Markup('<p class="from">{}</p><h1>Confirmed</h1>').format(text(name))
    return page("Confirmed", (heading, words(form.confirmation_message)))


def _shown(form: Form) -> dict[str, str]:
    """The words that stand on the form, as evidence."""
    return wording("\n".join((form.description, _LABELS[form.kind], form.button_text)))


def _question(asked: Asked, form: Form) -> tuple[str, str]:
    """What the second page asks, and what its button says."""
    address = mask(AddressKind(asked.kind), asked.address)
    return f"Do you want messages by {CHANNELS[form.channel]} to {address}?", "Yes, I do"


def _place(form: Form) -> str:
    return f"form {form.org} {form.id}"


_LABELS = {AddressKind.NUMBER: "Mobile number", AddressKind.EMAIL: "Email address"}
_INPUTS = {
    AddressKind.NUMBER: Markup('type="tel" inputmode="tel" autocomplete="tel"'),
    AddressKind.EMAIL: Markup('type="email" inputmode="email" autocomplete="email"'),
}
_UNREADABLE = {
    AddressKind.NUMBER: "We can't read this number. Please write it with its country code, as in +44 7911 123456.",
    AddressKind.EMAIL: "This is not an email address. Please check it.",
}
_STALE = "This form had been open for long or was changed meanwhile. Please read it once more and send it again."
_TOO_MANY = "Too many people have used this form from your network. Please try again in an hour."
_TOO_LATE = Markup("<h1>This link is too old</h1><p>Nothing was changed. Please fill in the form once more.</p>")
_FORM = Markup(
    '{0}<form method="post" novalidate>{1}<div class="field"><label for="address">{3}</label>'
    '<input id="address" name="{2}" {4} value="{5}" required dir="ltr"{6}></div>'
    '<div class="trap" aria-hidden="true"><label>Leave this empty<input name="{7}" tabindex="-1" autocomplete="off">'
    '</label></div><div class="buttons">{8}</div></form>'
)
if set(CHANNELS) != set(Channel):
    raise TypeError("a channel has no name")
