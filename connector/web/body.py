"""Bodies, read strictly: what a database or another program could misread is refused before anything happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from flask import request

from connector.domain.errors import Fault, Invalid, Malformed, TooLarge, UnsupportedMedia

LARGEST = 2 * 1024 * 1024
_DEEPEST = 32


def json_object() -> dict[str, Any]:
    """The request's body, a JSON object; Malformed, TooLarge or UnsupportedMedia."""
    value = json_value()
    if not isinstance(value, dict):
        raise Invalid.at("", "wrong_type", "the body must be a JSON object")
    return value


def json_value() -> Any:
    """The request's body, any JSON."""
    if request.content_encoding:
        raise UnsupportedMedia("Compressed bodies are not taken.")
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMedia("This call takes application/json.")
    return read(raw())


def payload() -> Any:
    """Whatever a builder posts: JSON of any kind, or a form."""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    return json_value()


def raw() -> bytes:
    """The body's bytes, at most two megabytes."""
    if (request.content_length or 0) > LARGEST:
        raise TooLarge
    return request.get_data(cache=True)


def read(body: bytes) -> Any:
    """The value of a JSON text. Refused: repeated names, NaN, numbers beyond 64 bits, NUL, lone surrogates, depth."""
    try:
        text = body.decode("utf-8-sig")  # json.loads would guess at UTF-16 as well, and the checks below are of bytes
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float)
        orjson.dumps(value)  # refuses lone surrogates and integers that don't fit 64 bits
    except RecursionError:
        raise _malformed("too_deep", "is nested too deeply") from None
    except (TypeError, OverflowError):
        raise _malformed("bad_value", "holds a number or a character that can't be stored") from None
    except UnicodeDecodeError:
        raise _malformed("bad_encoding", "is not UTF-8") from None
    except ValueError as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        detail = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise _malformed("bad_json", f"is not JSON that can be read{where}: {detail}") from None
    if b"\\u0000" in body and _holds_nul(value):
        raise _malformed("bad_value", "holds a NUL character")
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _depth(value) > _DEEPEST:
        raise _malformed("too_deep", f"is nested more than {_DEEPEST} levels deep")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any("\x00" in name or _holds_nul(one) for name, one in value.items())
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _depth(value: Any) -> int:
    deepest, todo = 0, [(value, 1)]
    while todo:
        one, level = todo.pop()
        if isinstance(one, Mapping | list):
            deepest = max(deepest, level)
            todo.extend((inner, level + 1) for inner in (one.values() if isinstance(one, Mapping) else one))
    return deepest


def _malformed(code: str, detail: str) -> Malformed:
    return Malformed([Fault("", code, f"the body {detail}")])
