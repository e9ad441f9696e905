"""The labelled replies: what people wrote, in which language, and what it means; and lists that listen to it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.domain.records import OptOutList, Sender
from connector.domain.words import Channel
from connector.engine.packs import packs
from connector.engine.understanding import understood
from tests.replies.disguises import around, disguised

_DATA = Path(__file__).parent.parent / "data"
#: As every new organisation's default list has them.
DEFAULT_OUT = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
DEFAULT_IN = ("START", "UNSTOP")
SENDER = Sender(1, 1, "console", Channel.SMS, "+15005550006", 1, {}, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; ``means``: "opt_out", "opt_in", "refusal", "unseen refusal" or "nothing"."""

    language: str
    text: str
    means: str
    #: Of a generated one: the keyword, who published it, and the disguise.
    word: str = ""
    source: str = ""
    disguise: str = ""


def written() -> list[Reply]:
    """What was written by hand: replies that say nothing about consent, and refusals in plain words.

    The unseen refusals were written after the patterns and had no part in them: they tell how far the patterns carry.
    """
    return [
        Reply(data["language"], text, means)
        for data in languages()
        for kind, means in (("nothing", "nothing"), ("refusals", "refusal"), ("refusals_unseen", "unseen refusal"))
        for text in data[kind]
    ]


def languages() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((_DATA / "replies").glob("*.json"))]


def packs_of(language: str) -> list[str]:
    """The packs that a list for speakers of a language would choose."""
    return next(one["packs"] for one in languages() if one["language"] == language)


def published() -> dict[str, dict[str, Any]]:
    """Every published keyword, by who published it."""
    return json.loads((_DATA / "published_keywords.json").read_text())


def generated() -> Iterator[Reply]:
    """Every published keyword in every disguise."""
    for source, words in published().items():
        language = source.removeprefix("lang:")[:2] if source.startswith("lang:") else "other"
        for word in words["opt_out"]:
            for name, text in (*disguised(word), *around(word)):
                yield Reply(language, text, "opt_out", word, source, name)
        for word in words["opt_in"]:
            for name, text in disguised(word):
                yield Reply(language, text, "opt_in", word, source, name)


def listening(*, out: Sequence[str] = DEFAULT_OUT, back: Sequence[str] = DEFAULT_IN, packs: Sequence[str] = ()) -> Any:
    """A list with these words."""
    return OptOutList(
        1, 0, "default", "Default", None, tuple(out), tuple(back), {}, False, None, None, "standard", "none",
        "channel", True, tuple(packs),
    )  # fmt: skip


def every_pack() -> Any:
    return listening(packs=tuple(packs()))


def heard_as(text: str, one: OptOutList, *, is_out: bool = False) -> str:
    """How a message is understood by a list alone, from somebody who is out or never said anything."""
    return understood(text, Channel.SMS, SENDER, [one], [], [], waits_for_yes=lambda _: is_out).kind
