"""The page on which a person chooses, without a login: boxes for every list and channel, and one button for all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from flask import Blueprint, Response, request
from markupsafe import Markup

from connector.domain.ids import public_id, row_number
from connector.domain.records import OptOutList
from connector.domain.words import CHANNEL_NAMES, Channel
from connector.engine.links import Link
from connector.engine.preferences import Cell, Choices, wording
from connector.web.house import house
from connector.web.public.page import CHANNELS, page, public
from connector.web.shown import join, text

blueprint = Blueprint("preferences", __name__)


@blueprint.get("/p/<token>")
@public
def ask(token: str) -> Response:
    link = house().public.preferences.by_token(token)
    return _page(link, house().public.preferences.show(link))


@blueprint.post("/p/<token>")
@public
def act(token: str) -> Response:
    here = house().public.preferences
    link = here.by_token(token)
    if "stop" in request.form:
        note = _note(here.stop(link), "You will get no more messages.")
        return _page(link, here.show(link), note)
    choices = here.show(link)
    stamp = house().public.stamps.read(_place(link), request.form.get("stamp", ""))
    if stamp is None:
        return _page(link, choices, _STALE, status=422)
    shown, wanted = set(_cells(stamp)), set(_cells(request.form.getlist("on")))
    wanted &= {(one.id, channel) for one in choices.lists for channel in choices.channels}
    evidence = wording("\n".join(_lines(choices, wanted - shown)))
    settled = here.save(link, shown, wanted, evidence)
    return _page(link, here.show(link), _note(settled, "Your choice is saved."))


def _page(link: Link, choices: Choices, note: Markup | str = "", *, status: int = 200) -> Response:
    stamp = house().public.stamps.make(_place(link), [_name(cell) for cell in sorted(choices.on)])
    sets = join(_set(choices, one) for one in choices.lists)
    parts: list[Any] = [
        Markup('<p class="from">{}</p><h1>What you get from us</h1>').format(text(choices.organisation)), note,
        Markup('<p>For <span class="whose">{}</span>.</p>').format(text(choices.address)),
        _BLOCKED if choices.blocked else "", "" if choices.both_ways else _ONE_WAY,
        _FORM.format(stamp, sets), _STOP,
    ]  # fmt: skip
    return page("What you get", parts, status=status)


def _set(choices: Choices, one: OptOutList) -> Markup:
    """One list: its boxes, a channel each."""
    boxes = join(_box(choices, one, channel) for channel in choices.channels)
    about = Markup('<p class="soft">{}</p>').format(text(about)) if (about := _about(choices, one)) else ""
    return Markup("<fieldset><legend>{}</legend>{}{}</fieldset>").format(text(_title(one)), about, boxes)


def _box(choices: Choices, one: OptOutList, channel: Channel) -> Markup:
    cell = (one.id, channel)
    checked = Markup(" checked") if cell in choices.on else ""
    # Over a link that came with a message nobody turns anything on: it may have been passed on with it.
    disabled = "" if checked or choices.both_ways else Markup(" disabled")
    return Markup(
        '<label class="choice"><input type="checkbox" name="on" value="{}"{}{}><span>By {}</span></label>'
    ).format(_name(cell), checked, disabled, CHANNELS[channel])


def _title(one: OptOutList) -> str:
    return "All messages" if one.is_default else one.name


def _about(choices: Choices, one: OptOutList) -> str:
    if not one.is_default:
        return one.description or ""
    return f"What is off here is off altogether: nothing from {choices.organisation} comes that way."


def _lines(choices: Choices, turned_on: Collection[Cell]) -> Iterator[str]:
    """The words beside the boxes that were ticked, as they stood on the page."""
    yield f"What you get from us: {choices.organisation}, for {choices.address}"
    for one in choices.lists:
        boxes = [f"By {CHANNELS[channel]}" for channel in choices.channels if (one.id, channel) in turned_on]
        if boxes:
            yield from filter(None, (_title(one), _about(choices, one), *boxes))


def _place(link: Link) -> str:
    return f"preferences {link.org} {link.key.hex()}"


def _name(cell: Cell) -> str:
    return f"{public_id('list', cell[0])} {cell[1].label}"


def _cells(names: Collection[str]) -> Iterator[Cell]:
    for name in names:
        found, _, channel = name.partition(" ")
        number = row_number("list", found)
        if number and channel in CHANNEL_NAMES:
            yield number, Channel.named(channel)


def _note(settled: bool, said: str) -> Markup:
    late = "" if settled else " One message was already on its way and may still arrive."
    return Markup('<p class="note" role="status">{}{}</p>').format(said, late)


_FORM = Markup(
    '<form method="post"><input type="hidden" name="stamp" value="{}">{}'
    '<div class="buttons"><button>Save</button></div></form>'
)
_STOP = Markup(
    '<h2>Nothing at all?</h2><form method="post"><button class="quiet" name="stop" value="all">Stop all messages'
    "</button></form>"
)
_STALE = Markup(
    '<p class="note bad" role="alert">This page had been open for long, so nothing was changed. Here is what holds '
    "now: please choose again.</p>"
)
_BLOCKED = Markup(
    '<p class="note">You are blocked here at the moment: nothing is sent to you, whatever you choose.</p>'
)
_ONE_WAY = Markup(
    '<p class="note">This link came with a message, and messages get passed on: so it only turns things off.</p>'
)
