"""What Make's editor takes for granted of an app's files: every name leads somewhere, every field has a type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connector.builders.kit import Files

#: Types of fields; text is "text", never "string".
_TYPES = {
    "any", "array", "boolean", "collection", "date", "email", "integer", "uinteger", "number", "password", "select",
    "text", "url",
}  # fmt: skip
_ERRORS = {
    "RuntimeError", "DataError", "RateLimitError", "OutOfSpaceError", "ConnectionError", "InvalidConfigurationError",
    "InvalidAccessTokenError", "IncompleteDataError", "DuplicateDataError",
}  # fmt: skip
_NEEDS = {
    "connection": ("communication", "params"), "rpc": ("communication",),
    "webhook": ("communication", "attach", "detach"),
    "module": ("communication", "interface", "samples"),
}  # fmt: skip
_ID = re.compile(r"[a-zA-Z][0-9a-zA-Z]{2,47}\Z")
_USED = re.compile(r"{{parameters\.(\w+)}}")


def make_faults(files: Files) -> list[str]:
    """Everything that Make would refuse or that would fail once it runs, as sentences."""
    read = {path: json.loads(part) for path, part in files.items() if path.endswith(".json")}
    listed = read["makecomapp.json"]
    components = listed["components"]
    found = [*_of_files(files, listed), *_of_base(read["general/base.iml.json"])]
    for kind, needs in _NEEDS.items():
        for name, one in components[kind].items():
            code = {part: read[path] for part, path in one["codeFiles"].items() if path in read}
            found += [f"{kind} {name}: no {part}" for part in needs if part not in code]
            found += _of_component(f"{kind} {name}", name, one, components)
            found += [fault for part in ("params", "mappableParams") for fault in _of_fields(
                f"{kind} {name} {part}", code.get(part, []), components)]  # fmt: skip
            found += _OF_KIND[kind](name, one, code, components)
    grouped = [name for group in read["general/groups.json"] for name in group["modules"]]
    found += [f"groups: {name} is no module" for name in grouped if name not in components["module"]]
    return found + [f"groups: {name} is in none" for name in components["module"] if name not in grouped]


def _of_files(files: Files, listed: Mapping[str, Any]) -> Iterator[str]:
    """Every file is named by the list, and every named one is there."""
    named = {path for path in listed["generalCodeFiles"].values() if path}
    for kind in listed["components"].values():
        named |= {path for one in kind.values() for path in one["codeFiles"].values() if path}
    yield from (f"{path}: named and not there" for path in sorted(named - set(files)))
    yield from (f"{path}: there and not named" for path in sorted(set(files) - named - {"makecomapp.json"}))


def _of_base(base: Mapping[str, Any]) -> Iterator[str]:
    if "request.headers.authorization" not in base.get("log", {}).get("sanitize", ()):
        yield "base: the key would stand in Make's log"
    error = base.get("response", {}).get("error", {})
    for status, said in [("error", error), *((key, one) for key, one in error.items() if key.isdigit())]:
        if said.get("type") not in _ERRORS or not said.get("message"):
            yield f"base: {status} needs a message and a type that Make knows"


def _of_component(place: str, name: str, one: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[str]:
    if not _ID.match(name):
        yield f"{place}: an id is 3 to 48 letters and digits"
    if not one.get("label"):
        yield f"{place}: no label"
    for kind in ("connection", "webhook"):
        if kind in one and one[kind] not in components[kind]:
            yield f"{place}: there is no {kind} {one[kind]}"


def _of_fields(place: str, asked: Any, components: Mapping[str, Any]) -> Iterator[str]:
    names = [one.get("name") for one in asked]
    yield from (f"{place}: {name} is there twice" for name in sorted({n for n in names if n and names.count(n) > 1}))
    for one in asked:
        yield from _of_field(f"{place} {one.get('name', '?')}", one, components)


def _of_field(place: str, one: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[str]:
    if one.get("type") not in _TYPES:
        yield f"{place}: no type {one.get('type')}"
    if not (one.get("name") and one.get("label")):
        yield f"{place}: needs a name and a label"
    options = one.get("options")
    if one.get("type") == "select" and not options:
        yield f"{place}: a select without options"
    if isinstance(options, str) and options.removeprefix("rpc://") not in components["rpc"]:
        yield f"{place}: there is no {options}"
    if one.get("type") in ("array", "collection") and "spec" not in one:
        yield f"{place}: says nothing of its items"
    if isinstance(one.get("spec"), list):
        yield from _of_fields(place, one["spec"], components)


def _of_module(
    name: str, one: Mapping[str, Any], code: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[str]:
    place = f"module {name}"
    yield from _of_fields(f"{place} interface", code.get("interface", []), components)
    outs = {field["name"] for field in code.get("interface", [])}
    yield from (
        f"{place}: the sample has {key}, the interface not" for key in code.get("samples", {}) if key not in outs
    )
    if one["moduleType"] == "instant_trigger":
        if "webhook" not in one:
            yield f"{place}: an instant trigger without a webhook"
        return
    asked = {field["name"] for field in code.get("mappableParams", [])}
    used = set(_USED.findall(json.dumps(code.get("communication", {}))))
    yield from (f"{place}: sends {key}, which nobody is asked for" for key in sorted(used - asked))
    yield from (f"{place}: asks for {key} and does not send it" for key in sorted(asked - used))


def _of_webhook(
    name: str, _one: Mapping[str, Any], code: Mapping[str, Any], _components: Mapping[str, Any]
) -> Iterator[str]:
    kept = code.get("attach", {}).get("response", {}).get("data", {})
    if "externalHookId" not in kept:
        yield f"webhook {name}: attach keeps no externalHookId"
    if "{{webhook.url}}" not in json.dumps(code.get("attach", {}).get("body", {})):
        yield f"webhook {name}: attach does not say where to"
    if "{{webhook.externalHookId}}" not in code.get("detach", {}).get("url", ""):
        yield f"webhook {name}: detach does not say which"


def _of_rpc(
    name: str, _one: Mapping[str, Any], code: Mapping[str, Any], _components: Mapping[str, Any]
) -> Iterator[str]:
    response = code.get("communication", {}).get("response", {})
    if not {"label", "value"} <= set(response.get("output", {})):
        yield f"rpc {name}: an option needs a label and a value"
    if not 0 < response.get("limit", 0) <= 500:
        yield f"rpc {name}: a dropdown holds 500 at most"


def _of_connection(
    name: str, _one: Mapping[str, Any], code: Mapping[str, Any], _components: Mapping[str, Any]
) -> Iterator[str]:
    call = code.get("communication", {})
    if not call.get("url", "").startswith(("http://", "https://")):
        yield f"connection {name}: is tried without the base, so its address must be whole"
    if "request.headers.authorization" not in call.get("log", {}).get("sanitize", ()):
        yield f"connection {name}: the key would stand in Make's log"


_OF_KIND = {"connection": _of_connection, "rpc": _of_rpc, "webhook": _of_webhook, "module": _of_module}
