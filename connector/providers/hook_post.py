"""Posts to receivers that somebody outside named: never to a private address, never past the deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.providers.http import MaybeSent, NotSent, RefusedTarget, check_target, post
from connector.providers.http_answers import pause

#: Nobody needs to read more of a receiver's answer than this, bytes; nobody is shown it.
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one attempt; ``status`` is None where there was no answer."""

    status: int | None
    error: str | None = None
    #: Seconds the receiver asks us to wait.
    retry_after: float = 0.0


class HookPost:
    """A plain POST; a redirect is an answer like another, and not a success."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def refusal(self, url: str) -> str | None:
        """Why nothing may be posted there; None where it may."""
        try:
            check_target(url, self._allow_private)
        except RefusedTarget as error:
            return str(error)
        return None

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Posted:
        try:
            answer = post(
                "POST", url, headers=headers, body=body, deadline=deadline, allow_private=self._allow_private,
                max_answer=_LONGEST,
            )  # fmt: skip
        except (NotSent, MaybeSent) as error:
            return Posted(None, str(error))
        wait = pause(answer.headers.get("retry-after")) if "retry-after" in answer.headers else 0.0
        return Posted(answer.status, None if 200 <= answer.status < 300 else f"status {answer.status}", wait)
