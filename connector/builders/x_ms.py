"""What Microsoft's extensions of OpenAPI 2.0 promise and no validator checks: every name in them leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.builders.x_ms_look_ups import look_up_faults
from connector.builders.x_ms_walk import Document, Operation, operations, schemas

_VISIBILITIES = {"important", "advanced", "internal"}
_STATUSES = {"Production", "Preview"}


def x_ms_faults(document: Document) -> list[str]:
    """Everything that would fail only once somebody edits a flow, as sentences; an empty list is a sound connector."""
    found = list(operations(document))
    known = {one.id: one for one in found}
    faults = [fault for one in found for fault in _of_operation(one)]
    faults += [fault for one in found for fault in look_up_faults(one, known)]
    return [*_of_ids(found), *faults, *_of_capabilities(document, known)]


def _of_ids(found: list[Operation]) -> Iterator[str]:
    ids = [one.id for one in found]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"operationId {name} is there {ids.count(name)} times"


def _of_operation(one: Operation) -> Iterator[str]:
    said = one.described
    if not said.get("summary"):
        yield f"{one.id}: no summary, so its card has no name"
    yield from _of_visibility(one.id, said)
    annotation = said.get("x-ms-api-annotation", {"family": one.id, "revision": 1})
    if not annotation.get("family") or not isinstance(annotation.get("revision"), int):
        yield f"{one.id}: x-ms-api-annotation needs a family and a revision"
    if annotation.get("status", "Production") not in _STATUSES:
        yield f"{one.id}: x-ms-api-annotation has no status {annotation['status']}"
    is_hidden = said.get("x-ms-visibility") == "internal"
    for place, schema, required in _inputs(one):
        yield from _of_input(place, schema, required, is_hidden)
    yield from _of_trigger(one)


def _inputs(one: Operation) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every field that a person may fill in: parameters, and the properties of bodies however deep."""
    for parameter in one.parameters:
        place = f"{one.id}/{parameter['name']}"
        if parameter["in"] == "body":
            yield from schemas(parameter["schema"], f"{one.id}/body", one.document)
        else:
            yield place, parameter, parameter.get("required", False)


def _of_input(place: str, schema: Mapping[str, Any], required: bool, is_hidden: bool) -> Iterator[str]:
    yield from _of_visibility(place, schema)
    is_internal = schema.get("x-ms-visibility") == "internal"
    is_callback = schema.get("x-ms-notification-url") is True
    if is_internal and required and not is_callback and "default" not in schema:
        yield f"{place}: internal and required, so nobody fills it in, and it has no default"
    if not (is_internal or is_hidden or schema.get("x-ms-summary")):
        yield f"{place}: no x-ms-summary, so its field shows a technical name"


def _of_visibility(place: str, said: Mapping[str, Any]) -> Iterator[str]:
    if said.get("x-ms-visibility", "important") not in _VISIBILITIES:
        yield f"{place}: x-ms-visibility has no {said['x-ms-visibility']}"


def _of_trigger(one: Operation) -> Iterator[str]:
    callbacks = [place for place, schema, _ in _inputs(one) if schema.get("x-ms-notification-url") is True]
    kind = one.described.get("x-ms-trigger")
    if kind is None:
        yield from (f"{place}: a notification URL in an operation that is no trigger" for place in callbacks)
        return
    if kind not in ("single", "batch"):
        yield f"{one.id}: x-ms-trigger has no {kind}"
    if one.method != "post":
        return  # it is polled
    if len(callbacks) != 1:
        yield f"{one.id}: {len(callbacks)} notification URLs, and a webhook trigger needs exactly one"
    content = one.item.get("x-ms-notification-content", {})
    if not content.get("schema"):
        yield f"{one.id}: its path says nothing of x-ms-notification-content"
    if "201" not in one.described["responses"]:
        yield f"{one.id}: no answer 201, whose Location says where to unsubscribe"
    below = [path for path, item in one.document["paths"].items() if path.startswith(f"{one.path}/{{")
             and "delete" in item]  # fmt: skip
    if not below:
        yield f"{one.id}: nothing below {one.path} can be deleted, so nobody unsubscribes"


def _of_capabilities(document: Document, known: Mapping[str, Operation]) -> Iterator[str]:
    test = document.get("x-ms-capabilities", {}).get("testConnection")
    if test is None:
        return
    if test.get("operationId") not in known:
        yield f"testConnection: there is no operation {test.get('operationId')}"
        return
    names = {parameter["name"] for parameter in known[test["operationId"]].parameters}
    for name in sorted(set(test.get("parameters", {})) - names):
        yield f"testConnection: {test['operationId']} takes no {name}"
