"""The short ways of an import lead where the long ones do (L07)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.change import change
from connector.domain.importing import imported
from connector.domain.words import Channel, State
from connector.engine.when import read_when


@pytest.mark.parametrize("protect", ["none", "person", "evidence"])
@pytest.mark.parametrize("channel", Channel)
def test_a_no_where_nobody_has_spoken_is_what_any_first_no_is(channel: Channel, protect: str) -> None:
    for erased in (False, True):
        made = imported({}, State.OUT, channel, 5, dated=True, reason=False, protect=protect, erased=erased)
        assert made == change({}, State.OUT, channel, 5, protect=protect)


@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1)),  # noqa: DTZ001 - the zone comes below
    zone=st.integers(-720, 720),
    precise=st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    z=st.booleans(),
)
def test_a_time_is_read_alike_with_a_t_and_with_a_blank(moment: datetime, zone: int, precise: str, z: bool) -> None:
    there = moment.replace(tzinfo=UTC if z else timezone(timedelta(minutes=zone)))
    text = there.isoformat(timespec=precise).replace("+00:00", "Z" if z else "+00:00")
    same = read_when(text.replace("T", " "))
    if same >= 0:
        assert read_when(text) == same
