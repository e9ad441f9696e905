"""How resources are read: fields with our formats, and every fault at once by JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from connector.domain.durations import format_duration, parse_duration
from connector.domain.errors import Fault, Invalid
from connector.domain.instants import parse_rfc3339, rfc3339
from connector.domain.timing import format_time_of_day, is_zone, parse_time_of_day
from connector.domain.words import CHANNEL_NAMES, Purpose
from connector.domain.words import Channel as ChannelWord


class Resource(Schema):
    """What all resources have in common."""

    class Meta:
        unknown = RAISE
        ordered = True

    error_messages = {"unknown": "there is no such field", "type": "must be an object"}  # noqa: RUF012

    @pre_load
    def leave_out_empty(self, data: Any, **_: Any) -> Any:
        """Builders send "" and null for what was left empty."""
        if not isinstance(data, Mapping):
            return data
        keeps = self.context_keeps_null
        return {
            name: value
            for name, value in data.items()
            if not ((value is None or value == "") and name in self.fields and not self.fields[name].required)
            or (keeps and value is None and self.fields[name].allow_none)
        }

    @property
    def context_keeps_null(self) -> bool:
        """In a PATCH, null takes a value away."""
        return bool(self.partial)


class Whole(fields.Nested):
    """A resource within another: whole, though only a part of the other is changed."""

    def _load(self, value: Any, partial: Any = None) -> Any:
        return super()._load(value, partial=None)


class Time(fields.Field[int]):
    """RFC 3339 outside, microseconds inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return parse_rfc3339(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("must be a date-time with a zone, such as 2026-11-23T18:00:00Z") from error

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)


class Delay(fields.Field[int]):
    """An ISO 8601 duration outside, microseconds inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return parse_duration(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("must be an ISO 8601 duration such as PT30M or P3D") from error

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format_duration(value)


class TimeOfDay(fields.Field[int]):
    """ "09:30" outside, minutes past midnight inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return parse_time_of_day(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise ValidationError("must be a time of day such as 09:30") from error

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format_time_of_day(value)


class QuietHours(fields.Field[Any]):
    """ "default" for the hours of the recipient's country, or {"from": "21:00", "to": "08:00"}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == "default":
            return value
        try:
            found = {name: parse_time_of_day(value[name]) for name in ("from", "to")}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValidationError('must be "default" or {"from": "21:00", "to": "08:00"}') from error
        if found["from"] == found["to"] or set(value) != set(found):
            raise ValidationError('must be "default" or {"from": "21:00", "to": "08:00"}')
        return found


class Zone(fields.String):
    """A time zone by its IANA name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not is_zone(value):
            raise ValidationError("must be a time zone such as Europe/Rome")
        return str(value)


class Channel(fields.Field[ChannelWord]):
    """A channel by its name."""

    def __init__(self, *, all_too: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = CHANNEL_NAMES if all_too else CHANNEL_NAMES[1:]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> ChannelWord:
        if not isinstance(value, str) or value not in self.names:
            raise ValidationError(f"must be one of {', '.join(self.names)}")
        return ChannelWord.named(value)


class Flag(fields.Boolean):
    """true or false, and nothing that is only taken for it, such as 0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Text(fields.String):
    """A string with at least one character and at most so many."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        checks = [validate.Length(1, most, error="must have 1 to {max} characters"), *kwargs.pop("validate", [])]
        super().__init__(validate=checks, **kwargs)


class PurposeOf(fields.Field[Purpose]):
    """Why a campaign speaks; confirmations are ours alone."""

    names = tuple(purpose.value for purpose in Purpose if purpose is not Purpose.CONFIRMATION)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Purpose:
        if not isinstance(value, str) or value not in self.names:
            raise ValidationError(f"must be one of {', '.join(self.names)}")
        return Purpose(value)


class RequireOptIn(fields.Field[Any]):
    """false, true or "explicit"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool | str:
        if isinstance(value, bool) or value == "explicit":
            return value  # type: ignore[no-any-return]
        raise ValidationError('must be false, true or "explicit"')


def one_of(*names: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(names, error="must be one of {choices}"), **kwargs)


def words(most: int, least: int, **kwargs: Any) -> fields.List[str]:
    checks = validate.Length(least, 100, error="must have {min} to {max} items")
    return fields.List(Text(most), validate=checks, **kwargs)


def load(schema: Schema, data: Any) -> dict[str, Any]:
    """The values of a resource; Invalid with every fault, by JSON pointer."""
    try:
        return dict(schema.load(data))
    except ValidationError as error:
        raise Invalid(list(_faults(error.messages, ""))) from error


def _faults(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            part = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _faults(inner, pointer + part)
    else:
        for message in messages:
            text = str(message)
            yield Fault(pointer, _CODES.get(text, "invalid"), text[:1].lower() + text[1:].rstrip("."))


_CODES = {
    "there is no such field": "unknown_field",
    "Missing data for required field.": "required",
    "Field may not be null.": "required",
    "Not a valid string.": "wrong_type",
    "Not a valid integer.": "wrong_type",
    "Not a valid boolean.": "wrong_type",
    "Not a valid list.": "wrong_type",
    "Not a valid mapping type.": "wrong_type",
    "Invalid input type.": "wrong_type",
}
