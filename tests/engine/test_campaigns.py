"""D01, plain: a broadcast reports everybody, stops when it is told to, and goes on where it stopped."""

import csv
import io
import time

import pytest

from connector.demo.launch import Running
from connector.store.schedule import PARKED
from tests.engine.scenes import beside, campaign, enrol, eventually, numbers, report, seen, statuses, turn
from tests.heed import Heed


def rows(heed: Heed, name: str) -> list[dict[str, str]]:
    answer = heed.call("GET", f"/v1/campaigns/{name}/report.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def upload(heed: Heed, name: str, text: str) -> dict:
    sent = {"Authorization": f"Bearer {heed.key}", "Content-Type": "text/csv"}
    answer = heed.app.test_client().post(f"/v1/campaigns/{name}/enrol", data=text.encode(), headers=sent)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_d01_the_report_counts_everybody_and_says_why(heed: Heed, provider: Running) -> None:
    people = numbers(12)
    out, refused = people[:5], people[5]
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in out])
    provider.behave({refused: "400"})
    name = campaign(heed, provider)
    enrol(heed, name, people)
    turn(heed, name, "start")

    heed.work()

    told = report(heed, name)
    counts = {word: told[word] for word in ("total", "sent", "suppressed", "failed", "unknown", "due", "cancelled")}
    assert counts == {"total": 12, "sent": 6, "suppressed": 5, "failed": 1, "unknown": 0, "due": 0, "cancelled": 0}
    assert (told["status"], told["summary"]) == ("done", "5 contacts skipped (opted-out)")
    assert told["reasons"] == {"opted_out": 5}
    of = {row["recipient"]: row for row in rows(heed, name)}
    assert list(of) == people
    assert {of[one]["error"] for one in out} == {"Optout Number"}
    assert {one.to for one in seen(provider, people)} == set(people) - set(out)


def test_d01_a_csv_is_taken_in_and_every_broken_row_is_told_by_its_line(heed: Heed, provider: Running) -> None:
    one, two, three = numbers(3)
    name = campaign(heed, provider)

    lines = ["number,first_name", f"{one},Ada", "not a number,Bob", two, f"{one},Ada again", ",Cy", f"{three},Di"]
    answer = upload(heed, name, "\n".join(lines))
    turn(heed, name, "start")
    heed.work()

    assert {word: answer[word] for word in ("rows", "enrolled", "already", "rejected")} == {
        "rows": 6, "enrolled": 2, "already": 1, "rejected": 3,
    }  # fmt: skip
    assert [row["line"] for row in answer["rejected_rows"]] == [3, 4, 6]
    assert sorted(hand.to for hand in seen(provider, [one, two, three])) == sorted([one, three])


def test_d01_nobody_gets_it_twice_however_often_they_are_enrolled(heed: Heed, provider: Running) -> None:
    people = numbers(30)
    name = campaign(heed, provider)
    turn(heed, name, "start")

    with heed.working(), beside(*[lambda: enrol(heed, name, people)] * 3):
        pass
    heed.work()

    assert sorted(one.to for one in seen(provider, people)) == sorted(people)
    assert report(heed, name)["sent"] == 30


def test_d10_after_pause_nothing_goes_out_until_it_is_resumed(heed: Heed, provider: Running) -> None:
    people = numbers(120)
    provider.behave({one: {"do": "delay", "ms": 25} for one in people})
    name = campaign(heed, provider)
    enrol(heed, name, people)

    with heed.working():
        turn(heed, name, "start")
        eventually(lambda: seen(provider, people))
        answer = turn(heed, name, "pause")
        paused = time.monotonic_ns()
        before = seen(provider, people)
        assert (answer["status"], answer["settled"]) == ("paused", True)
        assert 0 < len(before) < 120
        assert all(one.received + 25_000_000 <= paused for one in before)
        enrol(heed, name, (late := numbers(2)))
        eventually(lambda: not heed.house.sender.drain(range(256), heed.house.incarnations.token, 1.0))
        assert len(seen(provider, [*people, *late])) == len(before)

        turn(heed, name, "resume")
        eventually(lambda: report(heed, name)["status"] == "done", 20)

    assert sorted(one.to for one in seen(provider, [*people, *late])) == sorted([*people, *late])


def test_d10_cancel_leaves_nothing_pending(heed: Heed, provider: Running) -> None:
    people = numbers(100)
    provider.behave({one: {"do": "delay", "ms": 25} for one in people})
    name = campaign(heed, provider)
    enrol(heed, name, people)

    with heed.working():
        turn(heed, name, "start")
        eventually(lambda: seen(provider, people))
        assert turn(heed, name, "cancel")["settled"] is True
    handed = seen(provider, people)
    heed.work()

    told = report(heed, name)
    assert (told["status"], told["due"], told["sent"]) == ("cancelled", 0, len(handed))
    assert told["cancelled"] == 100 - len(handed) > 0
    assert seen(provider, people) == handed
    assert heed.call("POST", f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": people[0]}]}).status_code == 409


@pytest.mark.parametrize("first", ["draft", "paused"])
def test_d01_who_comes_before_it_runs_is_sent_to_when_it_runs(heed: Heed, provider: Running, first: str) -> None:
    people = numbers(3)
    name = campaign(heed, provider)
    if first == "paused":
        turn(heed, name, "start")
        turn(heed, name, "pause")
    enrol(heed, name, people)
    heed.work()
    assert seen(provider, people) == []

    turn(heed, name, "start" if first == "draft" else "resume")
    heed.work()

    assert len(seen(provider, people)) == 3


def test_d01_wrong_turns_are_conflicts(heed: Heed) -> None:
    name = campaign(heed, None)

    for how in ("pause", "resume"):
        assert heed.call("POST", f"/v1/campaigns/{name}/{how}").status_code == 409
    turn(heed, name, "start")
    for how in ("start", "resume"):  # what a caller repeats whose answer was lost: it runs, as they wanted
        assert heed.call("POST", f"/v1/campaigns/{name}/{how}").status_code == 200
    turn(heed, name, "cancel")
    for how in ("start", "pause", "resume"):
        assert heed.call("POST", f"/v1/campaigns/{name}/{how}").status_code == 409


def test_d01_a_pause_overtaken_by_a_resume_parks_nothing(heed: Heed, provider: Running) -> None:
    """Rows parked after the resume would be due in 70,000 years."""
    people = numbers(3)
    name = campaign(heed, provider)
    enrol(heed, name, people)
    turn(heed, name, "start")
    found = heed.house.campaigns.find(1, name)

    heed.house.campaigns._shift(1, found.id, PARKED, parked=False, being=("paused",))

    assert report(heed, name)["due"] == 3
    heed.work()
    assert len(seen(provider, people)) == 3


def test_d01_pauses_and_resumes_at_the_same_time_lose_nobody(heed: Heed, provider: Running) -> None:
    people = numbers(40)
    name = campaign(heed, provider)
    enrol(heed, name, people)
    turn(heed, name, "start")

    def back_and_forth() -> None:
        for how in ("pause", "resume") * 4:
            assert heed.call("POST", f"/v1/campaigns/{name}/{how}").status_code in (200, 409)

    with beside(back_and_forth, back_and_forth, back_and_forth):
        pass
    heed.call("POST", f"/v1/campaigns/{name}/resume")
    heed.work()

    assert set(statuses(heed, people).values()) == {"sent"}
    assert len(seen(provider, people)) == 40
