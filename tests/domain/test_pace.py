"""The pace of a sender: no span of its length holds more messages than it says, wherever the span begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.instants import SECOND
from connector.domain.pace import Pace, faults_of_rate, pace_of

PACES = st.builds(Pace, st.integers(1, 2_000), st.integers(SECOND, 3_600 * SECOND))


@given(PACES, st.lists(st.tuples(st.integers(0, 5 * SECOND), st.integers(1, 64)), min_size=1, max_size=60))
def test_d11_no_span_holds_more_than_the_pace_says(pace: Pace, looks: list[tuple[int, int]]) -> None:
    now, free_at, left = 1_000 * SECOND, 0, []
    for after, wanted in looks:
        now += after
        count, free_at = pace.granted(free_at, wanted, now)
        assert 0 <= count <= wanted
        left += [now] * count
    for place, first in enumerate(left):
        assert sum(at < first + pace.span for at in left[place:]) <= pace.messages


@given(PACES)
def test_d11_who_looks_often_enough_gets_nearly_all_of_it(pace: Pace) -> None:
    now = free_at = 1_000 * SECOND
    sent = 0
    for _ in range(20 * pace.messages):
        count, free_at = pace.granted(free_at, 10_000, now)
        sent += count
        now = max(now, free_at)
        if now >= 1_000 * SECOND + 10 * pace.span:
            break
    assert sent >= 0.74 * 10 * pace.messages


def test_d11_a_pause_that_was_asked_for_holds_whatever_was_saved_up() -> None:
    pace = Pace(10, SECOND)
    assert pace.granted(90 * SECOND, 5, 60 * SECOND) == (0, 90 * SECOND)
    assert pace.granted(0, 5, 60 * SECOND)[0] == pace.burst == 2


@pytest.mark.parametrize(
    ("rate", "faults"),
    [
        ({"messages": 10, "per_s": 1}, {}),
        ({"messages": 1, "per_s": 0.5}, {"/per_s": "invalid"}),
        ({"messages": True, "per_s": 60}, {"/messages": "invalid"}),
        ({"messages": 0, "per_s": 1, "each": 1}, {"/messages": "invalid", "/each": "unknown_field"}),
        ({}, {"/messages": "invalid", "/per_s": "invalid"}),
        (10, {"": "invalid"}),
    ],
)  # fmt: skip
def test_d11_everything_wrong_with_a_rate_is_said(rate: object, faults: dict[str, str]) -> None:
    assert {one.pointer: one.code for one in faults_of_rate(rate)} == faults


def test_d11_no_rate_is_no_pace() -> None:
    assert pace_of({}) is None
    assert pace_of({"rate": None}) is None
    assert pace_of({"rate": {"messages": 3, "per_s": 2.5}}) == Pace(3, 2_500_000)
