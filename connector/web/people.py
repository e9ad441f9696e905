"""What is known of a person: profile, history, block; and whether an opt-out has settled."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from itsdangerous import BadSignature

from connector.domain.errors import Invalid, NotFound
from connector.domain.ids import row_number
from connector.domain.words import Channel, FactKind, Source
from connector.engine.once import Answer
from connector.engine.targets import Who, targets_of
from connector.web.body import json_object
from connector.web.endpoint import endpoint, page_limits
from connector.web.house import house
from connector.web.reading import addresses_in_query, person_in, person_in_query
from schemas import resources
from schemas.answers import SEND_STATUSES

blueprint = Blueprint("people", __name__, url_prefix="/v1")


@blueprint.get("/profiles")
@endpoint("read")
def profile(who: Who) -> Any:
    batch = person_in_query(who)
    batch.insist(Channel.ALL)
    return house().services.asking.profile(who, batch)


@blueprint.put("/profiles/block")
@endpoint("write", source=Source.OPERATOR)
def block(who: Who) -> Any:
    values = resources.load(resources.Block(), json_object())
    batch = person_in(who, values)
    batch.insist(Channel.ALL)
    targets = targets_of(batch, Channel.ALL, who.organisation, house().secrets.address)
    settled = house().services.book.set_fact(
        who, FactKind.BLOCKED, targets, holds=values["blocked"], reason=values.get("reason")
    )
    return Answer(200 if settled else 202, {**house().services.asking.profile(who, batch), "settled": settled})


@blueprint.get("/history")
@endpoint("read")
def history(who: Who) -> Any:
    limit, cursor = page_limits()
    before = row_number("event", cursor) if cursor else None
    if cursor and before is None:
        raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
    events = house().services.asking.history(who, person_in_query(who), limit, before).body["events"]
    return {"items": events, "next_cursor": events[-1]["id"] if len(events) == limit else None}


@blueprint.get("/settlements/<token>")
@endpoint()
def settlement(who: Who, token: str) -> Any:
    """Whether the last hand-offs to the addresses of an opt-out are over."""
    try:
        org, *keys = house().secrets.serializer("settlement").loads(token)
    except BadSignature:
        raise NotFound from None
    if org != who.organisation:
        raise NotFound
    return {"settled": house().settling.is_settled(org, [bytes.fromhex(key) for key in keys])}


@blueprint.get("/sends")
@endpoint("read")
def sends(who: Who) -> Any:
    limit, cursor = page_limits()
    status, campaign = request.args.get("status"), request.args.get("campaign")
    if status is not None and status not in SEND_STATUSES:
        raise Invalid.at("/status", "not_allowed", f"must be one of {', '.join(SEND_STATUSES)}")
    number = row_number("campaign", campaign) or -1 if campaign else None
    batch = person_in_query(who) if addresses_in_query() else None
    return house().journal.search(who, batch, number, status, limit, cursor)


@blueprint.get("/sends/<name>")
@endpoint("read", "send")
def send(who: Who, name: str) -> Any:
    return house().journal.get(who, name)
