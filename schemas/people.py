"""What callers send about people on lists, defaults and accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from connector.domain.instants import DAY, MINUTE
from connector.domain.words import CHANNEL_NAMES
from connector.domain.words import Channel as ChannelWord
from schemas.fields import Channel, Delay, Flag, Resource, Text, Whole, one_of, words
from schemas.resources import ListMessages, PersonRef
from schemas.vocabulary import PEOPLE

_STATES = ("in", "out", "none")
_NUMBER = PEOPLE.properties["number"]


class EntryResource(PersonRef):
    channel = Channel(all_too=True, load_default=ChannelWord.ALL)
    reason = Text(300)


def _is_shaped(number: Any) -> None:
    """Whether it can be read is told row by row; what is no text and no whole number is a fault of the call."""
    if isinstance(number, str):
        if len(number) > _NUMBER["maxLength"]:
            raise ValidationError(f"must have at most {_NUMBER['maxLength']} characters")
    elif isinstance(number, bool) or not isinstance(number, (int, float)) or number != int(number):
        raise ValidationError("must be integer or string")
    elif number < _NUMBER["minimum"]:
        raise ValidationError(f"must be at least {_NUMBER['minimum']}")


class EntryName(PersonRef):
    """An entry by its id, or by its address and channel."""

    number = fields.Raw(validate=_is_shaped)
    id = Text(100)
    channel = Channel(all_too=True, load_default=ChannelWord.ALL)


class EntryRemoval(Resource):
    entries = fields.List(Whole(EntryName), required=True, validate=validate.Length(1, 1000))
    reason = Text(300)


class ChannelFlag(PersonRef):
    channel = Channel(all_too=True, required=True)
    state = one_of("in", "out", required=True)
    reason = Text(300)
    evidence = fields.Dict(keys=fields.String())


class Memberships(PersonRef):
    channel = Channel(all_too=True, load_default=ChannelWord.ALL)
    add = words(100, 0, load_default=list)
    remove = words(100, 0, load_default=list)
    reason = Text(300)
    evidence = fields.Dict(keys=fields.String())


class DefaultStates(Resource):
    """What holds for who never spoke, channel by channel; a channel that is not named stays as it is."""

    sms = one_of(*_STATES)
    whatsapp = one_of(*_STATES)
    rcs = one_of(*_STATES)
    truecaller = one_of(*_STATES)
    voice = one_of(*_STATES)
    email = one_of(*_STATES)


class FrequencyCap(Resource):
    """How many marketing messages go to one person at most, over all campaigns of the account."""

    messages = fields.Integer(strict=True, required=True, validate=validate.Range(1, 1000))
    per = Delay(required=True, validate=validate.Range(MINUTE, 366 * DAY, error="must be from PT1M to P366D"))


class AccountResource(Resource):
    name = Text(100, required=True)
    region = Text(2, allow_none=True, validate=[validate.Regexp(r"[A-Z]{2}\Z", error="must be two capital letters")])
    own_lists = Flag()
    defaults = Whole(DefaultStates)
    frequency_cap = Whole(FrequencyCap, allow_none=True)
    hold_unclear = Flag()
    messages = Whole(ListMessages)
    send_response = Flag()


if tuple(DefaultStates().fields) != CHANNEL_NAMES[1:]:
    raise TypeError("a channel has no default")
