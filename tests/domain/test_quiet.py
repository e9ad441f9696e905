"""Quiet hours: by the recipient's own clock, and over in every zone where they may be."""

from datetime import UTC, datetime

import pytest

from connector.domain.quiet import BY_COUNTRY, Quiet, held_until, quiet_for, zones_of

US = BY_COUNTRY["US"]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-11-23T15:00", "America/New_York", None),  # 10:00 there
        ("2026-11-24T02:00", "America/New_York", "2026-11-24T13:00"),  # 21:00 there, until 8:00
        ("2026-11-23T12:59", "America/New_York", "2026-11-23T13:00"),  # 7:59 there
        ("2026-03-08T04:00", "America/New_York", "2026-03-08T12:00"),  # over the night in which clocks go forward
        ("2026-11-01T04:00", "America/New_York", "2026-11-01T13:00"),  # and back
    ],
)
def test_they_end_when_the_clock_there_says_so(now, zone, until):
    assert held_until(at(now), US, [zone]) == (at(until) if until else None)


def test_they_are_over_where_the_person_is_awake_wherever_they_are():
    zones = ["America/New_York", "America/Los_Angeles"]
    assert held_until(at("2026-11-23T14:00"), US, zones) == at("2026-11-23T16:00")  # 9:00 and 6:00: until 8:00 in LA
    assert held_until(at("2026-11-24T03:00"), US, zones) == at("2026-11-24T16:00")  # 22:00 and 19:00
    assert held_until(at("2026-11-23T18:00"), US, zones) is None


def test_hours_of_one_s_own_may_lie_within_a_day():
    lunch = Quiet(12 * 60, 14 * 60)
    assert held_until(at("2026-11-23T12:30"), lunch, ["UTC"]) == at("2026-11-23T14:00")
    assert held_until(at("2026-11-23T14:00"), lunch, ["UTC"]) is None


def test_the_default_is_the_country_s_and_none_where_no_rule_is_known():
    assert quiet_for("default", "number", "+12125550123") == US
    assert quiet_for("default", "number", "+442079460000") is None
    assert quiet_for("default", "email", "ada@example.com") is None
    assert quiet_for({"from": 60, "to": 120}, "email", "ada@example.com") == Quiet(60, 120)
    assert quiet_for(None, "number", "+12125550123") is None


def test_a_person_s_zone_is_their_own_then_their_number_s_then_the_campaign_s():
    assert zones_of("number", "+12125550123", {"timezone": "Europe/Rome"}, "UTC") == ("Europe/Rome",)
    assert zones_of("number", "+12125550123", {"timezone": "Mars"}, "UTC") == ("America/New_York",)
    assert zones_of("number", "+18005550100", {}, "Europe/Rome") == ("Europe/Rome",)
    assert zones_of("email", "ada@example.com", {}, "Europe/Rome") == ("Europe/Rome",)


@pytest.mark.parametrize(
    ("country", "zone", "now", "until"),
    [
        (
            "ZA",
            "Africa/Johannesburg",
            "2026-11-27T18:00",
            "2026-11-28T07:00",
        ),  # Friday 20:00 there, until Saturday 9:00
        ("ZA", "Africa/Johannesburg", "2026-11-28T11:00", "2026-11-30T06:00"),  # Saturday 13:00, until Monday 8:00
        ("ZA", "Africa/Johannesburg", "2026-11-28T10:59", None),
        ("FR", "Europe/Paris", "2026-11-28T21:00", "2026-11-30T07:00"),  # Saturday 22:00, until Monday 8:00
        ("FR", "Europe/Paris", "2026-03-28T22:00", "2026-03-30T06:00"),  # over the night in which clocks go forward
        ("BR", "America/Sao_Paulo", "2026-11-29T15:00", "2026-11-30T12:00"),  # a Sunday
        ("AE", "Asia/Dubai", "2026-11-29T02:59", "2026-11-29T03:00"),
        ("IN", "Asia/Kolkata", "2026-11-29T04:00", "2026-11-29T04:30"),  # 9:30 there
        ("TH", "Asia/Bangkok", "2026-11-29T14:00", "2026-11-30T02:00"),  # 21:00 there
    ],
)
def test_d11_each_country_has_its_own_hours_and_days(country, zone, now, until):
    assert held_until(at(now), BY_COUNTRY[country], [zone]) == (at(until) if until else None)


def test_d11_a_number_s_country_says_which():
    assert quiet_for("default", "number", "+27821234567") == BY_COUNTRY["ZA"]
    assert quiet_for("default", "number", "+33612345678") == BY_COUNTRY["FR"]
    assert zones_of("number", "+5511961234567", {}, "UTC")[0] == "America/Sao_Paulo"
