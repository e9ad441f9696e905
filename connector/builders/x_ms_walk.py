"""A walk through an OpenAPI 2.0 document: its operations, the fields of their bodies, and paths into answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True)
class Operation:
    """One operation, where it stands, and the document that it refers into."""

    id: str
    method: str
    path: str
    described: Mapping[str, Any]
    item: Mapping[str, Any]
    document: Document

    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]:
        return [*self.item.get("parameters", ()), *self.described.get("parameters", ())]

    def answer(self) -> Mapping[str, Any] | None:
        """The schema of its good answer, None where it says nothing of one."""
        for status in ("200", "201"):
            if (said := self.described["responses"].get(status, {}).get("schema")) is not None:
                return resolved(said, self.document)
        return None

    def takes(self, place: str) -> bool:
        """Whether ``source`` is a parameter, or ``body/to/name`` a field of the body."""
        name, _, below = place.partition("/")
        for parameter in self.parameters:
            if parameter["name"] == name:
                return not below or follow(parameter.get("schema", {}), below, self.document) is not None
        return False

    def takes_field(self, name: str) -> bool:
        """Whether this is a parameter, or a field at the top of the body: the older words tell them not apart."""
        bodies = (parameter["schema"] for parameter in self.parameters if parameter["in"] == "body")
        return self.takes(name) or any(name in resolved(one, self.document).get("properties", {}) for one in bodies)


def operations(document: Document) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                said = item[method]
                yield Operation(said.get("operationId", f"{method} {path}"), method, path, said, item, document)


def schemas(
    schema: Mapping[str, Any], place: str, document: Document, required: bool = False
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every property below a schema: where, what, whether it must be there. Items of lists are fields too."""
    schema = resolved(schema, document)
    for name, given in schema.get("properties", {}).items():
        below, inner = f"{place}/{name}", resolved(given, document)
        yield below, inner, name in schema.get("required", ())
        yield from schemas(inner, below, document)
        if isinstance(inner.get("items"), Mapping):
            yield from schemas(inner["items"], f"{below}/items", document)


def members(schema: Mapping[str, Any], place: str, document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A schema and everything in it that may hold an extension."""
    schema = resolved(schema, document)
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from members(inner, f"{place}/{name}", document)
    if isinstance(schema.get("items"), Mapping):
        yield from members(schema["items"], f"{place}/items", document)


def resolved(schema: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """The schema itself where this one only refers to it."""
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolved(found, document)


def follow(schema: Mapping[str, Any] | None, path: str, document: Document) -> Mapping[str, Any] | None:
    """The schema at a path of properties; None where there is no such place."""
    for name in filter(None, path.split("/")):
        if schema is None:
            return None
        schema = resolved(schema, document).get("properties", {}).get(name)
    return None if schema is None else resolved(schema, document)
