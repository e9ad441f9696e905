"""Lists, senders, bindings, smart replies, keys, organisations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from connector.domain.ids import row_number
from connector.domain.words import Source
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.web.body import json_object, payload
from connector.web.endpoint import created, endpoint, idempotency_key, page_limits
from connector.web.house import house
from schemas import resources

blueprint = Blueprint("setup", __name__, url_prefix="/v1")

DELETED = {"deleted": True}


@blueprint.get("/lists")
@endpoint("read", "lists:read")
def lists(who: Who) -> Any:
    return {"items": house().lists.all(who), "next_cursor": None}


@blueprint.post("/lists")
@endpoint("write")
def make_list(who: Who) -> Answer:
    return created("/v1/lists", _told(house().lists.make(who, resources.load(resources.OptOutList(), json_object()))))


@blueprint.get("/lists/<name>")
@endpoint("read", "lists:read")
def one_list(who: Who, name: str) -> Any:
    return house().lists.get(who, name)


@blueprint.patch("/lists/<name>")
@endpoint("write")
def change_list(who: Who, name: str) -> Any:
    schema = resources.OptOutList(partial=True, exclude=("key",))
    return _told(house().lists.change(who, name, resources.load(schema, json_object())))


@blueprint.delete("/lists/<name>")
@endpoint("write")
def drop_list(who: Who, name: str) -> Any:
    house().lists.drop(who, name)
    return DELETED


@blueprint.get("/senders")
@endpoint("read")
def senders(who: Who) -> Any:
    return {"items": house().setup.senders(who), "next_cursor": None}


@blueprint.post("/senders")
@endpoint("admin")
def make_sender(who: Who) -> Answer:
    values = resources.load(resources.SenderResource(), json_object())
    return created("/v1/senders", house().setup.make_sender(who, values))


@blueprint.get("/senders/<name>")
@endpoint("read")
def one_sender(who: Who, name: str) -> Any:
    return house().setup.sender(who, name)


@blueprint.patch("/senders/<name>")
@endpoint("admin")
def change_sender(who: Who, name: str) -> Any:
    values = resources.load(resources.SenderChange(partial=True), json_object())
    return house().setup.change_sender(who, name, values)


@blueprint.get("/bindings")
@endpoint("read")
def bindings(who: Who) -> Any:
    return house().bindings.page(who, *page_limits())


@blueprint.post("/bindings")
@endpoint("write")
def make_binding(who: Who) -> Answer:
    return created("/v1/bindings", house().bindings.make(who, resources.load(resources.Binding(), json_object())))


@blueprint.get("/bindings/<name>")
@endpoint("read")
def one_binding(who: Who, name: str) -> Any:
    return house().bindings.get(who, name)


@blueprint.patch("/bindings/<name>")
@endpoint("write")
def change_binding(who: Who, name: str) -> Any:
    return house().bindings.change(who, name, resources.load(resources.Binding(partial=True), json_object()))


@blueprint.delete("/bindings/<name>")
@endpoint("write")
def drop_binding(who: Who, name: str) -> Any:
    house().bindings.drop(who, name)
    return DELETED


@blueprint.post("/bindings/<name>/run")
@endpoint(source=Source.ACTION, keyed=False)
def run_binding(who: Who, name: str) -> Answer:
    return house().bindings.run(who, name, payload(), idempotency_key())


@blueprint.get("/keys")
@endpoint("admin")
def keys(who: Who) -> Any:
    return {"items": house().setup.keys(who), "next_cursor": None}


@blueprint.post("/keys")
@endpoint("admin", keyed=False)  # its answer is shown once and kept nowhere
def make_key(who: Who) -> Answer:
    values = resources.load(resources.KeyResource(), json_object())
    asked = (values["name"], values["scopes"], values.get("expires_at"), values.get("account"))
    return created("/v1/keys", house().setup.make_key(who, *asked))


@blueprint.delete("/keys/<name>")
@endpoint("admin")
def revoke_key(who: Who, name: str) -> Any:
    house().setup.revoke_key(who, name)
    return DELETED


@blueprint.post("/organisations")
@endpoint("platform", keyed=False)  # its answer is shown once and kept nowhere
def make_organisation(_who: Who) -> Answer:
    values = resources.load(resources.OrganisationResource(), json_object())
    return created("/v1/organisations", house().setup.new_organisation(values["name"]))


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    """Whoever may change a list is told what its webhook is signed with."""
    number = row_number("list", answer["id"])
    secret = {"webhook_secret": house().webhooks.list_secret(number)} if answer["webhook_url"] and number else {}
    return {**answer, **secret}
