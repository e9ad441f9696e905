"""Campaigns as marshmallow reads them."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from connector.domain.words import Purpose
from schemas.fields import (
    Delay,
    Flag,
    PurposeOf,
    QuietHours,
    RequireOptIn,
    Resource,
    Text,
    TimeOfDay,
    Whole,
    Zone,
    one_of,
    words,
)


def _is_filling(value: object) -> None:
    if not isinstance(value, dict | list):
        raise ValidationError("must be an object or a list")


class TemplateNamed(Resource):
    """A template as a step uses it."""

    name = Text(200, required=True)
    language = Text(20)
    parameters = fields.Raw(validate=_is_filling)


class StepResource(Resource):
    delay = Delay(load_default=0)
    at = TimeOfDay(load_default=None)
    text = Text(10_000, load_default=None)
    subject = Text(998, load_default=None)
    html = Text(500_000, load_default=None)
    template = Whole(TemplateNamed, load_default=None)


class CampaignResource(Resource):
    kind = one_of("broadcast", "sequence", required=True)
    name = Text(100, required=True)
    sender = Text(100, required=True)
    lists = words(100, 1, load_default=lambda: ["default"])
    purpose = PurposeOf(load_default=Purpose.MARKETING)
    require_opt_in = RequireOptIn(load_default=False)
    steps = fields.List(Whole(StepResource), required=True, validate=validate.Length(1, 100))
    on_opt_out = one_of("exit", "skip", load_default="exit")
    groups = words(100, 0, load_default=list)
    bypass_groups = words(100, 0, load_default=list)
    timezone = Zone(load_default="UTC")
    quiet_hours = QuietHours(load_default=None, allow_none=True)
    exit_on_reply = Flag(load_default=False)
    re_entry = one_of("never", "after_end", load_default="never")


class Start(Resource):
    skip_incomplete = Flag(load_default=False)


class CampaignChange(Resource):
    """What may change while people are on their way."""

    name = Text(100)
    lists = words(100, 1)
    require_opt_in = RequireOptIn()
    on_opt_out = one_of("exit", "skip")
    bypass_groups = words(100, 0)
    timezone = Zone()
    quiet_hours = QuietHours(allow_none=True)
    exit_on_reply = Flag()
    re_entry = one_of("never", "after_end")
