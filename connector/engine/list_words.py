"""The keywords of a list beside those of the lists that hear the same messages: one word says one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connector.domain.errors import Fault
from connector.domain.keywords import collisions, matches_opt_in
from connector.domain.records import OptOutList
from connector.domain.spelling import normalise
from connector.engine.packs import heard_in, heard_out


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a list listens to."""

    name: str
    sender: int | None
    keywords: Sequence[str]
    opt_in_keywords: Sequence[str]


def spoken(one: OptOutList) -> Spoken:
    return Spoken(one.name, one.sender, heard_out(one), heard_in(one))


def word_faults(mine: Spoken, others: Iterable[OptOutList]) -> list[Fault]:
    """Words that say nothing, words that say yes and no, and words that another list has on the same sender."""
    faults = [*wordless("keywords", mine.keywords), *wordless("opt_in_keywords", mine.opt_in_keywords)]
    faults += [
        Fault("/opt_in_keywords", "keyword_collision", f"{back!r} is the same word as the opt-out keyword {out!r}")
        for out, back in collisions(mine.keywords, mine.opt_in_keywords)
    ]
    # A list that names the sender goes before one that names none, so those two never hear a word together.
    for other in map(spoken, others):
        if other.sender == mine.sender:
            faults += _between(mine, other)
    return faults


def wordless(field: str, words: Sequence[str]) -> Iterator[Fault]:
    """Words that say nothing: nobody could write them, or everybody who writes no word at all."""
    for index, word in enumerate(words):
        if not normalise(word):
            yield Fault(f"/{field}/{index}", "empty_keyword", "holds no letter and no digit, so nobody could write it")


def _between(mine: Spoken, other: Spoken) -> Iterator[Fault]:
    for field, theirs in (("keywords", other.keywords), ("keywords", other.opt_in_keywords)):
        for index, word in enumerate(mine.keywords):
            for same in [one for one in theirs if collisions([word], [one])]:
                yield _fault(f"/{field}/{index}", mine, word, other, same)
    for index, word in enumerate(mine.opt_in_keywords):
        same_out = [one for one in other.keywords if collisions([one], [word])]
        same_in = [one for one in other.opt_in_keywords if normalise(word) and matches_opt_in(word, one)]
        for same in [*same_out, *same_in]:
            yield _fault(f"/opt_in_keywords/{index}", mine, word, other, same)


def _fault(pointer: str, mine: Spoken, word: str, other: Spoken, same: str) -> Fault:
    return Fault(
        pointer, "keyword_collision",
        f"{word!r} of the list {mine.name!r} is the same word as {same!r} of the list {other.name!r} on this sender",
    )  # fmt: skip
