"""What is over is kept as long as the settings say and then forgotten; what was said of consent stays for ever."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from connector import bootstrap
from connector.demo.launch import Running
from connector.settings import Keep
from connector.store import old, tables
from tests.engine.scenes import SECOND, campaign, enrol, numbers, report, seen, texts, turn
from tests.heed import Heed

DAY = 24 * 3600 * SECOND


def count(heed: Heed, table: Any, *which: Any) -> int:
    with heed.house.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one())


def tidied(heed: Heed, **keep: int) -> None:
    """Forget, as a worker with these settings does, until nothing is left to forget."""
    heed.settings = replace(heed.settings, keep=Keep(**keep))
    heed.house.close()
    heed.house = bootstrap.build(heed.settings, clock=heed.clock)
    heed.app.extensions["heed"] = heed.house
    with heed.house.database.write() as connection:
        connection.execute(tables.meta.delete().where(tables.meta.c.name == "tidy"))  # the worker before is long gone
    while heed.house.operations.tidying.work(5.0):
        pass


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old, "_SLICE", 3)


def sent(heed: Heed, sender: str, people: list[str]) -> None:
    body = {"sender": sender, "recipients": [{"number": one} for one in people], "text": "hi", "async": True}
    heed.post("/v1/actions/send_with_suppression", body)
    heed.work()


def test_sends_go_after_their_days_and_not_before(heed: Heed, provider: Running) -> None:
    sender = heed.sender(provider.url)["id"]
    sent(heed, sender, numbers(7))
    heed.clock.pass_by(20 * DAY)
    sent(heed, sender, numbers(2))

    tidied(heed, sends=30)
    assert count(heed, tables.sends) == 9

    heed.clock.pass_by(11 * DAY)
    tidied(heed, sends=30)
    assert count(heed, tables.sends) == 2
    assert count(heed, tables.steps, tables.steps.c.text == "hi") == 1, "what a direct send said goes with it"

    tidied(heed, sends=0)
    assert count(heed, tables.sends) == 2


def test_what_is_still_to_be_sent_stays_however_old(heed: Heed, provider: Running) -> None:
    body = {"sender": heed.sender(provider.url)["id"], "number": numbers(1)[0], "text": "hi", "async": True}
    heed.post("/v1/actions/send_with_suppression", body)
    heed.clock.pass_by(1000 * DAY)

    tidied(heed, sends=30)

    assert count(heed, tables.sends, tables.sends.c.status == "pending") == 1


def test_g2_a_broadcast_is_closed_before_it_forgets_whom_it_wrote_to(heed: Heed, provider: Running) -> None:
    people = numbers(4)
    name = campaign(heed, provider)
    enrol(heed, name, people)
    turn(heed, name, "start")
    heed.work()
    heed.clock.pass_by(20 * DAY)
    enrol(heed, name, numbers(1))
    heed.work()
    heed.clock.pass_by(20 * DAY)

    tidied(heed, sends=30)
    assert (report(heed, name)["sent"], report(heed, name)["status"]) == (5, "done"), "it was used 20 days ago"

    heed.clock.pass_by(20 * DAY)
    tidied(heed, sends=30)
    assert count(heed, tables.sends) == 0
    again = heed.call("POST", f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": people[0]}]})
    heed.work()
    assert again.status_code == 409
    assert len(seen(provider, people)) == 4


def test_g2_a_sequence_forgets_only_people_who_have_come_to_its_end_and_takes_nobody_in_twice(
    heed: Heed, provider: Running
) -> None:
    done, walking = numbers(2)
    name = campaign(heed, provider, "sequence")
    turn(heed, name, "start")
    enrol(heed, name, [done])
    for _ in range(3):
        heed.work()
        heed.clock.pass_by(3601 * SECOND)
    enrol(heed, name, [walking])
    heed.work()
    heed.clock.pass_by(40 * DAY)

    tidied(heed, sends=30)

    assert count(heed, tables.sends) == 2, "one sent and one to come"
    assert enrol(heed, name, [done, walking]) == ["already", "already"]
    heed.work()
    assert len(texts(provider, done)) == 3
    assert len(texts(provider, walking)) == 2


def test_consent_and_its_history_stay_for_ever(heed: Heed, provider: Running) -> None:
    people = numbers(5)
    for one in people:
        heed.act("add_to_opt_out", number=one, reason="asked")
    sent(heed, heed.sender(provider.url)["id"], people)
    before = [count(heed, table) for table in (tables.entries, tables.events, tables.heads, tables.addresses)]
    heed.clock.pass_by(5000 * DAY)

    tidied(heed, sends=1, deliveries=1, answers=1, texts=1, files=1)

    assert count(heed, tables.sends) == 0
    assert [count(heed, one) for one in (tables.entries, tables.events, tables.heads, tables.addresses)] == before
    assert heed.house.history.verify_all()["breaches"] == []
    checked = heed.act("check_consent", recipients=[{"number": one} for one in people])
    assert checked["refused_count"] == 5


def test_webhooks_that_have_arrived_go_and_those_on_their_way_stay(heed: Heed) -> None:
    heed.post("/v1/webhooks", {"url": "https://receiver.example/hook", "events": ["contact.opted_out"]})
    for one in numbers(5):
        heed.act("add_to_opt_out", number=one)
    heed.house.notify._fan_out.work()
    with heed.house.database.write() as connection:
        some = select(tables.deliveries.c.id).order_by(tables.deliveries.c.id).limit(4).scalar_subquery()
        over = tables.deliveries.update().where(tables.deliveries.c.id.in_(some)).values(status="delivered")
        connection.execute(over)
    heed.clock.pass_by(29 * DAY)
    tidied(heed)
    assert count(heed, tables.deliveries) == 5

    heed.clock.pass_by(2 * DAY)
    tidied(heed)

    assert count(heed, tables.deliveries) == 1


def test_answers_are_kept_as_long_as_set(heed: Heed) -> None:
    heed.post("/v1/actions/add_to_opt_out", {"number": numbers(1)[0]}, Idempotency_Key="a key")
    heed.clock.pass_by(2 * DAY)

    tidied(heed, answers=3)
    assert count(heed, tables.idempotency) == 1

    tidied(heed, answers=1)
    assert count(heed, tables.idempotency) == 0


def test_texts_that_somebody_has_decided_on_go_and_open_ones_stay(heed: Heed, provider: Running) -> None:
    sender = heed.sender(provider.url)
    path = sender["inbound_url"].removeprefix("http://heed.test")
    for place, one in enumerate(numbers(2)):
        body = {"id": f"m{place}", "from": one, "to": "+15005550006", "text": "please leave me alone", "channel": "sms"}
        assert heed.call("POST", path, body).status_code == 200
    first = heed.get("/v1/reviews")["items"][0]["id"]
    heed.post(f"/v1/reviews/{first}", {"decision": "dismiss"})
    heed.clock.pass_by(100 * DAY)

    tidied(heed, texts=0)
    assert count(heed, tables.reviews) == 2

    tidied(heed, texts=90)
    assert count(heed, tables.reviews) == 1
    assert len(heed.get("/v1/reviews")["items"]) == 1


def test_one_worker_tidies_at_a_time(heed: Heed) -> None:
    first, other = heed.house.operations.tidying, bootstrap.build(heed.settings, clock=heed.clock)
    try:
        heed.post("/v1/actions/add_to_opt_out", {"number": numbers(1)[0]}, Idempotency_Key="a key")
        heed.clock.pass_by(2 * DAY)
        first._lease(60 * SECOND)
        other.operations.tidying.work(1.0)
        assert count(heed, tables.idempotency) == 1

        heed.clock.pass_by(61 * SECOND)  # it died
        other.operations.tidying.work(1.0)
        assert count(heed, tables.idempotency) == 0
    finally:
        other.close()
