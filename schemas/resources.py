"""REST resources as marshmallow reads them; empty means absent where optional."""

from __future__ import annotations

from marshmallow import fields, validate

from connector.domain.words import Channel as ChannelWord
from connector.domain.words import Purpose
from schemas.events import TYPES as EVENT_TYPES
from schemas.fields import Channel, Delay, PurposeOf, RequireOptIn, Resource, Text, Time, Whole, load, one_of, words

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
    send_response = fields.Boolean(truthy={True}, falsy={False})
    sender = Text(100, allow_none=True)
    webhook_url = fields.Url(
        schemes={"http", "https"}, require_tld=False, allow_none=True, validate=validate.Length(max=2000)
    )
    webhook_format = one_of("standard", "legacy")
    protect = one_of("none", "evidence", "person")
    keyword_scope = one_of("channel", "all")


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


class Binding(Resource):
    name = Text(100, required=True)
    action = Text(100, required=True)
    mapping = fields.Dict(keys=fields.String(), required=True)
    sample = fields.Raw(allow_none=True)


class ReplyAction(Resource):
    action = Text(100, required=True)
    mapping = fields.Dict(keys=fields.String(), required=True)


class SmartReply(Resource):
    keywords = words(50, 1, required=True)
    match = one_of("exact", "begins_with", "contains", load_default="exact")
    channel = Channel(all_too=True, load_default=ChannelWord.ALL)
    sender = Text(100, allow_none=True)
    reply = Text(1000, allow_none=True)
    actions = fields.List(Whole(ReplyAction), load_default=list, validate=validate.Length(max=10))
    priority = fields.Integer(strict=True, load_default=100, validate=validate.Range(0, 1_000_000))


class StepResource(Resource):
    delay = Delay(load_default=0)
    text = Text(10_000, load_default=None)
    subject = Text(998, load_default=None)
    html = Text(500_000, load_default=None)
    template = fields.Dict(load_default=None)


class CampaignResource(Resource):
    kind = one_of("broadcast", "sequence", required=True)
    name = Text(100, required=True)
    sender = Text(100, required=True)
    lists = words(100, 1, load_default=lambda: ["default"])
    purpose = PurposeOf(load_default=Purpose.MARKETING)
    require_opt_in = RequireOptIn(load_default=False)
    steps = fields.List(Whole(StepResource), required=True, validate=validate.Length(1, 100))
    on_opt_out = one_of("exit", "skip", load_default="exit")
    bypass_groups = words(100, 0, load_default=list)


class WebhookResource(Resource):
    url = fields.Url(schemes={"http", "https"}, require_tld=False, required=True, validate=validate.Length(max=2000))
    events = fields.List(one_of(*EVENT_TYPES), load_default=lambda: list(EVENT_TYPES), validate=validate.Length(1, 20))
    secret = Text(200)
    format = one_of("standard", "flat", load_default="standard")
    expires_at = Time(allow_none=True)


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
    blocked = fields.Boolean(truthy={True}, falsy={False}, required=True)
    reason = Text(300)


class Mapped(Resource):
    mapping = fields.Dict(keys=fields.String(), required=True)
    data = fields.Raw(required=True, allow_none=True)


class Data(Resource):
    data = fields.Raw(required=True, allow_none=True)
