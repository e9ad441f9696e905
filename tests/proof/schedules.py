"""Every order in which actors can take their steps, each class of equal ones played once."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import factorial, prod

from tests.proof.scheduler import Played


def count(steps: Mapping[str, int]) -> int:
    """In how many orders so many steps of each can be taken."""
    return factorial(sum(steps.values())) // prod(factorial(number) for number in steps.values())


def sample(steps: Mapping[str, int], number: int, seed: int) -> list[str]:
    """So many different orders, the same ones for the same seed."""
    lottery, letters = random.Random(seed), [name for name, times in steps.items() for _ in range(times)]
    found: dict[str, None] = {}
    while len(found) < min(number, count(steps)):
        lottery.shuffle(letters)
        found.setdefault("".join(letters))
    return list(found)


@dataclass
class Every:
    """All orders, one after the other; what was learned of the ones played says which need not be.

    A step of somebody who waits for a lock can't be taken: every order that begins so is infeasible. A step of
    somebody who is done changes nothing: of all orders that differ only in where such steps stand, one is played.
    """

    steps: Mapping[str, int]
    played: int = 0
    infeasible: int = 0
    same: int = 0
    _seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    _dead: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[str]:
        return self._walk("", dict(self.steps))

    def learn(self, played: Played) -> None:
        for place, (blocked, done) in enumerate(zip(played.blocked, played.done, strict=True)):
            self._seen.setdefault(played.schedule[:place], (blocked, done))
        if played.infeasible is None:
            self.played += 1
        else:
            self.infeasible += 1
            ends = range(played.infeasible + 1, len(played.schedule))
            self._dead.update(played.schedule[:end] for end in ends)

    def _walk(self, begun: str, left: dict[str, int]) -> Iterator[str]:
        if not any(left.values()):
            yield begun
            return
        for name in [name for name, times in left.items() if times]:
            after = left | {name: left[name] - 1}
            blocked, done = self._seen.get(begun, ("", ""))
            if begun in self._dead or name in blocked:
                self.infeasible += count(after)
            elif name not in done and any(left[one] for one in done):
                self.same += count(after)
            else:
                yield from self._walk(begun + name, after)
