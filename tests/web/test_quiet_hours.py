"""D11: quiet hours of the recipient's country; what they hold is asked again at their end."""

from datetime import UTC, datetime, timedelta
from itertools import count

from connector.demo.launch import Running
from tests.engine.scenes import HOUR, SECOND, campaign, enrol, report, statuses, texts, turn, writes
from tests.heed import Heed

_subscribers = count(1_000_000)


def in_south_africa() -> str:
    return f"+2782{next(_subscribers)}"


def go_to(heed: Heed, weekday: int, hour: int) -> None:
    """Let the time pass until this weekday (Monday is 0) and hour, UTC."""
    now = datetime.fromtimestamp(heed.clock() / SECOND, UTC)
    then = (now + timedelta((weekday - now.weekday()) % 7 or 7)).replace(hour=hour, minute=0, second=0, microsecond=0)
    heed.clock.pass_by(int((then - now).total_seconds() * SECOND))


def test_d11_a_country_s_sunday_holds_and_a_stop_in_between_is_heeded(heed: Heed, provider: Running) -> None:
    stays, leaves, american = in_south_africa(), in_south_africa(), "+12125559876"
    sender = heed.sender(provider.url)
    go_to(heed, 6, 15)  # Sunday 17:00 in Johannesburg and 10:00 or 11:00 in New York
    name = campaign(heed, None, sender=sender["id"], quiet_hours="default")
    enrol(heed, name, [stays, leaves, american])
    turn(heed, name, "start")
    heed.work()
    assert report(heed, name)["held"] == 2
    assert len(texts(provider, american)) == 1
    (row, *_) = heed.get(f"/v1/sends?number=%2B{stays[1:]}")["items"]
    monday = datetime.fromisoformat(row["not_before"])
    assert (row["reasons"][0]["code"], monday.weekday(), monday.hour) == ("quiet_hours", 0, 6)

    assert writes(heed, sender, leaves, "STOP").json["messages"][0]["outcome"] == "opted_out"
    heed.clock.pass_by(15 * HOUR + SECOND)
    heed.work()

    assert texts(provider, stays) == ["step 1"]
    assert texts(provider, leaves) == []
    assert statuses(heed, [leaves]) == {leaves: "suppressed"}
