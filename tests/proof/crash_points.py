"""Where a process may die: before each statement, around each commit, and at each byte that leaves. By SIGKILL."""

import os
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Line
from types import FrameType
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from connector.providers import handing_over, hook_post
from connector.providers.transport import _Watched
from connector.store.database import Database

_VERB = re.compile(r"\s*(\w+)")
#: What a statement does that begins with a name for something it reads.
_WITHIN = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")
#: What changes nothing by itself, and what does not outlive its transaction.
_FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
_IDLE = ("SELECT", "LOCK", "PRAGMA", "SET")
_UNTOLD = ("connector.store.database", "connector.store.among", "connector.providers", "connector.web")


@dataclass
class Points:
    """Counts what is passed by, in all threads; at the ``at``-th this process ends as if the power had gone."""

    at: int
    line: Line
    #: Also before each statement; else only where something changes for others: around commits and what leaves.
    thorough: bool = True
    passed: int = 0
    #: Whether the last one was before a look: what comes next finds the same database, unless something is changed.
    looked: bool = False
    #: Whole requests that have left, by the port they went to.
    left: Counter[int] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def statement(self, verb: str) -> None:
        """Before one, unless one that only looks follows another."""
        with self.lock:
            looked, self.looked = self.looked, verb == "SELECT"
            if self.thorough and not (looked and self.looked):
                self.point(f"before {verb}")

    def point(self, what: str) -> None:
        with self.lock:
            self.looked = what == "before SELECT"
            self.passed += 1
            if self.passed == self.at:
                self.line.send(("died", f"{_where(sys._getframe(1))}: {what}", dict(self.left)))
                os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def dying(database: Database, points: Points) -> Iterator[None]:
    """The points of this process, for as long as the block lasts. Nothing else of it is changed."""
    here = threading.local()

    def before_statement(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        verb = _verb(statement)
        if verb in _FRAME:
            return
        if verb not in _IDLE:
            connection.info["heed_wrote"] = True
        points.statement(verb)

    def before_commit(connection: Any) -> None:
        here.wrote = connection.info.pop("heed_wrote", False)

    def commit(dbapi_connection: Any) -> None:
        if here.wrote:
            points.point("before the commit")
        plain_commit(dbapi_connection)
        if here.wrote:
            points.point("after the commit")

    dialect = database.engine.dialect
    plain_commit = dialect.do_commit
    event.listen(database.engine, "before_cursor_execute", before_statement)
    event.listen(database.engine, "commit", before_commit)
    with ExitStack() as stack:
        stack.enter_context(patch.object(dialect, "do_commit", commit))
        stack.enter_context(patch.object(_Watched, "send", _sending(points, _Watched.send)))
        for module in (handing_over, hook_post):
            stack.enter_context(patch.object(module, "post", _answered(points, module.post)))
        yield


def _sending(points: Points, plain: Callable[..., Any]) -> Callable[..., Any]:
    """A request leaves in two parts. One thread at a time, so that it is known what has left when we die."""

    def send(self: Any, data: Any) -> None:
        part = "head" if bytes(data[:5]) == b"POST " else "body"
        with points.lock:
            points.point(f"before the {part} leaves")
            plain(self, data)
            if part == "body":
                points.left[self.port] += 1
                points.point("before the answer")

    return send


def _answered(points: Points, plain: Callable[..., Any]) -> Callable[..., Any]:
    def post(*values: Any, **named: Any) -> Any:
        answer = plain(*values, **named)
        points.point("after the answer")
        return answer

    return post


def _verb(statement: str) -> str:
    if "pg_advisory" in statement:
        return "LOCK"
    found = _VERB.match(statement)
    verb = found[1].upper() if found else "?"
    if verb == "WITH":
        within = _WITHIN.search(statement)
        return within[1] if within else "SELECT"
    return verb


def _where(frame: FrameType | None) -> str:
    """The function of ours that asked for it: the innermost that is no mere means."""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("connector.") and not name.startswith(_UNTOLD):
            return f"{name.removeprefix('connector.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "the scene"
