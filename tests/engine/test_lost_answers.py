"""Calls whose first answer got lost: whatever others said meanwhile, nothing is lost and little is said twice."""

from typing import Any

import pytest

from connector.domain.errors import Unavailable
from connector.domain.instants import rfc3339
from connector.domain.recipients import read_batch
from connector.domain.words import Channel, FactKind, Source
from connector.engine.targets import Who, targets_of
from connector.store import journal
from tests.engine.scenes import SECOND
from tests.heed import Heed


def _lost(heed: Heed, monkeypatch: pytest.MonkeyPatch, at: str, path: str, body: dict[str, Any]) -> None:
    """A keyed call that fails at a place of the journal, and whose key can't be given back either."""

    def away(*_: Any) -> None:
        raise Unavailable("the database went away")

    for name in {at, "forget"}:
        monkeypatch.setattr(*((journal, name) if name != "write" else (heed.house.services.book, "_write")), away)
    assert heed.call("POST", path, body, Idempotency_Key="k").status_code == 503
    monkeypatch.undo()


NUMBER = {"number": "+14155550123"}
OUT, BACK, IN = "/v1/actions/add_to_opt_out", "/v1/actions/remove_from_opt_out", "/v1/actions/record_opt_in"


def _history(heed: Heed) -> list[str]:
    return [one["state"] for one in heed.get("/v1/history?number=%2B14155550123")["items"]]


def test_an_opt_out_that_was_never_written_is_written_though_another_call_said_the_same_meanwhile(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lost(heed, monkeypatch, "write", OUT, NUMBER)
    heed.post(OUT, NUMBER)
    heed.post(BACK, NUMBER)

    again = heed.post(OUT, NUMBER, Idempotency_Key="k")

    assert again["results"][0]["status"] == "added"
    assert not heed.act("check_consent", **NUMBER, channel="sms")["allowed"]


def test_an_opt_in_that_is_repeated_was_said_when_it_first_came(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    _lost(heed, monkeypatch, "write", IN, {**NUMBER, "channel": "sms"})
    heed.clock.pass_by(SECOND)
    heed.post(OUT, NUMBER)
    heed.clock.pass_by(SECOND)

    again = heed.post(IN, {**NUMBER, "channel": "sms"}, Idempotency_Key="k")

    assert again["results"][0]["status"] == "superseded"
    assert not heed.act("check_consent", **NUMBER, channel="sms")["allowed"]


def test_a_word_that_came_too_late_is_told_so_again_and_stands_in_the_history_once(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    heed.post(IN, {**NUMBER, "channel": "all"})
    late = {**NUMBER, "occurred_at": "2020-01-01T00:00:00Z"}
    _lost(heed, monkeypatch, "keep", OUT, late)

    again = heed.post(OUT, late, Idempotency_Key="k")

    assert again["results"][0]["status"] == "superseded"
    assert _history(heed) == ["out", "in"]


def test_who_was_taken_off_and_whose_answer_was_lost_is_absent(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    heed.post(OUT, NUMBER)
    _lost(heed, monkeypatch, "keep", BACK, NUMBER)

    assert heed.post(BACK, NUMBER, Idempotency_Key="k")["results"][0]["status"] == "absent"
    assert _history(heed) == ["cleared", "out"]


@pytest.mark.parametrize(("first", "lifted"), [("all", "sms"), ("sms", "all")])
def test_an_opt_out_is_written_where_a_later_word_of_another_channel_has_lifted_what_stands(
    heed: Heed, monkeypatch: pytest.MonkeyPatch, first: str, lifted: str
) -> None:
    body = {**NUMBER, "channel": first}
    _lost(heed, monkeypatch, "write", OUT, body)
    heed.post(OUT, body)
    heed.clock.pass_by(SECOND)
    heed.post(IN, {**NUMBER, "channel": lifted})
    assert heed.act("check_consent", **NUMBER, channel="sms")["allowed"]
    heed.clock.pass_by(SECOND)

    heed.post(OUT, body, Idempotency_Key="k")

    assert not heed.act("check_consent", **NUMBER, channel="sms")["allowed"]


def test_an_opt_in_whose_answer_was_lost_and_that_was_taken_back_since_is_told_once(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, real, body = heed.house.services.book, heed.house.services.book._write, {**NUMBER, "channel": "sms"}

    def later(*arguments: Any) -> Any:
        *before, now = arguments
        return real(*before, now + 5_000)  # the word is written a little after the call began

    monkeypatch.setattr(book, "_write", later)
    _lost(heed, monkeypatch, "keep", IN, body)
    heed.clock.pass_by(SECOND)
    heed.post(OUT, NUMBER)

    assert heed.post(IN, body, Idempotency_Key="k")["results"][0]["status"] == "superseded"
    assert _history(heed) == ["out", "in"]


def test_an_implied_consent_that_is_repeated_counts_from_when_it_first_came(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {**NUMBER, "channel": "sms", "basis": "casl_purchase"}
    _lost(heed, monkeypatch, "write", IN, body)
    first = heed.clock()
    heed.clock.pass_by(3 * SECOND)

    heed.post(IN, body, Idempotency_Key="k")

    (told,) = heed.get("/v1/history?number=%2B14155550123")["items"]
    assert told["at"] <= rfc3339(first)


def test_a_block_is_told_again_where_it_was_lifted_meanwhile(heed: Heed) -> None:
    target = targets_of(read_batch(NUMBER, "US"), Channel.ALL, 1, heed.house.secrets.address)
    who = Who(1, 1, "a key", Source.API, again=heed.clock())
    for holds, history in ((True, 1), (True, 1), (False, 2), (True, 3)):
        heed.house.services.book.set_fact(who, FactKind.BLOCKED, target, holds=holds, reason=None)
        assert len(_history(heed)) == history
