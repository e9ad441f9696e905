"""What an HTTP answer means for a message, by the sender's own expressions and, where these are silent, by status."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from connector.domain.expressions import BadExpression, ExpressionFailed, compile_expression
from connector.domain.messages import Accepted, Kind, Outcome, Rejected, Retry, Unknown
from connector.providers.http import HttpAnswer

_RATE_PAUSE, _LEAST_PAUSE, _LONGEST_PAUSE = 5.0, 1.0, 3600.0
#: Statuses that do not simply mean "no". 503 and its family are not here: all of 5xx is unknown. A provider, or
#: the gateway before it, may have taken the message and broken then; only an ``errors`` row knows better.
_STATUS_MEANS: dict[int, Kind | None] = {
    301: Kind.PROVIDER,  # moved: nothing was done at this address
    307: Kind.PROVIDER,
    308: Kind.PROVIDER,
    401: Kind.AUTH,
    403: Kind.AUTH,
    407: Kind.AUTH,
    408: None,  # the request may have come through
    409: None,  # the same key may be in progress, or done
    425: Kind.RATE,  # too early: it was not looked at
    429: Kind.RATE,
    499: None,
}
#: Where providers put their codes. One that could be a phone number is left out of what we keep.
_CODE = "code || error.code || errors[0].code || error_code || error.type"
_SAFE_CODE = re.compile(r"(?!\+?\d{7})[A-Za-z0-9_.:-]{1,40}")
UNREADABLE = object()


def translate(answer: HttpAnswer, settings: Mapping[str, Any]) -> Outcome:
    """The outcome. ``errors`` rows come first, whatever the status; then the status; then ``accepted``."""
    data = read(answer.body)
    for row in settings.get("errors") or ():
        if _holds(_value(row["when"], data)):
            return refusal(Kind(row["kind"]), answer, data)
    if not 200 <= answer.status < 300:
        return by_status(answer, data)
    if data is UNREADABLE and not _may_be_wordless(answer, settings):
        return Unknown(f"HTTP {answer.status} with an answer that can't be read")
    if settings.get("accepted"):
        accepted = _value(settings["accepted"], data)
        if accepted is None or accepted is UNREADABLE:
            # Not "no": the answer is of another shape than the expression is for.
            return Unknown(f"HTTP {answer.status} that does not say whether it was accepted")
        if not _holds(accepted):
            return refusal(Kind.PROVIDER, answer, data)
    return Accepted(_id(_value(settings.get("id") or "id", data)))


def read(body: bytes) -> Any:
    """The answer's JSON; UNREADABLE."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return UNREADABLE


def _value(expression: str, data: Any) -> Any:
    """What the expression finds; UNREADABLE where it can't be worked out."""
    if data is UNREADABLE:
        return data
    try:
        return compile_expression(expression).evaluate(data)
    except (BadExpression, ExpressionFailed):
        return UNREADABLE


def _holds(value: Any) -> bool:
    """Truth as JMESPath has it: 0 is true, empty and missing is not."""
    return value is not UNREADABLE and value is not None and value is not False and value not in ("", [], {})


def _may_be_wordless(answer: HttpAnswer, settings: Mapping[str, Any]) -> bool:
    """Whether a 2xx without JSON is still a yes: nothing was to be read from it, and it is no page of someone else."""
    if settings.get("accepted") or settings.get("id"):
        return False
    if not answer.body.strip():
        return True
    return not settings.get("errors") and answer.headers.get("content-type", "").startswith("text/plain")


def by_status(answer: HttpAnswer, data: Any) -> Outcome:
    """The outcome of a status that is no 2xx."""
    usual = Kind.PROVIDER if 400 <= answer.status < 500 else None
    kind = _STATUS_MEANS.get(answer.status, usual)
    return Unknown(_detail(answer, data)) if kind is None else refusal(kind, answer, data)


def refusal(kind: Kind, answer: HttpAnswer, data: Any) -> Outcome:
    """A "no" of this kind, told by its code; too much at once is a "later"."""
    if kind is Kind.RATE:
        return Retry(pause(answer.headers.get("retry-after")), _detail(answer, data), sender_wide=True)
    return Rejected(kind, _detail(answer, data))


def _detail(answer: HttpAnswer, data: Any) -> str:
    code = _value(_CODE, data)
    if isinstance(code, str | int) and _SAFE_CODE.fullmatch(str(code)):
        return f"HTTP {answer.status}, code {code}"
    return f"HTTP {answer.status}"


def pause(retry_after: str | None) -> float:
    """Seconds, from seconds or an HTTP date, within bounds: a provider's slip must not park a send for a year."""
    seconds = _RATE_PAUSE
    if retry_after is not None and re.fullmatch(r"\s*\d{1,9}\s*", retry_after):
        seconds = float(retry_after)
    elif retry_after is not None:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            seconds = _RATE_PAUSE
    return min(max(seconds, _LEAST_PAUSE), _LONGEST_PAUSE)


def _id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:255] or None
