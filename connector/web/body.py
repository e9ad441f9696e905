"""Bodies, read strictly: what a database or another program could misread is refused before anything happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import orjson
from flask import request

from connector.domain.errors import Fault, Invalid, Malformed, UnsupportedMedia
from connector.web.incoming import Incoming

_DEEPEST = 32


def json_object() -> dict[str, Any]:
    """The request's body, a JSON object; Malformed, TooLarge or UnsupportedMedia."""
    value = json_value()
    if not isinstance(value, dict):
        raise Invalid.at("", "wrong_type", "the body must be a JSON object")
    return value


def json_value() -> Any:
    """The request's body, any JSON."""
    asked = request._get_current_object()  # type: ignore[attr-defined]  # the proxy looks it up anew for each attribute
    if asked.environ.get("HTTP_CONTENT_ENCODING"):
        raise UnsupportedMedia("Compressed bodies are not taken.")
    if asked.content_type != "application/json" and not _is_json(asked.mimetype):
        raise UnsupportedMedia("This call takes application/json.")
    return read(raw())


def payload() -> Any:
    """Whatever a builder posts: JSON of any kind, or a form."""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    return json_value()


def raw() -> bytes:
    """The body's bytes; TooLarge."""
    return cast(Incoming, request).whole()


def read(body: bytes) -> Any:
    """The value of a JSON text. Refused: repeated names, NaN, numbers beyond 64 bits, NUL, lone surrogates, depth."""
    try:
        text = body.decode("utf-8-sig")  # json.loads would guess at UTF-16 as well, and the checks below are of bytes
        value = _STRICT.decode(text)
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
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _is_too_deep(value):
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


#: Made once: json.loads would make a decoder for each body.
_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float)


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or mimetype.endswith("+json")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any("\x00" in name or _holds_nul(one) for name, one in value.items())
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _is_too_deep(value: Any) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for several in inner for one in several if isinstance(one, (dict, list))]
    return bool(level)


def _malformed(code: str, detail: str) -> Malformed:
    return Malformed([Fault("", code, f"the body {detail}")])
