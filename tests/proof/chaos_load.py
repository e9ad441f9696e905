"""What goes on while things break: people enrolled, written to and opting out, all of it over HTTP."""

import itertools
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from connector.demo.client import CallFailed
from tests.journeys.up import Up
from tests.servers import Databases

#: So much is always due, so that every fault meets work; people are enrolled so many at a time.
_DUE, _PART = 600, 200
#: People of one campaign.
_CAMPAIGN = 4_000
#: A call names so many people who opt out.
_CALLS = (1, 1, 1, 4, 12)
_PENDING = "SELECT count(*) FROM sends WHERE status = 'pending'"


@dataclass(frozen=True)
class OptOut:
    """Somebody's word: when it was said, and when its success was known, ns of the clock that all share."""

    address: str
    called: int
    answered: int


def recipient(address: str) -> dict[str, str]:
    return {"email" if "@" in address else "number": address}


class Tail:
    """The provider's record as it grows: when hand-offs began, which are open, who was written to last."""

    def __init__(self, log: Path) -> None:
        self._log, self._place, self._rest = log, 0, b""
        self._lock = threading.Lock()
        self.begun: list[int] = []
        self._open: dict[str, str] = {}

    def read(self) -> None:
        with self._lock, self._log.open("rb") as log:
            log.seek(self._place)
            new = log.read()
            self._place += len(new)
            *lines, self._rest = (self._rest + new).split(b"\n")
            for line in lines:
                entry = json.loads(line)
                if "received" in entry:
                    self.begun.append(entry["received"])
                    self._open[entry["n"]] = entry["to"]
                else:
                    self._open.pop(entry["n"], None)

    def in_hand(self) -> list[str]:
        with self._lock:
            return list(self._open.values())


@dataclass
class Load:
    """Everybody who was enrolled, written to directly or opted out, and the threads that make them do it."""

    up: Up
    server: Databases
    tail: Tail
    #: By provider.
    senders: dict[str, str]
    seed: int
    enrolled: dict[str, str] = field(default_factory=dict)
    directly: list[str] = field(default_factory=list)
    opted_out: list[OptOut] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    #: Who asked for it, whether or not the answer arrived.
    said: set[str] = field(default_factory=set)
    due: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(2_120_000_000 + 2_000_000)
        self._recent: deque[str] = deque(maxlen=2_000)
        self._lock = threading.Lock()
        works: list[Callable[[], None]] = [self._feed, self._watch, self._send_directly, *[self._opt_out] * 4]
        self._threads = [threading.Thread(target=self._kept, args=(work,)) for work in works]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """No more comes in; what is due goes out yet."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _kept(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as fault:  # a load that has stopped proves nothing: the verdict says so
            self.faults.append(f"{work.__name__}: {type(fault).__name__}: {fault}"[:300])

    def _watch(self) -> None:
        """How much is due, from the database; it decides nothing but how many are enrolled next."""
        while not self.stop.wait(0.3):
            try:
                with self.server.connect(make_url(self.up.database or "").database) as database:
                    while not self.stop.wait(0.3):
                        row = database.execute(_PENDING).fetchone()
                        self.due = row[0] if row else 0
            except psycopg.Error:
                continue  # it is being restarted, or has cut us off

    def _feed(self) -> None:
        client = self.up.client
        for number, provider in zip(itertools.count(1), itertools.cycle(self.senders), strict=False):
            step = {"text": "hi"} | ({"subject": "Hi"} if provider == "smtp" else {})
            values = {
                "kind": "broadcast", "name": f"Chaos {number}", "sender": self.senders[provider], "steps": [step]
            }  # fmt: skip
            name = str(client.post("/v1/campaigns", values)["id"])
            self.campaigns.append(name)
            client.post(f"/v1/campaigns/{name}/start")
            # Several providers take turns: each is to be in the middle of something whatever breaks.
            for _ in range(_CAMPAIGN // _PART if len(self.senders) == 1 else 1):
                while self.due > _DUE and not self.stop.wait(0.05):
                    pass
                if self.stop.is_set():
                    return
                people = [self._somebody(provider) for _ in range(_PART)]
                self.enrolled |= dict.fromkeys(people, name)
                self._recent.extend(people)
                client.post(f"/v1/campaigns/{name}/enrol", {"recipients": [recipient(one) for one in people]})
                self.due += len(people)

    def _send_directly(self) -> None:
        """Calls that carry a key: repeated until they are answered, they happen once."""
        turns = itertools.cycle(self.senders)
        while not self.stop.wait(0.1):
            provider = next(turns)
            one = self._somebody(provider)
            self.directly.append(one)
            body: dict[str, Any] = {"sender": self.senders[provider], **recipient(one), "text": "directly"}
            body |= {"async": True} | ({"subject": "Hi"} if provider == "smtp" else {})
            self.up.client.post("/v1/actions/send_with_suppression", body)

    def _opt_out(self) -> None:
        dice = random.Random(f"{self.seed} {threading.get_ident()}")
        while not self.stop.wait(dice.random() * 0.25):
            people = self._some(dice, dice.choice(_CALLS))
            if not people:
                continue
            called = time.monotonic_ns()
            body: dict[str, Any] = {"recipients": [recipient(one) for one in people]}
            try:
                answered = self.up.client.settled("/v1/actions/add_to_opt_out", body)
            except CallFailed as failed:
                if failed.status:
                    raise
                continue  # nobody answered for a minute: no success, no promise
            self.opted_out.extend(OptOut(one, called, answered) for one in people)

    def _somebody(self, provider: str) -> str:
        number = next(self._numbers)
        return f"p{number}@people.example" if provider == "smtp" else f"+1{number}"

    def _some(self, dice: random.Random, count: int) -> list[str]:
        """Half of the time people who are written to right now, else people who will be soon, or were."""
        pool = self.tail.in_hand() if dice.random() < 0.5 else list(self._recent)
        with self._lock:
            chosen = [one for one in dice.sample(pool, min(count, len(pool))) if one not in self.said]
            self.said.update(chosen)
        return chosen
