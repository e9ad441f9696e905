"""The REST resources as JSON Schema: apispec knows marshmallow's fields, this teaches it ours."""

from __future__ import annotations

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin

from schemas import resources
from schemas.vocabulary import PEOPLE


class _Converter(MarshmallowPlugin.Converter):
    """Maps of a subclass stay its own; the plugin's registering function would write into a table that all share."""

    field_mapping = {
        **MarshmallowPlugin.Converter.field_mapping,
        resources.Time: ("string", "date-time"),
        resources.Delay: ("string", "duration"),
        resources.Channel: ("string", None),
    }  # fmt: skip

    def init_attribute_functions(self) -> None:
        super().init_attribute_functions()
        self.attribute_functions.append(self.our_words)

    def our_words(self, field: Any, ret: dict[str, Any]) -> dict[str, Any]:
        """What is left to say of a field after marshmallow's own parts have been read into ``ret``."""
        if isinstance(field.parent, resources.PersonRef) and field.name in PEOPLE.properties:
            return dict(PEOPLE.properties[field.name])
        if isinstance(field, resources.RequireOptIn):
            return {"enum": [False, True, "explicit"]}
        if isinstance(field, resources.Channel):
            default = {"default": ret["default"].label} if ret.get("default") is not None else {}
            return {"enum": [*field.names, *([None] if field.allow_none else [])], **default}
        if "pattern" in ret:  # Python matches from the start; JSON Schema searches, and has no \Z
            return {"pattern": f"^{ret['pattern']}".replace(r"\Z", "$")}
        return {"format": "uri"} if ret.get("format") == "url" else {}


class ResourcePlugin(MarshmallowPlugin):
    """Each resource under a name of its own: what makes one (``Input``) and what changes one (``Change``)."""

    Converter = _Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=_name)


def _name(schema: Any) -> str:
    name: str = type(schema).__name__.removesuffix("Resource")
    if name.endswith("Change"):
        return name
    return f"{name}{'Change' if schema.partial else 'Input'}"
