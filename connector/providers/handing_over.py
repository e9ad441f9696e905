"""One hand-off over HTTP under a permit: the provider's answer, or what is known where there was none."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.messages import Kind, Outcome, Permit, Rejected, Retry, Unknown
from connector.providers.deadlines import hand_off_deadline, too_late
from connector.providers.http import HttpAnswer, MaybeSent, NotSent, RefusedTarget, post

#: Seconds that any provider may take, if the permit gives them.
LONGEST = 60.0
_UNREACHED = 2.0
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def hand_over(
    url: str, headers: Mapping[str, str], body: bytes, permit: Permit, *, allow_private: bool, method: str = "POST",
    longest: float = LONGEST,
) -> HttpAnswer | Outcome:  # fmt: skip
    """Post it once, over by the permit's deadline."""
    if too_late(permit):
        return Retry(0.0, "no time was left")
    try:
        return post(
            method, url, headers=headers, body=body,
            deadline=hand_off_deadline(permit, longest), allow_private=allow_private,
        )  # fmt: skip
    except RefusedTarget as why:
        return Rejected(Kind.PROVIDER, str(why))
    except NotSent as why:
        return Retry(_UNREACHED, str(why))
    except MaybeSent as why:
        return Unknown(str(why))
