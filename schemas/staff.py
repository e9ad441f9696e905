"""What admins send about users, and users about themselves."""

from __future__ import annotations

from marshmallow import fields, validate

from connector.domain.users import Role
from schemas.fields import Flag, Resource, Text, one_of
from schemas.forms import Origin

_PASSWORD = validate.Length(10, 200, error="must have 10 to 200 characters")
_ROLES = tuple(role.value for role in Role)


class UserResource(Resource):
    name = Text(100, required=True)
    role = one_of(*_ROLES, required=True)
    account = Text(100)
    password = fields.String(validate=_PASSWORD)


class UserChange(Resource):
    name = Text(100)
    role = one_of(*_ROLES)
    #: null: make a new one, shown once.
    password = fields.String(validate=_PASSWORD, allow_none=True)
    disabled = Flag()


class OwnPassword(Resource):
    old = fields.String(required=True)
    new = fields.String(required=True, validate=_PASSWORD)


class PanelOrigins(Resource):
    """Pages that may show the side panel within theirs: their origins, whole."""

    origins = fields.List(Origin(), required=True, validate=validate.Length(0, 50))


class PanelTicket(Resource):
    """For one of an inbox's agents."""

    agent = Text(100, required=True)
