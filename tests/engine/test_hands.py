"""Nothing stays in anybody's hands, whatever a provider's code, a database or a late outcome does."""

import time
from typing import Any

import pytest

from connector import jobs
from connector.demo.launch import Running
from connector.domain.errors import Unavailable
from connector.domain.messages import Accepted, Retry
from connector.engine import step
from connector.engine.reap import reap
from connector.engine.send import Settled
from connector.uptime import uptime
from tests.engine.scenes import (
    HOUR,
    SECOND,
    campaign,
    claim,
    enrol,
    numbers,
    report,
    result,
    send_later,
    statuses,
    texts,
    turn,
)
from tests.heed import Heed


class Broken:
    """A provider whose code does what providers' code should not."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def deliver(self, *_: Any) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize("outcome", [KeyError("id"), None, "sent", {"status": "sent"}], ids=repr)
def test_a_provider_whose_code_fails_leaves_unknown(heed: Heed, monkeypatch: pytest.MonkeyPatch, outcome: Any) -> None:
    (person,) = numbers(1)
    name = send_later(heed, heed.sender()["id"], person)
    monkeypatch.setitem(heed.house.providers, "console", Broken(outcome))

    heed.work()

    assert result(heed, name)["status"] == "unknown"


def test_a_worker_whose_host_slept_begins_nothing_that_others_have_given_up(
    heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = numbers(1)
    send_later(heed, heed.sender(provider.url)["id"], person)
    _, (work,) = claim(heed)
    for module in ("connector.engine.send", "connector.providers.deadlines"):
        monkeypatch.setattr(f"{module}.uptime", lambda: uptime() + 30)

    first = heed.house.sender._hand_over(work)
    second = heed.house.providers["http_api"].deliver(work.message, work.permit, work.sender.settings)

    assert [type(first.outcome), type(second)] == [Retry, Retry]
    assert texts(provider, person) == []


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="a clock of Linux")
def test_deadlines_go_on_while_the_machine_sleeps() -> None:
    assert abs(uptime() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1


def test_a_provider_that_is_not_installed_leaves_unknown(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    (person,) = numbers(1)
    name = send_later(heed, heed.sender()["id"], person)
    monkeypatch.delitem(heed.house.providers, "console")

    heed.work()

    assert result(heed, name)["status"] == "unknown"


def test_an_id_that_no_database_keeps_does_not_keep_the_batch(heed: Heed, provider: Running) -> None:
    nul, half, plain = numbers(3)
    provider.behave({
        nul: {"do": "answer", "status": 200, "body": {"id": "a\x00b"}},
        half: {"do": "answer", "status": 200, "body": {"id": "c\ud83dd"}},
    })  # fmt: skip
    name = campaign(heed, provider)
    enrol(heed, name, [nul, half, plain])
    turn(heed, name, "start")

    heed.work()

    assert set(statuses(heed, [nul, half, plain]).values()) == {"sent"}


def test_an_outcome_after_the_reaper_changes_nothing(heed: Heed) -> None:
    (person,) = numbers(1)
    name = campaign(heed, None, "sequence")
    enrol(heed, name, [person])
    turn(heed, name, "start")
    token, (work,) = claim(heed)
    heed.house.incarnations.close()
    heed.clock.pass_by(11 * SECOND)
    assert reap(heed.house.database, heed.clock) == 1

    heed.house.sender._settle(token, [Settled(work, Accepted("late"))])

    told = report(heed, name)
    assert (told["unknown"], told["sent"], told["total"]) == (1, 0, 2)


def test_outcome_and_next_step_are_written_together(
    heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = numbers(1)
    name = campaign(heed, provider, "sequence")
    enrol(heed, name, [person])
    turn(heed, name, "start")
    real, calls = step.go_on, []

    def once_away(*arguments: Any) -> None:
        calls.append(statuses(heed, [person]) if not heed.house.database.is_sqlite else None)
        real(*arguments)
        if len(calls) == 2:  # the first is the claim's
            raise Unavailable("the database went away before the commit")

    monkeypatch.setattr(step, "go_on", once_away)
    heed.work()
    monkeypatch.undo()
    assert len(calls) == 3
    heed.clock.pass_by(HOUR)
    heed.work()

    assert texts(provider, person) == ["step 1", "step 2"]


@pytest.mark.parametrize("lost", ["the claim's commit", "the outcome"])
def test_what_a_fault_leaves_in_a_living_workers_hands_is_given_up(
    heed: Heed, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Else the row stays in the hands of a worker that lives and never looks at it again."""
    (person,) = numbers(1)
    send_later(heed, heed.sender()["id"], person)
    here = heed.house.sender
    before = heed.house.incarnations.token()

    def claims_and_loses(*arguments: Any) -> Any:
        if type(here._claims).claim(here._claims, *arguments) is not None:
            raise Unavailable("nobody knows whether it was committed")

    if lost == "the outcome":
        monkeypatch.setattr(here, "_write", lambda *_: (_ for _ in ()).throw(ValueError("unforeseen")))
    else:
        monkeypatch.setattr(here._claims, "claim", claims_and_loses)
    monkeypatch.setattr(jobs, "house", lambda _role: heed.house)
    for lane in range(16):
        try:
            jobs.drain(lane)
        except (Unavailable, ValueError):
            break
    monkeypatch.undo()

    assert statuses(heed, [person]) == {person: "sending"}
    assert heed.house.incarnations.token() != before
    heed.clock.pass_by(11 * SECOND)
    assert reap(heed.house.database, heed.clock) == 1
    assert statuses(heed, [person]) == {person: "unknown"}
