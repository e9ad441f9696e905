"""Durations: exact ones are read, everything else is refused, and what is written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.durations import format_duration, parse_duration
from connector.domain.instants import DAY, HOUR, MINUTE, SECOND

GOOD = {
    "PT0S": 0,
    "P0D": 0,
    "PT30M": 30 * MINUTE,
    "PT1H30M": 90 * MINUTE,
    "P3D": 3 * DAY,
    "P1W": 7 * DAY,
    "P1W2DT3H4M5S": 9 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND,
    "PT0.5S": SECOND // 2,
    "PT0.000001S": 1,
    "PT90M": 90 * MINUTE,
    "P3650D": 3650 * DAY,
}


@pytest.mark.parametrize("text", GOOD)
def test_exact_durations_are_read(text: str) -> None:
    assert parse_duration(text) == GOOD[text]


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1DT", "T1H", "1D", "P1", "PT1", "-P1D", "P-1D", "P+1D", " P1D", "P1D ", "P1D\n", "p1d", "P1 D",
        "P1M", "P1Y",  # a month has no length of its own
        "PT1S1M", "P1D1W", "PT1H1H",  # out of order, or twice
        "P1.5D", "PT1,5S", "PT1.S", "PT.5S", "PT0.0000001S",  # fractions of seconds only, to the microsecond
        "P３D",  # a digit of another script
        "P3651D", "PT99999999S99999999S", "P9999W", "P99999999D", "PT" + "9" * 400 + "S",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|delay"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=3650 * DAY))
def test_what_is_written_is_read_back(micros: int) -> None:
    assert parse_duration(format_duration(micros)) == micros


@given(st.text(alphabet="PTWDHMS0123456789.", max_size=20))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    try:
        assert 0 <= parse_duration(text) <= 3650 * DAY
    except ValueError:
        return


@pytest.mark.parametrize(("micros", "text"), [(0, "PT0S"), (DAY, "P1D"), (90 * MINUTE, "PT1H30M"), (1, "PT0.000001S")])
def test_the_shortest_form_is_written(micros: int, text: str) -> None:
    assert format_duration(micros) == text
