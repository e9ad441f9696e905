"""One effect for one key: the first answer again, instead of the effect again."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from connector.domain.errors import Conflict, Gone, HeedError, Invalid
from connector.engine.ports import Clock
from connector.store import journal
from connector.store.database import Database
from connector.store.liveness import is_dead

#: What stands in the place of an answer that named a person who was erased.
ERASED = b'{"erased":true}'


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered with; ``replayed`` where it is the first answer again."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


class KeyMismatch(Invalid):
    """This idempotency key came with another body before."""

    code = "idempotency_mismatch"


def scope_of(organisation: int, actor: str, route: str, key: str) -> str:
    """Whose key on which route; written so that no key can look like another route's."""
    return orjson.dumps([organisation, actor, route, key]).decode()


def fingerprint(request: Any) -> bytes:
    """What tells one body from another, whatever the order of its fields."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()


class Once:
    """Keeps the answers of keyed requests; ``token`` is this process's incarnation."""

    def __init__(self, database: Database, clock: Clock, token: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, scope: str, request: Any, run: Callable[[int | None], Answer]) -> Answer:
        """Run, or repeat what the first run with this scope answered. A run that raises leaves no trace.

        ``run`` is told since when another attempt, whose answer got lost, may have been at it; None where it is the
        first.
        """
        print_of = fingerprint(request)
        with self._lock:
            self._running[scope] += 1
        try:
            begun = self._begin(scope, print_of)
            return begun if isinstance(begun, Answer) else self._run(scope, partial(run, begun))
        finally:
            with self._lock:  # only now: an effect whose answer is not kept yet is not abandoned
                self._running -= Counter((scope,))

    def _run(self, scope: str, run: Callable[[], Answer]) -> Answer:
        try:
            answer = run()
        except BaseException:
            with contextlib.suppress(HeedError):  # if it can't be forgotten now, a retry takes it over
                self._forget(scope)
            raise
        with self._database.write() as connection:
            journal.keep(connection, scope, answer.status, answer.headers, orjson.dumps(answer.body))
        return answer

    def _begin(self, scope: str, print_of: bytes) -> Answer | int | None:
        """The first answer; or None where nobody has run it, or since when somebody may have whose answer got lost."""
        token = self._token()
        with self._database.write() as connection:
            kept = journal.begin(self._database, connection, scope, print_of, token, self._clock())
        if kept is None:
            return None
        if kept.fingerprint != print_of:
            raise KeyMismatch([])
        if kept.body == ERASED:
            raise Gone("The first answer was erased with a person in it, and its effect is not repeated.")
        if kept.status is not None:
            return Answer(kept.status, orjson.loads(kept.body), kept.headers, replayed=True)
        # Asked only now: who came after us may have been the first to take the key.
        if kept.token is not None and self._is_alone(scope) and self._is_abandoned(kept.token, token):
            with self._database.write() as connection:
                if journal.take_over(connection, scope, kept.token, token):
                    return kept.created_at
        raise Conflict("The first request with this idempotency key is still running.", code="in_progress")

    def _is_alone(self, scope: str) -> bool:
        with self._lock:
            return self._running[scope] == 1

    def _is_abandoned(self, owner: int, token: int) -> bool:
        """Nobody runs it any more, here least of all: it is ours, or its process died."""
        return owner == token or is_dead(self._database, owner)

    def _forget(self, scope: str) -> None:
        with self._database.write() as connection:
            journal.forget(connection, scope)
