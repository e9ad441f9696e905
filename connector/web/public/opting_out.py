"""Opting out over a link: one POST, by a mail program (RFC 8058) or by the page's button, and never a GET."""

from __future__ import annotations

from flask import Blueprint, Response, request
from markupsafe import Markup

from connector.domain.words import Source
from connector.engine.links import Link
from connector.engine.opting_out import Shown
from connector.web.house import house
from connector.web.public.page import CHANNELS, page, plain, public
from connector.web.shown import join, text

blueprint = Blueprint("opting_out", __name__)


@blueprint.get("/u/<token>")
@public
def ask(token: str) -> Response:
    return _ask(house().public.out.by_token(token))


@blueprint.post("/u/<token>")
@public
def act(token: str) -> Response:
    return _act(house().public.out.by_token(token))


@blueprint.get("/o/<code>")
@public
def ask_short(code: str) -> Response:
    return _ask(house().public.out.by_code(code))


@blueprint.post("/o/<code>")
@public
def act_short(code: str) -> Response:
    return _act(house().public.out.by_code(code))


def _ask(link: Link) -> Response:
    shown = house().public.out.show(link)
    preferences = house().public.links.preferences_path(link)
    return page("Unsubscribe", (_heading(shown, "Stop these messages?"), _what(shown), _BUTTONS.format(preferences)))


def _act(link: Link) -> Response:
    """Whatever a POST says, it means out: a body that got lost on the way is no reason to go on sending."""
    one_click = "List-Unsubscribe" in request.form
    everything = request.form.get("scope") == "everything"
    source = Source.ONE_CLICK if one_click else Source.LINK
    settled = house().public.out.out(link, source, everything=everything)
    if one_click:
        return plain("You are unsubscribed.\n" if settled else f"You are unsubscribed. {_ON_ITS_WAY}\n")
    shown = house().public.out.show(link)
    parts = [_heading(shown, "You are unsubscribed"), _done(shown, everything=everything)]
    if not settled:
        parts.append(Markup('<p class="note">{}</p>').format(_ON_ITS_WAY))
    return page("Unsubscribed", parts)


def _heading(shown: Shown, title: str) -> Markup:
    return Markup('<p class="from">{}</p><h1>{}</h1>').format(text(shown.organisation), title)


def _what(shown: Shown) -> Markup:
    whose = Markup(' to <span class="whose">{}</span>').format(text(shown.address)) if shown.address else ""
    return Markup("<p>You get messages by {}{} from:</p><ul>{}</ul>").format(
        CHANNELS[shown.channel], whose, _names(shown)
    )


def _done(shown: Shown, *, everything: bool) -> Markup:
    whose = Markup(' to <span class="whose">{}</span>').format(text(shown.address)) if shown.address else ""
    if everything:
        return Markup("<p>No more messages{} from {}, on any channel.</p>").format(whose, text(shown.organisation))
    return Markup("<p>No more messages by {}{} from:</p><ul>{}</ul>").format(
        CHANNELS[shown.channel], whose, _names(shown)
    )


def _names(shown: Shown) -> Markup:
    """The lists by their names; the default list is the organisation itself."""
    return join(
        Markup("<li>{}</li>").format(text(shown.organisation if one.is_default else one.name)) for one in shown.lists
    )


_ON_ITS_WAY = "One message was already on its way and may still arrive."
_BUTTONS = Markup(
    '<form method="post"><div class="buttons"><button name="scope" value="lists">Unsubscribe</button>'
    '<button class="quiet" name="scope" value="everything">Stop all messages</button></div></form>'
    '<p class="soft">Or <a href="{}">choose what you get</a>.</p>'
)
