"""One key, one effect: also while the first request runs, and after a fault took its answer."""

import threading
from typing import Any

import pytest

from connector.domain.errors import Conflict, Unavailable
from connector.engine.once import Answer, Once
from connector.store import journal
from tests.engine.scenes import beside
from tests.heed import Heed


class Effect:
    """Something that must happen once; it can be held up in the middle."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, again: int | None) -> Answer:
        self.count += 1
        self.begun.set()
        assert self.may_end.wait(10)
        return Answer(200, {"count": self.count})


@pytest.fixture
def once(heed: Heed) -> Once:
    return heed.house.services.once


def test_a_repeat_while_the_first_runs_is_a_conflict_and_afterwards_the_same_answer(once: Once) -> None:
    effect = Effect()

    with beside(lambda: once("a key", {}, effect)):
        assert effect.begun.wait(10)
        for _ in range(3):
            with pytest.raises(Conflict):
                once("a key", {}, effect)
        effect.may_end.set()

    again = once("a key", {}, effect)
    assert (again.body, again.replayed, effect.count) == ({"count": 1}, True, 1)


def test_who_came_first_and_took_the_key_second_does_not_run_beside_the_other(
    once: Once, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect, came, refused, real = Effect(), threading.Event(), threading.Event(), once._token

    def late(*_: Any) -> int:
        if not came.is_set():
            came.set()
            assert effect.begun.wait(10)
        return real()

    def first() -> None:
        with pytest.raises(Conflict):
            once("a key", {}, effect)
        refused.set()

    monkeypatch.setattr(once, "_token", late)
    with beside(first):
        assert came.wait(10)
        with beside(lambda: once("a key", {}, effect)):
            assert refused.wait(10)
            effect.may_end.set()

    assert effect.count == 1


def test_an_effect_whose_answer_is_not_kept_yet_is_not_repeated(once: Once, monkeypatch: pytest.MonkeyPatch) -> None:
    effect, keeping, may_keep, real = Effect(), threading.Event(), threading.Event(), journal.keep
    effect.may_end.set()

    def slowly(*arguments: Any) -> None:
        keeping.set()
        assert may_keep.wait(10)
        real(*arguments)

    monkeypatch.setattr(journal, "keep", slowly)
    with beside(lambda: once("a key", {}, effect)):
        assert effect.begun.wait(10)
        if keeping.wait(10) and not once._database.is_sqlite:  # on SQLite the writer keeps everybody waiting
            with pytest.raises(Conflict):
                once("a key", {}, effect)
        may_keep.set()

    assert once("a key", {}, effect).replayed
    assert effect.count == 1


@pytest.mark.parametrize("fault", [Unavailable("the database went away"), KeyError("unforeseen")], ids=repr)
def test_a_run_that_fails_can_be_tried_again(once: Once, fault: Exception) -> None:
    def fails(_again: int | None) -> Answer:
        raise fault

    with pytest.raises(type(fault)):
        once("a key", {}, fails)

    assert once("a key", {}, lambda _again: Answer(200, "done")).body == "done"


def test_an_answer_that_could_not_be_kept_is_made_again(once: Once, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("the database went away")

    monkeypatch.setattr(journal, "keep", away)
    with pytest.raises(Unavailable):
        once("a key", {}, lambda _again: Answer(200, 1))
    monkeypatch.undo()

    assert once("a key", {}, lambda _again: Answer(200, 2)).body == 2


@pytest.mark.parametrize(
    ("path", "body", "state"),
    [
        ("/v1/actions/add_to_opt_out", {"number": "+14155550123"}, "out"),
        ("/v1/actions/record_opt_in", {"number": "+14155550123", "channel": "sms"}, "in"),
        ("/v1/actions/add_to_opt_out", {"recipients": [{"number": "+14155550123"}, {"number": "+14155550124"}]}, "out"),
    ],
)
def test_a_word_whose_answer_was_lost_is_in_the_history_once(
    heed: Heed, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any], state: str
) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("the database went away")

    monkeypatch.setattr(journal, "keep", away)
    assert heed.call("POST", path, body, Idempotency_Key="k").status_code == 503
    monkeypatch.undo()
    again = heed.post(path, body, Idempotency_Key="k")

    assert {one["status"] for one in again["results"]} == {"already"}
    told = heed.get("/v1/history?number=%2B14155550123")["items"]
    assert [one["state"] for one in told] == [state]
    another = heed.post(path, body, Idempotency_Key="another")
    assert {one["status"] for one in another["results"]} == {"already"}
    assert len(heed.get("/v1/history?number=%2B14155550123")["items"]) == 2, "another call says it again"


def test_the_request_of_a_dead_process_is_taken_over_and_of_a_living_one_is_not(heed: Heed, once: Once) -> None:
    database, now = heed.house.database, heed.clock()
    living = heed.house.incarnations.token()
    heed.house.incarnations.close()
    dead, mine = living, heed.house.incarnations.token()
    with database.write() as connection:
        fingerprint = bytes.fromhex("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")  # of {}
        journal.begin(database, connection, "of the dead", fingerprint, dead, now)

    assert mine != dead
    assert once("of the dead", {}, lambda again: Answer(200, again)).body == now, "since when the dead may have done it"
