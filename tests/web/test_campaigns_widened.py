"""Broadcasts to groups, steps at a time of day, replies, people who come again, changes on the way (D01, D02)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.demo.launch import Running
from connector.domain.ids import public_id
from tests.actions.people import says
from tests.engine.scenes import HOUR, beside, eventually, numbers
from tests.heed import Heed

DAY = 24 * HOUR


def group_of(heed: Heed, people: list[dict[str, Any]], name: str = "Readers") -> str:
    made: str = heed.post("/v1/groups", {"name": name})["id"]
    for start in range(0, len(people), 1000):
        heed.post(f"/v1/groups/{made}/members", {"recipients": people[start : start + 1000]})
    return made


def make(heed: Heed, sender: str, kind: str, steps: list[Any], **values: Any) -> str:
    body = {"kind": kind, "name": "May", "sender": sender, "steps": steps, **values}
    made: str = heed.post("/v1/campaigns", body)["id"]
    return made


def start(heed: Heed, name: str, **values: Any) -> None:
    heed.post(f"/v1/campaigns/{name}/start", values)
    heed.work()


def report(heed: Heed, name: str) -> Any:
    return heed.get(f"/v1/campaigns/{name}/report")


def texts(provider: Running, number: str) -> list[str]:
    return [one.text for one in provider.handoffs() if one.to == number]


def test_d01_a_broadcast_to_groups_reports_everybody_once(heed: Heed, provider: Running) -> None:
    people = numbers(1205)
    readers = group_of(heed, [{"number": n, "attributes": {"first_name": "Ada"}} for n in people])
    others = group_of(heed, [{"number": people[0]}, {"email": "a@example.com"}], "Others")
    heed.act("add_to_opt_out", recipients=[{"number": n} for n in people[:50]])
    sender = heed.sender(provider.url)["id"]
    name = make(heed, sender, "broadcast", [{"text": "Hello"}], groups=[readers, others])
    assert heed.get(f"/v1/campaigns/{name}")["groups"] == [readers, others]

    start(heed, name)

    told = report(heed, name)
    assert (told["status"], told["total"], told["sent"]) == ("done", 1206, 1155)
    assert told["reasons"] == {"opted_out": 50, "invalid_address": 1}
    assert told["summary"] == "50 contacts skipped (opted-out)"
    assert told["filling"] is False
    assert len({one.to for one in provider.handoffs() if one.to in people}) == 1155
    rows = heed.call("GET", f"/v1/campaigns/{name}/report.csv").text.splitlines()
    assert sum("Optout Number" in row for row in rows) == 50


def test_d12_a_missing_attribute_of_a_member_is_found_before_the_first_send(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    readers = group_of(heed, [{"number": one, "attributes": {"first_name": "Ada"}}, {"number": two}])
    name = make(heed, heed.sender(provider.url)["id"], "broadcast", [{"text": "Hi {{ first_name }}"}], groups=[readers])

    refused = heed.call("POST", f"/v1/campaigns/{name}/start", {})
    (fault,) = refused.json["errors"]
    assert (refused.status_code, fault["code"]) == (422, "missing_attribute")
    assert fault["pointer"].startswith("/contacts/ctc_")
    assert texts(provider, one) == []

    start(heed, name, skip_incomplete=True)
    assert texts(provider, one) == ["Hi Ada"]
    assert (report(heed, name)["failed"], report(heed, name)["failures"]) == (1, {"template": 1})


def test_d02_members_of_a_group_set_out_on_a_sequence(heed: Heed, provider: Running) -> None:
    people = numbers(30)
    readers = group_of(heed, [{"number": n} for n in people])
    heed.act("add_to_opt_out", number=people[0])
    steps = [{"text": "one"}, {"delay": "PT1H", "text": "two"}]
    name = make(heed, heed.sender(provider.url)["id"], "sequence", steps, groups=[readers])
    start(heed, name)
    heed.clock.pass_by(HOUR)
    heed.work()

    assert [step["sent"] for step in report(heed, name)["steps"]] == [29, 29]
    assert texts(provider, people[0]) == []


@pytest.mark.parametrize("own", [None, "America/New_York"])
def test_d02_a_step_waits_for_its_time_of_day_in_the_recipients_zone(
    heed: Heed, provider: Running, own: str | None
) -> None:
    (person,) = numbers(1)
    name = make(
        heed, heed.sender(provider.url)["id"], "sequence",
        [{"text": "one"}, {"delay": "P1D", "at": "09:30", "text": "two"}], timezone="Europe/Rome",
    )  # fmt: skip
    assert heed.get(f"/v1/campaigns/{name}")["steps"][1]["at"] == "09:30"
    start(heed, name)
    heed.act("add_to_sequence", sequence=name, number=person, attributes={"timezone": own} if own else {})
    heed.work()
    heed.clock.pass_by(DAY)
    heed.work()
    (waiting,) = heed.get(f"/v1/sends?campaign={name}&status=scheduled")["items"]
    due = datetime.fromisoformat(waiting["not_before"])
    shown = due.astimezone(__import__("zoneinfo").ZoneInfo(own or "Europe/Rome"))
    assert (shown.hour, shown.minute) == (9, 30)
    ahead = int((due - datetime.now(UTC)).total_seconds() * 1e6) - heed.clock.ahead
    assert 0 < ahead <= DAY

    heed.clock.pass_by(ahead - HOUR // 60)
    heed.work()
    assert texts(provider, person) == ["one"]
    heed.clock.pass_by(HOUR // 30)
    heed.work()
    assert texts(provider, person) == ["one", "two"]


def test_d02_who_replies_leaves_where_the_sequence_says_so(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    sender = heed.sender(provider.url)
    steps = [{"text": "one"}, {"delay": "PT1H", "text": "two"}]
    leaves = make(heed, sender["id"], "sequence", steps, exit_on_reply=True)
    stays = make(heed, sender["id"], "sequence", [{"text": "a"}, {"delay": "PT1H", "text": "b"}])
    for name in (leaves, stays):
        start(heed, name)
        heed.act("add_to_sequence", sequence=name, recipients=[{"number": one}, {"number": two}])
    heed.work()
    says(heed, sender, "Sounds good, call me", one)
    heed.clock.pass_by(HOUR)
    heed.work()

    assert sorted(texts(provider, one)) == ["a", "b", "one"]
    assert sorted(texts(provider, two)) == ["a", "b", "one", "two"]
    assert report(heed, leaves)["cancelled"] == 1


def test_d02_who_has_come_to_the_end_comes_again_where_the_sequence_says_so(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    sender = heed.sender(provider.url)["id"]
    name = make(heed, sender, "sequence", [{"text": "hello"}, {"delay": "PT1H", "text": "bye"}], re_entry="after_end")
    start(heed, name)

    def enrol(*people: str) -> list[str]:
        answer = heed.act("add_to_sequence", sequence=name, recipients=[{"number": n} for n in people])
        return [row["status"] for row in answer["results"]]

    assert enrol(one, two) == ["enrolled", "enrolled"]
    heed.work()
    assert enrol(one) == ["already"]
    heed.act("add_to_opt_out", number=two)
    heed.clock.pass_by(HOUR)
    heed.work()
    heed.act("remove_from_opt_out", number=two)
    assert enrol(one, two) == ["enrolled", "already"], "who left by an opt-out does not come back"
    heed.work()
    heed.clock.pass_by(HOUR)
    heed.work()
    assert texts(provider, one) == ["hello", "bye", "hello", "bye"]
    assert texts(provider, two) == ["hello"]


@pytest.mark.parametrize(
    "answer", [{"do": "delay", "ms": 600}, {"do": "delay", "ms": 600, "status": 429, "taken": False}]
)
def test_d02_who_comes_again_while_a_step_is_on_its_way_gets_each_later_step_once(
    heed: Heed, provider: Running, answer: dict[str, Any]
) -> None:
    (one,) = numbers(1)
    sender = heed.sender(provider.url)["id"]
    name = make(heed, sender, "sequence", [{"text": "hello"}, {"delay": "PT1H", "text": "bye"}], re_entry="after_end")
    start(heed, name)
    provider.behave({one: {"do": "delay", "ms": 600, **answer}})
    heed.act("add_to_sequence", sequence=name, number=one)
    with beside(heed.work):
        eventually(lambda: texts(provider, one) == ["hello"])
        provider.behave({one: None})
        heed.act("remove_from_sequence", sequence=name, number=one)
        (again,) = heed.act("add_to_sequence", sequence=name, number=one)["results"]
    heed.work()
    for _ in range(2):
        heed.clock.pass_by(HOUR)
        heed.work()

    assert again["status"] == "enrolled"
    assert texts(provider, one) == ["hello", "hello", "bye"], "the first way has ended, whatever became of its step"


def test_d02_a_list_that_is_added_while_it_runs_holds_for_what_is_left(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    heed.post("/v1/lists", {"name": "News", "keywords": ["STOP NEWS"]})
    heed.act("add_to_opt_out", number=one, lists=["news"])
    name = make(
        heed, heed.sender(provider.url)["id"], "sequence", [{"text": "one"}, {"delay": "PT1H", "text": "two"}]
    )  # fmt: skip
    start(heed, name)
    heed.act("add_to_sequence", sequence=name, recipients=[{"number": one}, {"number": two}])
    heed.work()
    changed = heed.call("PATCH", f"/v1/campaigns/{name}", {"lists": ["default", "news"], "name": "June"})
    assert (changed.status_code, changed.json["settled"], changed.json["name"]) == (200, True, "June")
    heed.clock.pass_by(HOUR)
    heed.work()

    assert texts(provider, one) == ["one"]
    assert texts(provider, two) == ["one", "two"]
    assert report(heed, name)["reasons"] == {"opted_out": 1}


def test_d02_what_can_t_change_is_said(heed: Heed) -> None:
    name = make(heed, heed.sender()["id"], "broadcast", [{"text": "Hello"}])
    answer = heed.call("PATCH", f"/v1/campaigns/{name}", {"kind": "sequence", "lists": ["nowhere"]})
    assert answer.json["errors"][0]["pointer"] == "/kind"
    assert heed.call("PATCH", f"/v1/campaigns/{name}", {"lists": ["nowhere"]}).status_code == 422
    assert heed.faults("/v1/campaigns", {
        "kind": "sequence", "name": "x", "sender": heed.sender()["id"], "timezone": "Mars", "re_entry": "always",
        "steps": [{"text": "a", "at": "25:00"}],
    }).keys() == {"/timezone", "/re_entry", "/steps/0/at"}  # fmt: skip
    heed.post(f"/v1/campaigns/{name}/cancel")
    assert heed.call("PATCH", f"/v1/campaigns/{name}", {"name": "Late"}).status_code == 409


def test_d11_quiet_hours_hold_a_message_and_the_decision_is_made_again_at_their_end(
    heed: Heed, provider: Running
) -> None:  # fmt: skip
    stays, leaves = numbers(2)
    local = datetime.now(UTC)
    hours = {"from": f"{local.hour:02}:00", "to": f"{(local.hour + 2) % 24:02}:00"}
    name = make(
        heed, heed.sender(provider.url)["id"], "broadcast", [{"text": "Sale"}], quiet_hours=hours, timezone="UTC"
    )  # fmt: skip
    assert heed.get(f"/v1/campaigns/{name}")["quiet_hours"] == hours
    people = [{"number": n, "attributes": {"timezone": "UTC"}} for n in (stays, leaves)]
    heed.post(f"/v1/campaigns/{name}/enrol", {"recipients": people})
    start(heed, name)
    told = report(heed, name)
    assert (told["sent"], told["held"], told["status"]) == (0, 2, "running")
    (waiting, _) = heed.get(f"/v1/sends?campaign={name}")["items"]
    assert (waiting["status"], waiting["reasons"][0]["code"]) == ("scheduled", "quiet_hours")

    heed.act("add_to_opt_out", number=leaves)
    heed.clock.pass_by(2 * HOUR)
    heed.work()
    assert texts(provider, stays) == ["Sale"]
    assert texts(provider, leaves) == []
    assert heed.faults("/v1/campaigns", {
        "kind": "broadcast", "name": "x", "sender": heed.sender()["id"], "steps": [{"text": "a"}],
        "quiet_hours": {"from": "9", "to": "10:00"},
    }) == {"/quiet_hours": "invalid"}  # fmt: skip


def test_d01_what_no_broadcast_and_no_file_of_people_can_be_is_said(heed: Heed) -> None:
    sender, two = heed.sender()["id"], [{"text": "a"}, {"text": "b", "delay": "PT1H"}]
    body = {"kind": "broadcast", "name": "x", "sender": sender, "steps": two}
    assert heed.faults("/v1/campaigns", body) == {"/steps": "too_many"}

    name = make(heed, sender, "broadcast", [{"text": "Hello"}])
    changed = heed.call("PATCH", f"/v1/campaigns/{name}", {"require_opt_in": "explicit"})
    assert (changed.status_code, changed.json["require_opt_in"]) == (200, "explicit")
    assert heed.call("GET", f"/v1/campaigns/{public_id('campaign', 999)}/report").status_code == 404
    csv = {"content_type": "text/csv", "headers": {"Authorization": f"Bearer {heed.key}"}}
    client = heed.app.test_client()
    refused = client.post(f"/v1/campaigns/{name}/enrol", data="first,last\nAda,Lovelace\n", **csv)
    assert [one["code"] for one in refused.json["errors"]] == ["no_address_column"]
    wide = "number,name\n+14155550123,Zoë\n".encode("utf-16")
    assert client.post(f"/v1/campaigns/{name}/enrol", data=wide, **csv).json["enrolled"] == 1
