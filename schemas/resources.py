"""REST resources as marshmallow reads them; empty means absent where optional."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load, validate

from schemas import events
from schemas.fields import (
    Channel,
    Flag,
    Resource,
    Text,
    Time,
    Whole,
    load,
    one_of,
    words,
)

__all__ = ["load"]

_SLUG = validate.Regexp(r"[a-z0-9][a-z0-9_-]{0,49}\Z", error="must be lower-case letters, digits, - and _")
SCOPES = ("read", "write", "send", "export", "bypass", "admin", "lists:read", "platform")


class ListMessage(Resource):
    text = Text(300, required=True)
    description = Text(300, allow_none=True)


class ListMessages(Resource):
    first_opt_in = Whole(ListMessage, allow_none=True)
    already_opt_in = Whole(ListMessage, allow_none=True)
    first_opt_out = Whole(ListMessage, allow_none=True)
    already_opt_out = Whole(ListMessage, allow_none=True)

    @property
    def context_keeps_null(self) -> bool:
        """null takes a message away."""
        return True


class OptOutList(Resource):
    key = Text(50, validate=[_SLUG])
    name = Text(50, required=True)
    description = Text(300, allow_none=True)
    keywords = words(50, 1, required=True)
    opt_in_keywords = words(50, 0)
    messages = Whole(ListMessages)
    send_response = Flag()
    sender = Text(100, allow_none=True)
    webhook_url = fields.Url(
        schemes={"http", "https"}, require_tld=False, allow_none=True, validate=validate.Length(max=2000)
    )
    webhook_format = one_of("standard", "legacy")
    protect = one_of("none", "evidence", "person")
    keyword_scope = one_of("channel", "all")
    keyword_packs = words(50, 0)


class SenderResource(Resource):
    account = Text(100)
    provider = Text(50, required=True)
    channel = Channel(required=True)
    number = Text(320, required=True)
    channel_id = fields.Integer(strict=True, validate=validate.Range(0, 2**31 - 1))
    settings = fields.Dict(keys=fields.String(), load_default=dict)


class SenderChange(Resource):
    number = Text(320)
    channel_id = fields.Integer(strict=True, validate=validate.Range(0, 2**31 - 1))
    settings = fields.Dict(keys=fields.String())


class TemplateResource(Resource):
    name = Text(200, required=True)
    language = Text(20, load_default="en")
    text = Text(10_000, allow_none=True)
    subject = Text(998, allow_none=True)
    html = Text(500_000, allow_none=True)
    parameters = words(100, 0)


class Binding(Resource):
    name = Text(100, required=True)
    action = Text(100, required=True)
    mapping = fields.Dict(keys=fields.String(), required=True)
    sample = fields.Raw(allow_none=True)


class WebhookResource(Resource):
    url = fields.Url(schemes={"http", "https"}, require_tld=False, required=True, validate=validate.Length(max=2000))
    events = fields.List(
        one_of(*events.TYPES), load_default=lambda: [events.OPTED_OUT, events.OPTED_IN], validate=validate.Length(1, 20)
    )
    secret = Text(200)
    format = one_of("standard", "flat", load_default="standard")
    expires_at = Time(allow_none=True)

    @pre_load
    def know_triggers(self, data: Any, **_: Any) -> Any:
        """An event may be named as its trigger is."""
        named = data.get("events") if isinstance(data, Mapping) else None
        if not isinstance(named, list):
            return data
        return {**data, "events": [(isinstance(one, str) and events.type_of(one)) or one for one in named]}


class KeyResource(Resource):
    account = Text(100)
    name = Text(100, required=True)
    scopes = fields.List(one_of(*SCOPES), required=True, validate=validate.Length(1, 20))
    expires_at = Time(allow_none=True)


class OrganisationResource(Resource):
    name = Text(100, required=True)


class PersonRef(Resource):
    """One person in a call that is not an action."""

    number = fields.Raw()
    email = Text(320)
    whatsapp_id = Text(320)


class Block(PersonRef):
    blocked = Flag(required=True)
    reason = Text(300)


class Mapped(Resource):
    mapping = fields.Dict(keys=fields.String(), required=True)
    data = fields.Raw(required=True, allow_none=True)


class Data(Resource):
    data = fields.Raw(required=True, allow_none=True)
