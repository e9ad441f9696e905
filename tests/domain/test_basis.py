"""S08: how long a consent lasts by what it rests on, in calendar months."""

from datetime import datetime

import pytest

from connector.domain.basis import end_of, imply, months_after
from connector.domain.change import Change, Said
from connector.domain.instants import DAY, parse_rfc3339, rfc3339
from connector.domain.words import Channel, State

NOON = parse_rfc3339("2026-03-02T12:00:00Z")
IN, OUT, CLEARED = (int(state) for state in (State.IN, State.OUT, State.CLEARED))
ALL, SMS, EMAIL = (int(channel) for channel in (Channel.ALL, Channel.SMS, Channel.EMAIL))


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        ("2026-01-15T10:30:00.000001Z", 6, "2026-07-15T10:30:00.000001Z"),
        ("2026-01-15T10:30:00Z", 24, "2028-01-15T10:30:00Z"),
        ("2026-08-31T23:59:59Z", 6, "2027-02-28T23:59:59Z"),  # February has no 31st
        ("2027-08-31T00:00:00Z", 6, "2028-02-29T00:00:00Z"),  # in a leap year it has one day more
        ("2026-10-31T00:00:00Z", 6, "2027-04-30T00:00:00Z"),
        ("2024-02-29T12:00:00Z", 24, "2026-02-28T12:00:00Z"),  # bought on a leap day
        ("2026-02-28T12:00:00Z", 24, "2028-02-28T12:00:00Z"),
        ("2026-06-30T12:00:00Z", 6, "2026-12-30T12:00:00Z"),  # the same day, not the same end of the month
        ("2026-07-01T00:00:00Z", 6, "2027-01-01T00:00:00Z"),
        ("2026-12-31T00:00:00Z", 24, "2028-12-31T00:00:00Z"),
        ("1970-01-01T00:00:00Z", 24, "1972-01-01T00:00:00Z"),
    ],
)
def test_s08_months_are_counted_in_the_calendar(since: str, months: int, until: str) -> None:
    assert rfc3339(months_after(parse_rfc3339(since), months)) == until


def test_s08_every_day_of_years_ends_in_the_month_it_should_and_never_later_than_its_own_day() -> None:
    day = parse_rfc3339("2023-12-25T08:00:00Z")
    for _ in range(1_600):
        for months in (6, 24):
            start, end = (datetime.fromisoformat(rfc3339(at)) for at in (day, months_after(day, months)))
            assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
            assert end.day == start.day or (end.day < start.day and _is_last(end))
        day += DAY


def test_s08_a_consent_ends_when_it_was_asked_to_and_no_later_than_its_basis_lasts() -> None:
    latest = parse_rfc3339("2026-09-02T12:00:00Z")

    assert end_of("casl_inquiry", NOON) == latest
    assert end_of("casl_inquiry", NOON, latest) == latest
    assert end_of("casl_inquiry", NOON, NOON + DAY) == NOON + DAY
    assert [end_of(basis, NOON) for basis in ("express", None)] == [None, None]
    assert [end_of(basis, NOON, latest) for basis in ("express", None)] == [latest, latest]
    with pytest.raises(ValueError, match="casl_inquiry lasts 6 months"):
        end_of("casl_inquiry", NOON, latest + 1)


@pytest.mark.parametrize(
    ("said", "channel", "change"),
    [
        ({}, SMS, Change("added", (SMS,), recorded=True)),
        # a "no" stands, whenever it was said, and for all the channels where it was said for one
        ({SMS: Said(OUT, NOON - DAY)}, SMS, Change("refused")),
        ({ALL: Said(OUT, NOON + DAY)}, SMS, Change("refused")),
        ({SMS: Said(OUT, NOON - DAY)}, ALL, Change("refused")),
        ({EMAIL: Said(OUT, NOON - DAY)}, SMS, Change("added", (SMS,), recorded=True)),
        # what lasts longer stands; what ends sooner is renewed
        ({SMS: Said(IN, NOON - DAY)}, SMS, Change("already", (), recorded=True)),
        ({ALL: Said(IN, NOON - DAY)}, SMS, Change("already", (), recorded=True)),
        ({SMS: Said(IN, NOON - DAY, NOON + 9 * DAY)}, SMS, Change("already", (), recorded=True)),
        ({SMS: Said(IN, NOON - DAY, NOON + DAY)}, SMS, Change("already", (SMS,), recorded=True)),
        ({SMS: Said(CLEARED, NOON - DAY)}, SMS, Change("added", (SMS,), recorded=True)),
        # a word for all goes around a channel that has a longer one
        ({SMS: Said(IN, NOON - DAY)}, ALL, Change("added", (2, 3, 4, 5, 6), recorded=True)),
        ({SMS: Said(IN, NOON - DAY), EMAIL: Said(IN, NOON + DAY, NOON + 2 * DAY)}, ALL,
         Change("added", (2, 3, 4, 5), recorded=True)),
        # older than what was said since
        ({SMS: Said(IN, NOON + DAY, NOON + DAY)}, SMS, Change("superseded", recorded=True)),
    ],
)  # fmt: skip
def test_s08_implied_consent_lifts_no_no_and_shortens_no_yes(
    said: dict[int, Said], channel: int, change: Change
) -> None:
    assert imply(said, channel, NOON, NOON + 5 * DAY) == change


def _is_last(moment: datetime) -> bool:
    return datetime.fromisoformat(rfc3339(int(moment.timestamp() * 1_000_000) + DAY)).day == 1
