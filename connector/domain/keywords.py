"""Keywords: when a message means "stop", and when it means "start" again.

An opt-out errs on the wide side, an opt-in on the narrow one: a word too many taken for "stop" costs a message,
one taken for "start" costs somebody's peace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product

from connector.domain.spelling import as_latin, normalise, spelt


class Said:
    """What somebody wrote, spelt once; any number of keywords can be looked for in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def readings(self) -> frozenset[str]:
        """All that it could say as an opt-out keyword, blanks taken out."""
        return opt_out_readings(self._text)

    @cached_property
    def words(self) -> str:
        """The whole of it in one spelling."""
        return normalise(self._text)

    @cached_property
    def first(self) -> str:
        """As much of it as a keyword can be in."""
        return self.words if len(self._text) <= _LONGEST else normalise(self._text[:_LONGEST])

    def opts_out(self, keyword: str) -> bool:
        """Whether it says the keyword: alone, as its first line, or as its first sentence.

        Blanks and hyphens within do not count (OPT OUT, opt-out, optout), nor does a "please" or "thank you"; letters
        of other scripts that look alike do (Cyrillic ЅТОР). "Stop by at 5?" is no opt-out: the keyword must be all
        there is up to the end of the line or the sentence.
        """
        wanted = _joined(spelt(keyword))
        return bool(wanted) and wanted in self.readings

    def opts_in(self, keyword: str) -> bool:
        """Whether it is the keyword and nothing else."""
        wanted = spelt(keyword)
        return bool(wanted) and len(self._text) <= _LONGEST and self.words == wanted

    def begins_with(self, words: str) -> bool:
        """Whether its first words are these."""
        wanted = spelt(words)
        return bool(wanted) and f"{self.first} ".startswith(f"{wanted} ")


def matches_opt_out(text: str, keyword: str) -> bool:
    """Whether a message says the keyword, as ``Said.opts_out`` tells."""
    return Said(text).opts_out(keyword)


def matches_opt_in(text: str, keyword: str) -> bool:
    """Whether a message is the keyword and nothing else."""
    return Said(text).opts_in(keyword)


def begins_with(text: str, words: str) -> bool:
    """Whether the first words of a message are these."""
    return Said(text).begins_with(words)


def is_affirmative(word: str) -> bool:
    """Whether a word alone may answer whatever was asked last: a bare yes, or what menus offer."""
    return spelt(word) in _ANSWERS


def opt_out_readings(text: str) -> frozenset[str]:
    """All that a message could say as an opt-out keyword, blanks taken out: look your keywords up in it."""
    return frozenset(reading for part in set(_parts(text)) for reading in _readings(normalise(part)))


def collisions(opt_out: Iterable[str], opt_in: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs (opt-out, opt-in) of a list's keywords where a message could be both; opt-out would win."""
    return [(stop, start) for stop, start in product(opt_out, opt_in) if matches_opt_out(start, stop)]


#: "Continue", "inicio" and "voltar" are words of menus: published as opt-in keywords, typed for other reasons.
_ANSWERS = frozenset({
    "yes", "y", "yeah", "yep", "ok", "okay", "si", "sim", "oui", "ja", "da", "tak", "да", "evet", "1",
    "continue", "resume", "begin", "revert", "inicio", "iniciar", "voltar", "retornar", "debut",
})  # fmt: skip

#: A keyword has 50 characters: a longer message is none, though its first line may be.
_LONGEST = 500
_SENTENCE_END = re.compile(r"[.!?…]+\s|[。！？]")


def _parts(text: str) -> Iterator[str]:
    """The message, its first line with words and that line's first sentence: signatures and thanks come after."""
    text = text.strip()
    if len(text) <= _LONGEST:
        yield text
    for line in text[:_LONGEST].splitlines():
        if any(map(str.isalnum, line)):
            yield line
            yield _SENTENCE_END.split(line, maxsplit=1)[0]
            break


#: What people say around a keyword, as ``normalise`` writes it.
_COURTESY = (
    r"please|pls|plz|thanks|thank you|thx|ty"
    r"|por favor|gracias|obrigad[oa]|s il (?:vous|te) plait|svp|stp|merci|per favore|grazie|bitte|danke|aub"
)
_BEFORE, _AFTER = re.compile(rf"^(?:(?:{_COURTESY}) )+"), re.compile(rf"(?: (?:{_COURTESY}))+$")


def _readings(words: str) -> Iterator[str]:
    """With every courtesy, without those behind, without those before: "please opt me out" is a keyword as it is."""
    for said in dict.fromkeys((words, as_latin(words))):
        bare = _AFTER.sub("", said)
        yield from (_joined(said), _joined(bare), _joined(_BEFORE.sub("", said)), _joined(_BEFORE.sub("", bare)))


def _joined(words: str) -> str:
    return words.replace(" ", "")
