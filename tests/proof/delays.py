"""Random delays in the real code, where a race is won or lost: around its locks, its commits and its hand-offs."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from connector.engine.send import Sender
from connector.engine.settling import Settling
from connector.store import fence, sends
from connector.store.database import Database

#: How often, and how long at most, somebody halts.
_SHARE, _LONGEST_S = 0.3, 0.004
_RARELY, _LONG_S = 0.03, 0.03


@contextmanager
def delays(dice: random.Random) -> Iterator[None]:
    """Everybody in this process halts now and then, before or after each of these."""

    def halt() -> None:
        throw = dice.random()
        if throw < _SHARE:
            time.sleep(dice.random() * (_LONG_S if throw < _RARELY else _LONGEST_S))

    def around(plain: Callable[..., Any]) -> Callable[..., Any]:
        def halting(*values: Any, **named: Any) -> Any:
            halt()
            answer = plain(*values, **named)
            halt()
            return answer

        return halting

    @contextmanager
    def write(self: Database) -> Iterator[Any]:
        with plain_write(self) as connection:
            yield connection
            halt()  # before the commit
        halt()  # between the claim's commit and the hand-off, or the word's commit and the wait

    plain_write = Database.write
    with ExitStack() as stack:
        for place, name in (
            (fence, "share_buckets"), (fence, "close_buckets"), (sends, "lock_due"), (sends, "pending_of"),
            (Settling, "wait"), (Sender, "_hand_over"), (Sender, "_settle"),
        ):  # fmt: skip
            stack.enter_context(patch.object(place, name, around(getattr(place, name))))
        stack.enter_context(patch.object(Database, "write", write))
        yield
