"""What an operator does: the entries of lists, the flags of people, defaults and accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from connector.domain.words import Source
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.house import house
from connector.web.reading import person_in
from schemas import people, resources

blueprint = Blueprint("desk", __name__, url_prefix="/v1")


@blueprint.get("/lists/<name>/entries")
@endpoint("read", "lists:read")
def entries(who: Who, name: str) -> Any:
    return house().desk.entries.page(who, name, request.args, *page_limits())


@blueprint.post("/lists/<name>/entries")
@endpoint("write", source=Source.OPERATOR)
def add_entry(who: Who, name: str) -> Answer:
    added = house().desk.entries.add(who, name, resources.load(people.EntryResource(), json_object()))
    return Answer(202, added.body, {"Location": added.location}) if added.location else Answer(200, added.body)


@blueprint.post("/lists/<name>/entries/remove")
@endpoint("write", source=Source.OPERATOR)
def remove_entries(who: Who, name: str) -> Any:
    values = resources.load(people.EntryRemoval(), json_object())
    return house().desk.entries.remove(who, name, values["entries"], values.get("reason"))


@blueprint.put("/profiles/channels")
@endpoint("write", source=Source.OPERATOR)
def flag(who: Who) -> Answer:
    values = resources.load(people.ChannelFlag(), json_object())
    return house().desk.profiles.flag(who, person_in(who, values), values)


@blueprint.put("/profiles/lists")
@endpoint("write", source=Source.OPERATOR)
def memberships(who: Who) -> Answer:
    values = resources.load(people.Memberships(), json_object())
    return house().desk.profiles.lists(who, person_in(who, values), values)


@blueprint.get("/defaults")
@endpoint("read")
def defaults(who: Who) -> Any:
    return house().desk.defaults.of(who)


@blueprint.put("/defaults")
@endpoint("write", source=Source.OPERATOR)
def change_defaults(who: Who) -> Answer:
    late = house().desk.defaults.put(who, who.account, resources.load(people.DefaultStates(), json_object()))
    return _settled(who, house().desk.defaults.of(who), late)


@blueprint.get("/accounts")
@endpoint("admin")
def accounts(who: Who) -> Any:
    return {"items": house().desk.accounts.all(who), "next_cursor": None}


@blueprint.post("/accounts")
@endpoint("admin")
def make_account(who: Who) -> Answer:
    values = resources.load(people.AccountResource(), json_object())
    return created("/v1/accounts", house().desk.accounts.make(who, values))


@blueprint.get("/accounts/<name>")
@endpoint("admin")
def one_account(who: Who, name: str) -> Any:
    return house().desk.accounts.get(who, name)


@blueprint.patch("/accounts/<name>")
@endpoint("admin", source=Source.OPERATOR)
def change_account(who: Who, name: str) -> Answer:
    values = resources.load(people.AccountResource(partial=True), json_object())
    return _settled(who, *house().desk.accounts.change(who, name, values))


@blueprint.delete("/accounts/<name>")
@endpoint("admin")
def drop_account(who: Who, name: str) -> Any:
    house().desk.accounts.drop(who, name)
    return {"deleted": True}


def _settled(who: Who, body: dict[str, Any], late: list[bytes]) -> Answer:
    """200, or 202 while something that was decided before is still being handed over, with where to look again."""
    if not late:
        return Answer(200, {**body, "settled": True})
    # An address of the web has an end: of many hand-offs it names some, and who repeats the call waits for all.
    where = house().services.book.settlement(who.organisation, late[:50])
    return Answer(202, {**body, "settled": False}, {"Location": where})
