"""Promises over the labelled replies: nobody is opted in by accident, no published keyword is missed.

Every reply is heard by the code that hears inbound messages; a sample of every kind goes through the HTTP interface,
where the same code must say the same (`python -m tests.replies.confusion` prints the whole table).
"""

import random
from functools import cache

import pytest

from connector.domain.keywords import is_affirmative
from tests.actions.people import says
from tests.heed import Heed
from tests.replies.confusion import of_published, of_written, shown
from tests.replies.labelled import Reply, generated, languages, packs_of, published, written

#: What is meant, in the words of the try-out.
_HEARD_AS = {"opt_out": "opt_out", "opt_in": "opt_in", "refusal": "unclear", "nothing": "none"}
WHICH = ("default", "language", "every")


@cache
def told(which: str, is_out: bool) -> dict[tuple[str, str], list[Reply]]:
    return of_written(which, is_out=is_out)


def texts(which: str, is_out: bool, means: str, heard: str) -> list[str]:
    return [reply.text for reply in told(which, is_out).get((means, heard), [])]


def test_the_set_is_large_and_in_many_languages() -> None:
    nothing = [reply for reply in written() if reply.means == "nothing"]

    assert len(languages()) >= 12
    assert len(nothing) >= 500
    assert min(len(one["nothing"]) for one in languages()) >= 30
    assert len(published()) >= 40
    assert sum(1 for _ in generated()) > 10_000


def test_r01_no_published_keyword_is_missed_in_any_disguise(capsys: pytest.CaptureFixture[str]) -> None:
    counted, missed = of_published()

    with capsys.disabled():
        print("\n" + shown("published keywords in disguise", counted.items()))
    assert [(reply.source, reply.word, reply.disguise, reply.text) for reply in missed] == []


@pytest.mark.parametrize("which", WHICH)
def test_r01_nobody_who_said_nothing_is_opted_in(which: str) -> None:
    for means in ("nothing", "refusal"):
        assert texts(which, False, means, "opt_in") == []


@pytest.mark.parametrize("which", WHICH)
def test_r01_who_is_out_comes_back_by_a_whole_keyword_alone(which: str) -> None:
    assert texts(which, True, "refusal", "opt_in") == []
    assert [text for text in texts(which, True, "nothing", "opt_in") if not is_affirmative(text)] == []


@pytest.mark.parametrize("which", WHICH)
def test_r01_r10_what_is_heard_wrongly_stays_within_bounds(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {cell: len(found) for cell, found in told(which, False).items()}

    with capsys.disabled():
        print("\n" + shown(f"in plain words, {which} list", sizes.items()))
    nothing = sum(number for (means, _), number in sizes.items() if means == "nothing")
    refusals = sum(number for (means, _), number in sizes.items() if means == "refusal")
    assert sizes.get(("nothing", "opt_out"), 0) <= nothing * 0.003, "an opt-out errs on the wide side, and rarely"
    assert sizes.get(("nothing", "unclear"), 0) <= nothing * 0.02, "somebody has to read these"
    assert sizes.get(("refusal", "none"), 0) <= refusals * 0.02, "a refusal in plain words reaches somebody"
    unseen = sizes.get(("unseen refusal", "unclear"), 0) + sizes.get(("unseen refusal", "none"), 0)
    assert sizes.get(("unseen refusal", "unclear"), 0) >= unseen / 3, "what the patterns were not made from"


def test_r05_r08_the_try_out_hears_what_the_matcher_hears(heed: Heed) -> None:
    """A sample over HTTP: 40 written replies and 40 keywords in disguise, by lists with the packs of the language."""
    sender, dice = heed.sender()["id"], random.Random(7)
    by_hand = dice.sample([one for one in written() if packs_of(one.language) and one.means in _HEARD_AS], 40)
    known = {one["name"] for one in heed.get("/v1/keyword-packs")["items"]}
    words = dice.sample([one for one in generated() if one.source in known and not is_affirmative(one.word)], 40)

    for reply in sorted((*by_hand, *words), key=lambda one: (one.source, one.language)):
        chosen = [reply.source] if reply.source else packs_of(reply.language)
        heed.call("PATCH", "/v1/lists/default", {"keyword_packs": chosen})
        tried = heed.post("/v1/replies/try", {"sender": sender, "number": "+14155550123", "text": reply.text})
        expected = _HEARD_AS[reply.means]
        allowed = {expected, "unclear", "opt_out"} if reply.means == "nothing" else {expected}
        assert tried["outcome"] in allowed, (reply, tried["why"])
        assert reply.means == "opt_in" or tried["outcome"] != "opt_in"


def test_r01_what_comes_in_is_heard_as_the_matcher_hears_it(heed: Heed) -> None:
    """Another sample by the inbound door, each from a person of their own."""
    sender, dice = heed.sender(), random.Random(11)
    languages_packs = sorted({pack for one in languages() for pack in one["packs"]} - {"country:CN", "lang:zh-CN"})
    answer = heed.call("PATCH", "/v1/lists/default", {"keyword_packs": languages_packs})
    assert answer.status_code == 200, answer.text
    heard_outcome = {"opt_out": "opted_out", "opt_in": "opted_in", "unclear": "to_review", "none": "none"}
    every = [
        (reply, heard_outcome[heard])
        for (means, heard), found in told("every", False).items()
        for reply in found
        if reply.language != "zh"
    ]

    for place, (reply, outcome) in enumerate(dice.sample(every, 60)):
        said = says(heed, sender, reply.text, f"+1415555{1000 + place}")
        assert said["outcome"] == outcome, reply
