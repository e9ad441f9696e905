"""What understands messages: smart replies, rules, ready keywords; and what somebody has to read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from connector.domain.words import Source
from connector.engine.once import Answer
from connector.engine.packs import packs
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.house import house
from schemas import inbox as of_inbox
from schemas import resources

blueprint = Blueprint("inbox", __name__, url_prefix="/v1")

DELETED = {"deleted": True}


@blueprint.get("/replies")
@endpoint("read")
def replies(who: Who) -> Any:
    return house().inbox.replies.page(who, *page_limits())


@blueprint.post("/replies")
@endpoint("write")
def make_reply(who: Who) -> Answer:
    return created("/v1/replies", house().inbox.replies.make(who, resources.load(of_inbox.SmartReply(), json_object())))


@blueprint.get("/replies/<name>")
@endpoint("read")
def one_reply(who: Who, name: str) -> Any:
    return house().inbox.replies.get(who, name)


@blueprint.patch("/replies/<name>")
@endpoint("write")
def change_reply(who: Who, name: str) -> Any:
    return house().inbox.replies.change(who, name, resources.load(of_inbox.SmartReply(partial=True), json_object()))


@blueprint.delete("/replies/<name>")
@endpoint("write")
def drop_reply(who: Who, name: str) -> Any:
    house().inbox.replies.drop(who, name)
    return DELETED


@blueprint.post("/replies/try")
@endpoint("read", keyed=False)
def try_out(who: Who) -> Any:
    return house().inbox.receiver.try_out(who, resources.load(of_inbox.TryOut(), json_object()))


@blueprint.get("/rules")
@endpoint("read")
def rules(who: Who) -> Any:
    return house().inbox.rules.page(who, *page_limits())


@blueprint.post("/rules")
@endpoint("write")
def make_rule(who: Who) -> Answer:
    values = resources.load(of_inbox.RuleResource(), json_object())
    return created("/v1/rules", house().inbox.rules.make(who, values))


@blueprint.get("/rules/<name>")
@endpoint("read")
def one_rule(who: Who, name: str) -> Any:
    return house().inbox.rules.get(who, name)


@blueprint.patch("/rules/<name>")
@endpoint("write")
def change_rule(who: Who, name: str) -> Any:
    values = resources.load(of_inbox.RuleResource(partial=True), json_object())
    return house().inbox.rules.change(who, name, values)


@blueprint.delete("/rules/<name>")
@endpoint("write")
def drop_rule(who: Who, name: str) -> Any:
    house().inbox.rules.drop(who, name)
    return DELETED


@blueprint.get("/reviews")
@endpoint("read")
def reviews(who: Who) -> Any:
    return house().inbox.reviews.page(who, request.args.get("status") or "open", *page_limits())


@blueprint.get("/reviews/<name>")
@endpoint("read")
def one_review(who: Who, name: str) -> Any:
    return house().inbox.reviews.get(who, name)


@blueprint.post("/reviews/<name>")
@endpoint("write", source=Source.OPERATOR)
def decide(who: Who, name: str) -> Answer:
    decision = resources.load(of_inbox.Decision(), json_object())["decision"]
    body, settled = house().inbox.reviews.decide(who, name, decision)
    return Answer(200 if settled else 202, {**body, "settled": settled})


@blueprint.get("/keyword-packs")
@endpoint("read")
def keyword_packs(_who: Who) -> Any:
    return {"items": [{"name": name, **pack} for name, pack in packs().items()], "next_cursor": None}
