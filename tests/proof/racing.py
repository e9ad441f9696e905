"""One process of the race: people are enrolled, written to and opt out at the same time, wave after wave."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import structlog

from connector import bootstrap
from connector.domain.campaigns import Campaign
from connector.domain.messages import Accepted
from connector.domain.recipients import Batch, read_batch
from connector.domain.words import Channel, Source, State
from connector.engine.audience import Numbered
from connector.engine.house import House
from connector.engine.targets import Who
from connector.engine.words_written import NewWord
from connector.settings import Settings
from connector.store import identity
from tests.proof.delays import delays
from tests.proof.mutants import MUTANTS

#: People of a wave, one in so many of whom stays; how many of the others opt out in one call.
WAVE, STAYS = 32, 8
CALLS = (1, 1, 4, 8, 16, 28)
_CALLERS, _WORKERS = 4, 3
#: How long a hand-off takes at most, by lot; often longer than an opt-out would without its wait.
_TAKES_S = (0.001, 0.01, 0.05, 0.15)


@dataclass(frozen=True)
class Part:
    """What one process is to do: everybody's numbers begin with its area."""

    settings: Settings
    campaigns: tuple[str, str]
    area: int
    opt_outs: int
    seed: int
    mutant: str | None = None


@dataclass
class Seen:
    """What happened in one process, on the clock that all of them share (ns)."""

    #: (to, text, send id, begun, ended)
    handed: list[tuple[str, str, str, int, int]] = field(default_factory=list)
    #: (address, called, answered as settled)
    opted_out: list[tuple[str, int, int]] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    #: Calls that had to be repeated, since not everything was quiet at the limit.
    repeated: int = 0
    faults: list[str] = field(default_factory=list)


class Recorder:
    """The provider: it writes down when each message came and when it was answered, and takes its time."""

    name = "console"

    def __init__(self, seen: Seen, dice: random.Random) -> None:
        self._seen, self._dice = seen, dice

    def deliver(self, message: Any, _permit: Any, _settings: Any) -> Accepted:
        begun = time.monotonic_ns()
        time.sleep(self._dice.choice(_TAKES_S) * self._dice.random())
        self._seen.handed.append((message.to, message.text, message.send_id, begun, time.monotonic_ns()))
        return Accepted(None)


def race(part: Part) -> Seen:
    """Play waves until so many have opted out."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    seen, dice, stop = Seen(), random.Random(part.seed), threading.Event()
    with ExitStack() as stack:
        here = stack.enter_context(_house(part, "web"))
        workers = [stack.enter_context(_house(part, "worker")) for _ in range(_WORKERS)]
        for house in workers:
            stack.enter_context(patch.dict(house.providers, {Recorder.name: Recorder(seen, dice)}))
        stack.enter_context(MUTANTS[part.mutant].change(here) if part.mutant else nullcontext())
        stack.enter_context(delays(dice))
        threads = stack.enter_context(ThreadPoolExecutor(3 * _CALLERS + _WORKERS))
        working = [threads.submit(_work, house, dice, stop) for house in workers]
        waves = Waves(here, part, dice, seen, threads)
        calling = [threads.submit(waves.play) for _ in range(_CALLERS)]
        for one in calling:
            _note(seen, one)
        stop.set()
        for one in working:
            _note(seen, one)
    return seen


class Waves:
    """Callers who enrol people and let most of them opt out while their messages are on their way."""

    def __init__(self, house: House, part: Part, dice: random.Random, seen: Seen, threads: ThreadPoolExecutor) -> None:
        self._house, self._dice, self._seen, self._threads = house, dice, seen, threads
        with house.database.read() as connection:
            organisation, account = identity.first_organisation(connection) or (0, 0)
        self._who = Who(organisation, account, "the race", Source.API)
        self._campaigns = [house.campaigns.find(organisation, name) for name in part.campaigns]
        self._lock, self._left = threading.Lock(), part.opt_outs
        self._next = part.area * 10_000_000 + 2_000_000

    def play(self) -> None:
        while people := self._new_people():
            now, later = self._campaigns
            self._enrol(now, people)
            enrolling = [self._threads.submit(self._enrol, later, people[: len(people) // STAYS])]
            for some in self._calls(people[len(people) // STAYS :]):
                enrolling.append(self._threads.submit(self._enrol_meanwhile, later, some))
                time.sleep(self._dice.random() * 0.01)
                self._opt_out(some)
            for one in enrolling:
                one.result()

    def _new_people(self) -> list[str]:
        with self._lock:
            going = min(self._left, WAVE - WAVE // STAYS)
            if not going:
                return []
            self._left -= going
            count = going * STAYS // (STAYS - 1)
            first, self._next = self._next, self._next + count
        people = [f"+1{number}" for number in range(first, first + count)]
        self._seen.stayed.extend(people[: count // STAYS])
        return people

    def _calls(self, people: list[str]) -> Iterator[list[str]]:
        while people:
            size = self._dice.choice(CALLS)
            yield people[:size]
            people = people[size:]

    def _enrol(self, campaign: Campaign, people: list[str]) -> None:
        self._house.enrolling.enrol(self._who, campaign, _batch(people), Numbered())

    def _enrol_meanwhile(self, campaign: Campaign, people: list[str]) -> None:
        """Before, in the middle of and behind their opt-out."""
        time.sleep(self._dice.random() * 0.02)
        self._enrol(campaign, people)

    def _opt_out(self, people: list[str]) -> None:
        """Until it is settled, as a caller who was told 202 does; some ask twice at the same time."""
        if self._dice.random() < 0.1:
            self._threads.submit(self._opt_out_once, people)
        self._opt_out_once(people)

    def _opt_out_once(self, people: list[str]) -> None:
        called, batch = time.monotonic_ns(), _batch(people)
        while True:
            word = NewWord(State.OUT, Channel.ALL)
            answer = self._house.services.book.record(self._who, word, batch, ["default"])
            answered = time.monotonic_ns()
            if answer.body["settled"]:
                break
            self._seen.repeated += 1
        self._seen.opted_out.extend((one, called, answered) for one in people)


def _batch(people: list[str]) -> Batch:
    return read_batch({"recipients": [{"number": one} for one in people]}, None)


@contextmanager
def _house(part: Part, role: str) -> Iterator[House]:
    house = bootstrap.build(part.settings, role=role)
    try:
        yield house
    finally:
        house.close()


def _work(house: House, dice: random.Random, stop: threading.Event) -> None:
    """A worker: lane after lane, as hints would have it."""
    while not stop.is_set():
        lane = dice.randrange(16)
        house.sender.drain(range(lane, 256, 16), house.incarnations.token, 0.2)


def _note(seen: Seen, done: "Future[None]") -> None:
    if fault := done.exception():
        seen.faults.append(f"{type(fault).__name__}: {fault}"[:300])
