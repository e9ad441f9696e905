"""A person changed by hand: flags, lists, block, erasure. Every form goes back to where it came from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request, url_for

from connector.domain.errors import Invalid
from connector.domain.words import Channel, FactKind
from connector.engine.targets import Who, targets_of
from connector.web.address import kind_of, typed
from connector.web.form_body import chosen, text
from connector.web.house import house
from connector.web.page import go, page, say
from connector.web.pages.people import read
from connector.web.reading import person_in
from connector.web.texts import _
from schemas import people as of_people
from schemas import resources

blueprint = Blueprint("person_changes", __name__)


@blueprint.post("/people/flag")
@page("write", ticket=True)
def flag(who: Who) -> Response:
    """The flag of a channel, effective at once."""
    values = _load(of_people.ChannelFlag(), channel=_one("channel"), state=_one("state"))
    answer = house().desk.profiles.flag(who, person_in(who, values), values)
    _tell(answer.body)
    return _back()


@blueprint.post("/people/lists")
@page("write", ticket=True)
def lists(who: Who) -> Response:
    """Onto the lists that were ticked, or off them."""
    ticked = chosen(request.form.getlist("lists"))
    if not ticked:
        say(_("Tick a list first."), tone="warn")
        return _back()
    values = _load(of_people.Memberships(), channel=_one("channel"), reason=_one("reason"),
                   **{"add" if _one("do") == "add" else "remove": ticked})  # fmt: skip
    answer = house().desk.profiles.lists(who, person_in(who, values), values)
    _tell(answer.body)
    return _back()


@blueprint.post("/people/block")
@page("write", ticket=True)
def block(who: Who) -> Response:
    values = _load(resources.Block(), blocked=_one("blocked") == "1", reason=_one("reason"))
    batch = person_in(who, values)
    batch.insist(Channel.ALL)
    targets = targets_of(batch, Channel.ALL, who.organisation, house().secrets.address)
    settled = house().services.book.set_fact(
        who, FactKind.BLOCKED, targets, holds=values["blocked"], reason=values.get("reason")
    )
    done = _("Blocked: nothing at all is sent any more.") if values["blocked"] else _("The block is lifted.")
    say(done if settled else f"{done} {_on_its_way()}", tone="good" if settled else "warn")
    return _back()


@blueprint.post("/people/erase")
@page("admin")
def erase(who: Who) -> Response:
    batch = read(who, typed())
    if (_one("again") or "").casefold() != typed().casefold():
        raise Invalid.at("/again", "not_the_same", _("Type the address once more, exactly as it stands above."))
    settled = house().desk.erasing.erase(who, batch)[1]
    told = _("The person is erased. Their opt-outs stay.")
    say(told if settled else f"{told} {_on_its_way()}", tone="good" if settled else "warn")
    return go(url_for("person.person"))


def _load(schema: Any, **values: Any) -> dict[str, Any]:
    """The body that the API's call takes, of the person in question."""
    address = typed()
    return resources.load(schema, {kind_of(address): address, **values})


def _one(name: str) -> str | None:
    return text(request.form.getlist(name))


def _tell(body: dict[str, Any]) -> None:
    statuses = {row["status"] for row in body["results"]}
    if "refused" in statuses:
        say(_("The list is protected: this opt-out can't be lifted here."), tone="warn")
    elif "superseded" in statuses:
        say(_("The person said something newer, which stands."), tone="warn")
    elif not body["settled"]:
        say(f"{_('Changed.')} {_on_its_way()}", tone="warn")
    else:
        say(_("Changed, and in force."))


def _on_its_way() -> str:
    return _("One message was already on its way and may still arrive.")


def _back() -> Response:
    if _one("back") == "panel":
        return go(url_for("panel.panel", q=typed(), **({"ticket": g.ticket} if g.get("ticket") else {})))
    return go(url_for("person.person", q=typed()))
