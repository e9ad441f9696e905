"""The REST resources as JSON Schema: apispec knows marshmallow's fields, this teaches it ours."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from schemas import fields, resources
from schemas.vocabulary import PEOPLE


class ResourcePlugin(MarshmallowPlugin):
    """Each resource under a name of its own: what makes one (``Input``) and what changes one (``Change``)."""

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=_name)

    def init_spec(self, spec: APISpec) -> None:
        super().init_spec(spec)
        if self.converter is None:  # as far as its types can tell
            raise TypeError("the plugin made no converter")
        # A table of its own: map_to_openapi_type would write into the one that every converter shares.
        self.converter.field_mapping = {
            **self.converter.field_mapping,
            fields.Time: ("string", "date-time"),
            fields.Delay: ("string", "duration"),
            fields.TimeOfDay: ("string", None),
            fields.Channel: ("string", None),
            fields.PurposeOf: ("string", None),
        }
        self.converter.attribute_functions.append(_our_words)


_FIXED: dict[type, dict[str, Any]] = {
    fields.RequireOptIn: {"enum": [False, True, "explicit"]},
    fields.QuietHours: {"anyOf": [{"const": "default"}, {"type": "object"}, {"type": "null"}]},
    fields.TimeOfDay: {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
}


def _our_words(field: Any, ret: dict[str, Any]) -> dict[str, Any]:
    """What is left to say of a field after marshmallow's own parts have been read into ``ret``."""
    if getattr(field.parent, "partial", None):
        ret.pop("default", None)  # what is left out of a change stays as it is
    if isinstance(field.parent, resources.PersonRef) and field.name in PEOPLE.properties:
        return dict(PEOPLE.properties[field.name])
    if type(field) in _FIXED:
        return dict(_FIXED[type(field)])
    if isinstance(field, fields.Channel):
        default = {"default": ret["default"].label} if ret.get("default") is not None else {}
        return {"enum": [*field.names, *([None] if field.allow_none else [])], **default}
    if isinstance(field, fields.PurposeOf):
        return {"enum": list(field.names)} | ({"default": ret["default"].value} if "default" in ret else {})
    if "pattern" in ret:  # Python matches from the start; JSON Schema searches, and has no \Z
        return {"pattern": f"^{ret['pattern']}".replace(r"\Z", "$")}
    return {"format": "uri"} if ret.get("format") == "url" else {}


def _name(schema: Any) -> str:
    name: str = type(schema).__name__.removesuffix("Resource")
    if name.endswith("Change"):
        return name
    return f"{name}{'Change' if schema.partial else 'Input'}"
