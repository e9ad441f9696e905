"""Waiting: asked at once, then often, never longer than the limit, and only by as many as have a place."""

import threading

import pytest

from connector.engine import waiting
from connector.engine.waiting import Waiting


class Hours:
    """A clock that only moves while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    made = Hours()
    monkeypatch.setattr(waiting, "time", made)
    return made


def never() -> bool:
    return False


def test_what_is_over_is_over_at_once_and_needs_no_place(hours: Hours) -> None:
    full = Waiting(1)
    assert full._places.acquire(blocking=False)

    assert full.until(lambda: True, 10.0) is True
    assert hours.slept == []


def test_it_is_seen_soon_after_it_is_over_and_asked_no_oftener_than_needed(hours: Hours) -> None:
    for over_after in (0.003, 0.02, 0.4, 5.0):
        hours.slept.clear()
        end = hours.now + over_after

        assert Waiting(1).until(lambda end=end: hours.now >= end, 10.0) is True

        assert hours.now - end <= 0.051, "an answer to an opt-out is not held back for longer"
        assert hours.slept[0] <= 0.005, "most hand-offs take a few milliseconds"
    # The last wait, of five seconds, is a long one: at its pace the database is asked twenty times a second.
    assert len(hours.slept) < 120
    assert hours.slept == sorted(hours.slept)


def test_at_the_limit_it_is_not_over_and_not_before(hours: Hours) -> None:
    assert Waiting(1).until(never, 2.0) is False
    assert 2.0 <= sum(hours.slept) < 2.051


def test_who_finds_no_place_is_told_at_once(hours: Hours) -> None:
    full = Waiting(2)
    answers = []

    def first() -> bool:
        if hours.slept:  # somebody has begun to wait: two more come, and one of them finds a place
            if len(hours.slept) == 1:
                answers.append(full.until(second, 1.0))
            return True
        return False

    def second() -> bool:
        if len(hours.slept) == 1:
            before = list(hours.slept)
            answers.append(full.until(never, 0.0))
            answers.append(hours.slept == before)
        return len(hours.slept) > 1

    assert full.until(first, 1.0) is True
    assert answers == [False, True, True]


def test_with_no_place_left_nobody_sleeps(hours: Hours) -> None:
    full = Waiting(1)
    assert full._places.acquire(blocking=False)
    told: list[bool] = []
    comes = threading.Thread(target=lambda: told.append(full.until(never, 5.0)), daemon=True)

    comes.start()
    comes.join(5)

    assert (told, hours.slept) == ([False], [])


@pytest.mark.parametrize("places", [0, 1, 3])
def test_there_is_one_place_at_least_and_each_is_given_back(hours: Hours, places: int) -> None:
    some = Waiting(places)

    def breaks() -> bool:
        if hours.slept:
            raise ConnectionError
        return False

    for _ in range(5):
        hours.slept.clear()
        assert some.until(never, 0.1) is False
        assert hours.slept, "it has had a place"
        hours.slept.clear()
        with pytest.raises(ConnectionError):
            some.until(breaks, 0.1)
    free = 0
    while some._places.acquire(blocking=False):
        free += 1
    assert free == max(1, places)
