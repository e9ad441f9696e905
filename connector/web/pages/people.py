"""One person: found by number or email, what holds, the whole history, what was not sent and why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Invalid
from connector.domain.ids import row_number
from connector.domain.recipients import Batch
from connector.domain.words import CHANNEL_NAMES, Channel
from connector.engine.one_person import standing
from connector.engine.targets import Who
from connector.web.address import kind_of, typed
from connector.web.house import house
from connector.web.page import page, show
from connector.web.proof_page import POLICY, proof_page
from connector.web.reading import person_in

blueprint = Blueprint("person", __name__)

_HISTORY, _UNSENT, _ALIKE = 50, 20, 20


@blueprint.get("/people")
@page("read")
def person(who: Who) -> Response:
    address = typed()
    if not address:
        return show("people.html", q="")
    try:
        batch = read(who, address)
    except Invalid as error:
        alike = house().desk.entries.alike(who, address, _ALIKE)
        return show("people.html", q=address, fault=error.faults[0].detail, alike=alike)
    return show("person.html", q=address, **known(who, batch), **_told(who, batch))


@blueprint.get("/people/history")
@page("read")
def history(who: Who) -> Response:
    """Older lines."""
    batch, cursor = read(who, typed()), request.args.get("cursor") or ""
    before = row_number("event", cursor)
    if before is None:
        raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
    events = house().services.asking.history(who, batch, _HISTORY, before).body["events"]
    return show("person_history.html", q=typed(), events=events, older=_older(events))


@blueprint.get("/people/proof")
@page("read")
def proof(who: Who) -> Response:
    """The page to print: the same as the API's, with a policy of its own."""
    found = house().history.proof(who, read(who, typed()))
    return Response(proof_page(found), headers={"Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'"})


def read(who: Who, address: str) -> Batch:
    """The person of an address as somebody typed it; Invalid says what is wrong with it."""
    batch = person_in(who, {kind_of(address): address})
    batch.insist(Channel.ALL)
    return batch


def known(who: Who, batch: Batch) -> dict[str, Any]:
    """What page and panel show alike."""
    found = standing(house().services.asking, who, batch)
    words: dict[str, list[dict[str, Any]]] = {}
    for word in found["lists"]:
        words.setdefault(word["id"], []).append(word)
    return {
        "person": found, "address": found["addresses"][0]["value"], "lists": house().lists.all(who), "words": words,
        "channels": CHANNEL_NAMES, "held": not house().guard.is_home(),
    }  # fmt: skip


def _told(who: Who, batch: Batch) -> dict[str, Any]:
    events = house().services.asking.history(who, batch, _HISTORY).body["events"]
    return {"events": events, "older": _older(events), "unsent": house().journal.unsent(who, batch, _UNSENT)}


def _older(events: list[dict[str, Any]]) -> str | None:
    """Where the next part of the history begins."""
    if len(events) < _HISTORY:
        return None
    return url_for("person.history", q=typed(), cursor=events[-1]["id"])
