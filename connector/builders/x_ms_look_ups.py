"""Dropdowns and shapes that are looked up while a flow is edited: the call is there, its parameters and paths too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.builders.x_ms_walk import Operation, follow, members

#: The older and the newer spelling of the same, which a connector should have both.
_PAIRS = (("x-ms-dynamic-values", "x-ms-dynamic-list"), ("x-ms-dynamic-schema", "x-ms-dynamic-properties"))
#: Where each names the list it looks through, and what it takes from an item of it.
_LISTS = {
    "x-ms-dynamic-values": ("value-collection", ("value-path", "value-title")),
    "x-ms-dynamic-list": ("itemsPath", ("itemValuePath", "itemTitlePath")),
}
_SHAPES = {"x-ms-dynamic-schema": "value-path", "x-ms-dynamic-properties": "itemValuePath"}


def look_up_faults(one: Operation, known: Mapping[str, Operation]) -> Iterator[str]:
    """What is wrong with the look-ups of an operation, in what it takes and in what it answers."""
    for place, said in _places(one):
        for older, newer in _PAIRS:
            if (older in said) != (newer in said):
                yield f"{place}: {older} and {newer} belong together"
        for word in (*_LISTS, *_SHAPES):
            if word in said:
                yield from _of_look_up(f"{place} {word}", word, said[word], one, known)


def _places(one: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for parameter in one.parameters:
        place = f"{one.id}/{parameter['name']}"
        if "schema" in parameter:
            yield from members(parameter["schema"], place, one.document)
        else:
            yield place, parameter
    for status, answer in one.described["responses"].items():
        if "schema" in answer:
            yield from members(answer["schema"], f"{one.id} {status}", one.document)


def _of_look_up(
    place: str, word: str, said: Mapping[str, Any], one: Operation, known: Mapping[str, Operation]
) -> Iterator[str]:
    target = known.get(said.get("operationId", ""))
    if target is None:
        yield f"{place}: there is no operation {said.get('operationId')}"
        return
    given = said.get("parameters", {})
    yield from (f"{place}: {target.id} takes no {name}" for name in given if not target.takes(name))
    for parameter in target.parameters:
        if parameter.get("required") and parameter["name"] not in given and "default" not in parameter:
            yield f"{place}: {target.id} needs {parameter['name']}"
    yield from _of_references(place, given, one)
    yield from _of_paths(place, word, said, target)


def _of_references(place: str, given: Mapping[str, Any], one: Operation) -> Iterator[str]:
    """A value that comes from a field of the same form: that field is there."""
    for value in given.values():
        if not isinstance(value, Mapping):
            continue
        if "parameter" in value and not one.takes_field(value["parameter"]):
            yield f"{place}: {one.id} has no field {value['parameter']}"
        if "parameterReference" in value and not one.takes(value["parameterReference"]):
            yield f"{place}: {one.id} has no field {value['parameterReference']}"
        if not {"parameter", "parameterReference", "value"} & set(value):
            yield f"{place}: a parameter without a value or a field that it comes from"


def _of_paths(place: str, word: str, said: Mapping[str, Any], target: Operation) -> Iterator[str]:
    answer = target.answer()
    if answer is None:
        yield f"{place}: {target.id} says nothing of its answer"
        return
    if word in _SHAPES:
        path = said.get(_SHAPES[word], "")
        if follow(answer, path, target.document) is None:
            yield f"{place}: the answer of {target.id} has no {path}"
        return
    collection, parts = _LISTS[word]
    listed = follow(answer, said.get(collection, ""), target.document)
    if listed is None or listed.get("type") != "array":
        yield f"{place}: the answer of {target.id} has no list {said.get(collection)}"
        return
    for part in parts:
        path = said.get(part, "")
        if not path or follow(listed.get("items", {}), path, target.document) is None:
            yield f"{place}: an item of {target.id} has no {part} {path}".rstrip()
