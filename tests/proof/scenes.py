"""Two people of one bucket, the worker, and an opt-out of one of them; played again and again with new people."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from connector.domain.recipients import Batch, Recipient, read_batch
from connector.domain.words import Channel, SendStatus, Source, State
from connector.engine.audience import Numbered
from connector.engine.reap import reap
from connector.engine.targets import Target, Who, target_of
from connector.engine.words_written import NewWord
from connector.store import identity
from connector.store.tables import sends
from tests.heed import Heed
from tests.proof.points import CLAIM, ENROL, OPT_OUT, REAP, Recorder
from tests.proof.scheduler import AGAIN, Actor, Played, point

#: Nobody plays twice.
_NUMBERS = itertools.count(2_000_000)
#: How many pairs of people are made ready in one go.
_PAIRS = 64
_HOUR = 3_600_000_000
_ENDS = {SendStatus.SENT.value, SendStatus.SUPPRESSED.value}

#: Who acts, by letter, and in how many steps.
STEPS: Mapping[str, Mapping[str, int]] = {
    "enrolment": {"e": len(ENROL) + 1, "o": len(OPT_OUT) + 1, "c": len(CLAIM) + 1},
    "stalled": {"r": len(REAP) + 1, "o": len(OPT_OUT) + 1, "c": len(CLAIM) + 1},
}


@dataclass(frozen=True)
class Pair:
    """Who opts out, and who stands beside and must not be passed over."""

    leaver: Target
    stayer: Target


@dataclass
class Judgement:
    """What was seen in many schedules."""

    sent: int = 0
    opted_out: int = 0
    overlaps: int = 0
    #: Schedules that break the promise, and others in which something else went wrong.
    violations: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    #: The first few of both, to be played again.
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_vacuous(self) -> bool:
        return not (self.sent and self.opted_out and self.overlaps)


class Scene:
    """``enrolment``: the leaver is enrolled while a worker claims. ``stalled``: the reaper finds the worker overdue."""

    def __init__(self, heed: Heed, name: str, steps: Mapping[str, int], recorder: Recorder) -> None:
        self.name, self._steps, self._heed, self._recorder = name, steps, heed, recorder
        self.actors = {letter: Actor(letter) for letter in STEPS[name]}
        with heed.house.database.read() as connection:
            organisation, account = identity.first_organisation(connection) or (0, 0)
        self._who = Who(organisation, account, "the proof", Source.API)
        self._waiting: dict[int, Target] = {}
        self._pairs: list[Pair] = []
        sender = heed.sender()["id"]
        self._campaigns = [self._campaign(sender) for _ in range(2)]

    def play(self, schedule: str, stage: Any, judgement: Judgement) -> Played:
        """One schedule from its set-up to its verdict."""
        pair = self._next_pair()
        self._recorder.begin_anew()
        self._began = self._answered = None
        for letter, actor in self.actors.items():
            work, plan = self._part(letter, pair)
            actor.prepare(work, plan[: self._steps[letter] - 1])
        played = stage.play(schedule)
        self._drain(pair)
        self._judge(pair, schedule, judgement)
        return played

    def close(self) -> None:
        for actor in self.actors.values():
            actor.close()

    def _part(self, letter: str, pair: Pair) -> tuple[Any, Sequence[str]]:
        clock = self._heed.clock
        return {
            "c": (lambda: self._drain(pair), CLAIM),
            "o": (lambda: self._opt_out(pair.leaver), OPT_OUT),
            "e": (lambda: self._enrol(1, [pair.leaver]), ENROL),
            # For the reaper an hour has passed: whatever is in hand is overdue, if its owner is dead.
            "r": (lambda: reap(self._heed.house.database, lambda: clock() + _HOUR), REAP),
        }[letter]

    def _drain(self, pair: Pair) -> None:
        house, rounds = self._heed.house, itertools.count()

        def token() -> int:
            if next(rounds):  # asked for before each claim: the worker rests before it claims again
                point(AGAIN)
            return house.incarnations.token()

        house.sender.drain([pair.leaver.bucket], token, 60.0)

    def _opt_out(self, target: Target) -> None:
        self._began = self._recorder.tick()
        word = NewWord(State.OUT, Channel.ALL)
        answer = self._heed.house.services.book.record(self._who, word, Batch((target.person,), True), ["default"])
        if answer.body["settled"]:
            self._answered = self._recorder.tick()

    def _enrol(self, campaign: int, targets: Sequence[Target]) -> None:
        batch = Batch(tuple(target.person for target in targets), False)
        self._heed.house.enrolling.enrol(self._who, self._campaigns[campaign], batch, Numbered())

    def _judge(self, pair: Pair, schedule: str, judgement: Judgement) -> None:
        """By what the provider saw; the database is only asked whether it says the same."""
        leaver, stayer = pair.leaver.address.wire, pair.stayer.address.wire
        begun, ended = self._recorder.begun, self._recorder.ended
        answered = self._answered
        found = {actor.name: type(actor.fault).__name__ for actor in self.actors.values() if actor.fault}
        faults = [f"{name} failed: {fault}" for name, fault in found.items()]
        broken = []
        if answered is not None:
            judgement.opted_out += 1
            pairs = list(zip(begun.get(leaver, []), ended.get(leaver, []), strict=True))
            if any(start > answered for start, _ in pairs):
                broken.append("begun after")
            if any(start < answered < end for start, end in pairs):
                broken.append("in flight")
            judgement.overlaps += any(start < answered and end > self._began for start, end in pairs)
        else:
            faults.append("the opt-out was not answered")
        if any(len(times) > 1 for times in begun.values()):
            broken.append("twice")
        judgement.sent += sum(len(times) for times in begun.values())
        statuses = self._statuses(pair)
        for wire, target in ((leaver, pair.leaver), (stayer, pair.stayer)):
            rows = statuses.get(target.key, [])
            if len(rows) > 1 or not set(rows) <= _ENDS or rows.count("sent") != len(begun.get(wire, [])):
                faults.append(f"not accounted for: {', '.join(sorted(rows)) or 'no row'}")
        if len(begun.get(stayer, [])) != 1:
            faults.append("who stays was passed over")
        judgement.violations += bool(broken)
        judgement.kinds.update(broken)
        judgement.faults.update(set(faults))
        for kind in (*broken, *faults):
            if len(first := judgement.examples.setdefault(kind, [])) < 3:
                first.append(schedule)

    def _statuses(self, pair: Pair) -> dict[bytes, list[str]]:
        keys = [pair.leaver.key, pair.stayer.key]
        query = select(sends.c.key, sends.c.status).where(sends.c.org == self._who.organisation, sends.c.key.in_(keys))
        found: dict[bytes, list[str]] = {}
        with self._heed.house.database.read() as connection:
            for key, status in connection.execute(query):
                found.setdefault(bytes(key), []).append(status)
        return found

    def _next_pair(self) -> Pair:
        """People nobody knows yet; who stays has a message due, and so has the leaver where the worker stalls."""
        if not self._pairs:
            made = {pair.leaver.bucket: pair for pair in self._make_pairs()}
            self._pairs = list(made.values())
            self._enrol(0, [pair.stayer for pair in self._pairs])
            if self.name == "stalled":
                self._enrol(1, [pair.leaver for pair in self._pairs])
        return self._pairs.pop()

    def _make_pairs(self) -> Iterator[Pair]:
        buckets: set[int] = set()
        while len(buckets) < _PAIRS:
            target = self._target(f"+1212{next(_NUMBERS)}")
            if target is None or target.bucket in buckets:
                continue
            if (other := self._waiting.pop(target.bucket, None)) is None:
                self._waiting[target.bucket] = target
                continue
            buckets.add(target.bucket)
            yield Pair(other, target)

    def _target(self, number: str) -> Target | None:
        person: Recipient = read_batch({"recipients": [{"number": number}]}, None).people[0]
        if not person.addresses:
            return None
        return target_of(person, person.addresses[0], self._who.organisation, self._heed.house.secrets.address)

    def _campaign(self, sender: str) -> Any:
        values = {"kind": "broadcast", "name": "Proof", "sender": sender, "steps": [{"delay": "PT0S", "text": "one"}]}
        name = self._heed.post("/v1/campaigns", values)["id"]
        self._heed.post(f"/v1/campaigns/{name}/start")
        return self._heed.house.campaigns.find(self._who.organisation, name)
