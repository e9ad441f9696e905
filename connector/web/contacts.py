"""Contacts, groups, the filtered copy of a group, and a person erased."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from connector.domain.words import Source
from connector.engine.bypassing import insist_bypass
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.files import download
from connector.web.house import house
from connector.web.reading import addresses_in_query, people_in_body, person_in
from schemas import contacts, resources

blueprint = Blueprint("contacts", __name__, url_prefix="/v1")


@blueprint.get("/contacts")
@endpoint("read")
def page(who: Who) -> Any:
    return house().desk.contacts.page(who, {**request.args, **addresses_in_query()}, *page_limits())


@blueprint.post("/contacts")
@endpoint("write")
def make(who: Who) -> Answer:
    values = resources.load(contacts.ContactResource(), json_object())
    return created("/v1/contacts", house().desk.contacts.make(who, values))


@blueprint.get("/contacts/<name>")
@endpoint("read")
def one(who: Who, name: str) -> Any:
    return house().desk.contacts.get(who, name)


@blueprint.patch("/contacts/<name>")
@endpoint("write", source=Source.OPERATOR)
def change(who: Who, name: str) -> Answer:
    values = resources.load(contacts.ContactChange(partial=True), json_object())
    body, settled = house().desk.contacts.change(who, name, values)
    return _answer(body, settled)


@blueprint.delete("/contacts/<name>")
@endpoint("write", source=Source.OPERATOR)
def drop(who: Who, name: str) -> Answer:
    return _deleted(house().desk.contacts.drop(who, name))


@blueprint.get("/groups")
@endpoint("read")
def groups(who: Who) -> Any:
    return {"items": house().desk.groups.all(who), "next_cursor": None}


@blueprint.post("/groups")
@endpoint("write")
def make_group(who: Who) -> Answer:
    values = resources.load(contacts.GroupResource(), json_object())
    if values.get("bypass"):
        insist_bypass(who)
    return created("/v1/groups", house().desk.groups.make(who, values))


@blueprint.get("/groups/<name>")
@endpoint("read")
def one_group(who: Who, name: str) -> Any:
    return house().desk.groups.get(who, name)


@blueprint.patch("/groups/<name>")
@endpoint("write", source=Source.OPERATOR)
def change_group(who: Who, name: str) -> Answer:
    values = resources.load(contacts.GroupResource(partial=True), json_object())
    if values.get("bypass"):
        insist_bypass(who)
    body, late = house().desk.groups.change(who, name, values)
    return _answer(body, not late)


@blueprint.delete("/groups/<name>")
@endpoint("write", source=Source.OPERATOR)
def drop_group(who: Who, name: str) -> Answer:
    late = house().desk.groups.drop(who, name)
    return _deleted(not late)


@blueprint.post("/groups/<name>/members")
@endpoint("write")
def join(who: Who, name: str) -> Any:
    group = house().desk.groups.find(who, name)
    if group.bypass:
        insist_bypass(who)
    return {"results": house().desk.groups.join(who, name, people_in_body(who))}


@blueprint.post("/groups/<name>/members/remove")
@endpoint("write", source=Source.OPERATOR)
def leave(who: Who, name: str) -> Answer:
    results, settled = house().desk.groups.leave(who, name, people_in_body(who))
    return _answer({"results": results}, settled)


@blueprint.get("/groups/<name>/sendable")
@endpoint("export")
def sendable(who: Who, name: str) -> Response:
    form = request.args.get("format") or "csv"
    media = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    return download(house().desk.sendable.stream(who, name, request.args), f"{name}.{form}", media)


@blueprint.post("/profiles/erase")
@endpoint("admin", source=Source.OPERATOR)
def erase(who: Who) -> Answer:
    values = resources.load(resources.PersonRef(), json_object())
    keys, settled = house().desk.erasing.erase(who, person_in(who, values))
    if settled:
        return Answer(200, {"erased": True, "settled": True})
    where = house().services.book.settlement(who.organisation, keys)
    return Answer(202, {"erased": True, "settled": False}, {"Location": where})


def _answer(body: dict[str, Any], settled: bool) -> Answer:
    """200, or 202 while a message that passed as a member of a bypass group is still being handed over."""
    return Answer(200 if settled else 202, {**body, "settled": settled})


def _deleted(settled: bool) -> Answer:
    """The same for what is gone. Where all is quiet it is answered as every deletion is."""
    return Answer(200, {"deleted": True}) if settled else _answer({"deleted": True}, settled)
