"""Times as the files of other tools write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connector.domain.instants import SECOND

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-]\d\d:\d\d)")
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d:?\d\d)(?: [A-Z]{3,4})?")
_EPOCH, _MICRO = datetime(1970, 1, 1, tzinfo=UTC), datetime.resolution


def read_when(value: str | float) -> int:
    """A time as other tools write it; without a zone it is UTC. ValueError for anything else."""
    text = str(value).strip()
    if _RFC_3339.fullmatch(text) and text.isascii():
        return _micros(datetime.fromisoformat(text))
    if re.fullmatch(r"\d{9,10}(\.\d+)?", text):
        return int(float(text) * SECOND)
    if re.fullmatch(r"\d{13}", text):
        return int(text) * 1000
    go = _GO_TIME.fullmatch(text)
    plain = f"{go[1]}T{go[2]}{go[3]}" if go else re.sub(r" ?(UTC|GMT|Z)$", "+00:00", text) if text[:1].isdigit() else ""
    moment = datetime.fromisoformat(plain) if plain else parsedate_to_datetime(text)
    return _micros(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)


def _micros(moment: datetime) -> int:
    micros = (moment - _EPOCH) // _MICRO
    if not 0 <= micros < 7_258_118_400 * SECOND:
        raise ValueError("between 1970 and 2200")
    return micros
