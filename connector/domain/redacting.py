"""What a log line must not hold: addresses, keys, tokens. Taken out of any text, wherever it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_EMAIL = re.compile(r"\w[\w.+'%-]{0,63}@[\w-]+(?:\.[\w-]+)*")
#: International, or ten digits in groups, or a bare run as long as a number; not a part of an id or of a version.
_NUMBER = re.compile(
    r"\+\d[\d ().-]{5,18}\d|(?<![\w.-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)|(?<![\w./:-])\d{7,15}(?![\w:])"
)
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"heed_[A-Za-z0-9]+_[A-Za-z0-9_-]+"), "[key]"),
    (re.compile(r"\b(?:whsec_|sk_|EAA)[A-Za-z0-9+/=_-]{8,}"), "[secret]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 [secret]"),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*@"), "[secret]@"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",&]+"), r"\1\2[secret]"),
    (re.compile(r"/(u|o|p|f|in|confirm|hook)/[\w.~%-]{6,}"), r"/\1/[token]"),
)
#: Fields that we fill ourselves with what is no one's.
_PLAIN = frozenset(
    [
        "event",
        "level",
        "role",
        "timestamp",
        "method",
        "route",
        "path",
        "status",
        "ms",
        "request_id",
        "send",
        "sends",
        "provider",
        "outcomes",
        "count",
        "code",
        "where",
        "token",
        "lane",
        "pid",
        "host",
    ]
)
_LARGEST_PLAIN = 10_000_000


def redacted(text: str) -> str:
    """The text without addresses, keys and tokens."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _NUMBER.sub("[number]", _EMAIL.sub("[email]", text))


def redact(values: Mapping[str, Any]) -> dict[str, Any]:
    """A line's fields without them, at any depth."""
    if values.keys() <= _PLAIN and str(values["event"]).isidentifier():  # ours throughout, as the line of a call is
        return dict(values)
    return {
        name if name in _PLAIN else redacted(name): value if name in _PLAIN and name != "event" else _clean(value)
        for name, value in values.items()
    }


def _clean(value: Any) -> Any:
    cleaner = next((made for kind, made in _CLEANERS if isinstance(value, kind)), None)
    return value if cleaner is None else cleaner(value)


def _number(value: int) -> Any:
    return value if -_LARGEST_PLAIN < value < _LARGEST_PLAIN else "[number]"


_CLEANERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (str, redacted),
    (bool, bool),
    (int, _number),
    (float, float),
    (Mapping, redact),
    ((list, tuple, set, frozenset), lambda values: [_clean(one) for one in values]),
    (type(None), lambda _: None),
    # Whatever else there is, is shown as it would be printed.
    (object, lambda value: redacted(repr(value))),
)
