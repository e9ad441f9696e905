"""Who is left: another service and worker on the same database, which sees processes die and takes over."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, repeat
from pathlib import Path
from signal import SIGKILL
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from connector.demo.launch import Running, running
from connector.domain.instants import SECOND
from connector.domain.words import SendStatus
from connector.engine import reading
from connector.engine.tick import tick
from connector.store.tables import sends
from tests.heed import Heed
from tests.proof import crash_victim
from tests.proof.crash_victim import Life
from tests.proof.crash_workers import PART
from tests.receiver import Receiver, receiving

#: Past the deadline of a hand-off and its margin, and past the lease of a webhook's delivery.
TAKEN_OVER = 61 * SECOND
#: So often is it looked whether a process has ended, and whether what it left behind is over, a moment each time:
#: where the whole machine stands still, nobody has been waited for.
_LOOKS, _MOMENT_S = 600, 0.1
_CONFIRMS = {name: {"text": f"{name}: you are out."} for name in ("first_opt_out", "already_opt_out")}


@dataclass
class Death:
    """How a process ended: the point at which it died (None: it came to its end), and what it answered before."""

    point: str | None = None
    was_killed: bool = False
    #: (called, answered, status, body); the times as the recorder's.
    answers: list[tuple[int, int, int, Any]] = field(default_factory=list)
    #: Whole requests that had left it, by port.
    left: Mapping[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass
class Survivor:
    """The means of a scene: Heed, the provider and the receiver of webhooks."""

    heed: Heed
    provider: Running
    receiver: Receiver
    sender: Mapping[str, Any]
    mutant: str | None = None

    def __post_init__(self) -> None:
        self._numbers = count(2_000_000)
        #: Campaigns that run and take more people in, by kind and delays.
        self.campaigns: dict[Any, str] = {}
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.proof.crash_nursery"])

    def people(self, many: int) -> list[str]:
        return [f"+1212{next(self._numbers)}" for _ in range(many)]

    def begin_anew(self) -> int:
        """With empty records; the newest send, so that those of one scene are known."""
        self.provider.log.write_bytes(b"")  # it appends, so it goes on at the new end
        self.receiver.heard.clear()
        with self.heed.house.database.read() as connection:
            return connection.execute(select(func.coalesce(func.max(sends.c.id), 0))).scalar_one()

    def whose(self, after: int) -> dict[int, str]:
        """The address of each send since then."""
        with self.heed.house.database.read() as connection:
            return dict(connection.execute(select(sends.c.id, sends.c.address).where(sends.c.id > after)).all())

    def bury(self, scene: str, plan: Mapping[str, Any], at: int, thorough: bool = True) -> Death:
        """Let a process play the scene and die at a point; what is known of it."""
        ours, theirs = self._processes.Pipe(duplex=False)
        life = Life(self.heed.url, self.heed.home, self.heed.clock.ahead, scene, plan, at, thorough, self.mutant)
        process = self._processes.Process(target=crash_victim.live, args=(life, theirs))
        process.start()
        theirs.close()
        death = Death()
        for _ in range(_LOOKS):
            process.join(_MOMENT_S)
            if process.exitcode is not None:
                break
        else:
            process.kill()
            process.join()
            death.faults.append("it neither died nor came to its end")
        with ours:
            for kind, *told in _told(ours):
                if kind == "answered":
                    death.answers.append((told[0], told[1], told[2], told[3]))
                elif kind == "failed":
                    death.faults.append(told[0])
                else:
                    death.point, death.left = told[0] if kind == "died" else None, told[1]
        death.was_killed = process.exitcode == -SIGKILL
        if death.was_killed != (death.point is not None):
            death.faults.append(f"it ended with {process.exitcode} at {death.point}")
        return death

    def await_left(self, death: Death) -> None:
        """What left the dead arrives, and is answered into the void."""
        self._until(lambda: self._arrived() >= death.left.get(self.provider.port, 0), "a message never arrived")
        port = int(self.receiver.url.rpartition(":")[2].partition("/")[0])
        self._until(lambda: len(self.receiver.heard) >= death.left.get(port, 0), "a webhook never arrived")

    def in_hand(self, after: int) -> set[int]:
        """Sends that somebody has in hand."""
        query = select(sends.c.id).where(sends.c.id > after, sends.c.status == SendStatus.SENDING.value)
        with self.heed.house.database.read() as connection:
            return set(connection.execute(query).scalars())

    def take_over(self, after: int) -> None:
        """Time passes until the dead one's leases are over, and the ticker gives up what it had in hand."""
        self.heed.clock.pass_by(TAKEN_OVER)

        def is_over() -> bool:
            tick(self.heed.house.database, self.heed.clock, self.heed.house.hints)
            return not self.in_hand(after)

        self._until(is_over, "what the dead one had in hand is still there")

    def work(self) -> None:
        """Everything that is due, webhooks too."""
        self.heed.work()
        while self.heed.house.notify.work(5.0):
            pass

    def repeat(self, path: str, body: Any, key: str | None = None, allowed: Sequence[int] = (200,)) -> Any:
        """The caller calls again until it is answered."""
        headers = {"Idempotency_Key": key} if key else {}
        answers: list[Any] = []

        def is_answered() -> bool:
            answers[:] = [self.heed.call("POST", path, body, **headers)]
            return answers[0].status_code not in (409, 503)

        self._until(is_answered, "the key is never given back")
        assert answers[0].status_code in allowed, (answers[0].status_code, answers[0].text)
        return answers[0].json

    def _arrived(self) -> int:
        seen = self.provider.handoffs()
        return len(seen) if all(one.ended is not None for one in seen) else -1

    def _until(self, happens: Callable[[], bool], fault: str) -> None:
        for wait in chain(repeat(0.002, 100), repeat(_MOMENT_S, _LOOKS)):
            if happens():
                return
            time.sleep(wait)
        raise AssertionError(fault)


@contextmanager
def surviving(heed: Heed, folder: Path, mutant: str | None = None) -> Iterator[Survivor]:
    """A survivor over an empty Heed, with a provider and a receiver of its own."""
    with ExitStack() as stack:
        provider = stack.enter_context(running(folder / "handoffs.jsonl"))
        receiver = stack.enter_context(receiving())
        stack.enter_context(patch.object(reading, "PART", PART))
        sender = heed.sender(provider.url)
        heed.post("/v1/webhooks", {"url": receiver.url, "events": ["contact.opted_out"]})
        told = heed.call(
            "PATCH", "/v1/lists/default", {"messages": _CONFIRMS, "send_response": True, "keywords": ["STOP"]}
        )
        assert told.status_code == 200, told.text
        opts_out = {"action": "add_to_opt_out", "mapping": {"number": "{{ contact.number }}"}}
        heed.post("/v1/replies", {"keywords": ["LEAVE"], "match": "exact", "reply": "Bye.", "actions": [opts_out]})
        yield Survivor(heed, provider, receiver, sender, mutant)


def _told(line: Any) -> Iterator[Any]:
    while True:
        try:
            yield line.recv()
        except EOFError:
            return


def lot(*of: Any) -> random.Random:
    """The same lot for the same seed, repeat and scene, at whichever point somebody dies."""
    return random.Random(" ".join(map(str, of)))
