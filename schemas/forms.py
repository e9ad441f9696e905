"""What callers send about opt-in forms, and about the links of one person."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from connector.domain.forms import is_origin
from schemas.fields import Channel, Flag, Resource, Text, words
from schemas.resources import PersonRef


class Origin(fields.String):
    """Who may show a form within a page of theirs."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        origin = value.strip().lower().rstrip("/") if isinstance(value, str) else ""
        if not is_origin(origin):
            raise ValidationError("must be an origin such as https://shop.example")
        return origin


class FormResource(Resource):
    channel = Channel(required=True)
    description = Text(2000, required=True)
    confirmation_message = Text(1000, load_default="Thank you.")
    button_text = Text(60, load_default="Subscribe")
    double_opt_in = Flag(load_default=False)
    allowed_origins = fields.List(
        Origin(), load_default=list, validate=validate.Length(0, 50, error="must have {min} to {max} items")
    )
    lists = words(100, 1, load_default=lambda: ["default"])
    sender = Text(100, allow_none=True, load_default=None)


class PersonLinks(PersonRef):
    channel = Channel(load_default=None, allow_none=True)
    lists = words(100, 0, load_default=list)
