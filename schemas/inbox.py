"""What understands messages, as marshmallow reads it."""

from __future__ import annotations

from marshmallow import fields, validate

from connector.domain.words import Channel as ChannelWord
from schemas.fields import Channel, Resource, Text, Whole, one_of, words


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


class RuleResource(Resource):
    """``number`` is a sender's own number; ``sender`` its id."""

    channel = Channel(all_too=True, load_default=ChannelWord.ALL)
    number = Text(320, allow_none=True)
    sender = Text(100, allow_none=True)
    begins_with = Text(50, required=True)
    state = one_of("in", "out", required=True)
    lists = words(100, 1, load_default=lambda: ["default"])


class TryOut(Resource):
    """A message that nobody wrote."""

    sender = Text(100, required=True)
    number = fields.Raw()
    email = Text(320)
    whatsapp_id = Text(320)
    text = Text(5_000, required=True)


class Decision(Resource):
    decision = one_of("opt_out", "dismiss", required=True)
