"""What callers send about contacts and groups."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.fields import Flag, Resource, Text, words
from schemas.resources import PersonRef


class ContactResource(PersonRef):
    attributes = fields.Dict(keys=fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=200))
    groups = words(100, 0)


class ContactChange(Resource):
    """null takes an address, or an attribute, away."""

    number = fields.Raw(allow_none=True)
    email = Text(320, allow_none=True)
    whatsapp_id = Text(320, allow_none=True)
    attributes = fields.Dict(keys=fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=200))
    groups = words(100, 0)


class GroupResource(Resource):
    name = Text(100, required=True)
    bypass = Flag()
