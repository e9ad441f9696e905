"""Settling: what a provider answers becomes one status, and nothing stays in anybody's hands."""

from typing import Any

import pytest

from connector import jobs
from connector.demo.launch import Running
from connector.domain.errors import Unavailable
from connector.domain.messages import Accepted, Retry
from connector.engine import step
from connector.engine.reap import reap
from connector.engine.send import Settled
from tests.engine.scenes import (
    HOUR,
    SECOND,
    campaign,
    claim,
    enrol,
    numbers,
    report,
    seen,
    send_later,
    statuses,
    texts,
    turn,
    writes,
)
from tests.heed import Heed

NOT_TWICE = "is never offered again"
ERRORS = [{"when": "error.code == '40300'", "kind": "opted_out"}]


def result(heed: Heed, name: str) -> dict[str, Any]:
    (one,) = heed.get(f"/v1/sends/{name}")["results"]
    return one


# what the provider does, then (status, error begins with)
ANSWERS = {
    "accepts": ("ok", "sent", None),
    "accepts slowly": ({"do": "drip", "ms": 1}, "sent", None),
    "refuses for good": ({"do": "answer", "status": 400, "body": {"code": "bad_number"}}, "failed", "provider: HTTP 400"),
    "refuses our key": ("401", "failed", "auth: HTTP 401"),
    "cuts us off after taking it": ("reset-after", "unknown", ""),
    "hangs up after taking it": ("close-after", "unknown", ""),
    "breaks after taking it": ("500-after", "unknown", "HTTP 500"),
    "speaks no HTTP": ("garbage", "unknown", ""),
    "begins an answer": ("garbage-json", "unknown", "HTTP 200"),
    "moved away": ("308", "failed", "provider: HTTP 308"),
    "says neither yes nor no": ("409", "unknown", "HTTP 409"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_each_answer_becomes_one_status_and_is_not_offered_again(heed: Heed, provider: Running, case: str) -> None:
    behaviour, status, error = ANSWERS[case]
    (person,) = numbers(1)
    provider.behave({person: behaviour})
    name = send_later(heed, heed.sender(provider.url)["id"], person)

    heed.work()
    heed.clock.pass_by(HOUR)
    heed.work()

    found = result(heed, name)
    assert found["status"] == status
    assert (found["error"] or "").startswith(error or "")
    assert bool(found["error"]) is (error is not None)
    assert len(seen(provider, [person])) == 1, NOT_TWICE


def test_later_means_later_and_not_before(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    provider.behave({person: {"do": "429", "retry_after": 60, "times": 1}})
    name = send_later(heed, heed.sender(provider.url)["id"], person)

    heed.work()
    assert result(heed, name)["status"] == "scheduled"
    heed.clock.pass_by(55 * SECOND)
    heed.work()
    assert len(seen(provider, [person])) == 1
    heed.clock.pass_by(6 * SECOND)
    heed.work()

    assert result(heed, name)["status"] == "sent"
    assert [one.taken for one in seen(provider, [person])] == [False, True]


def test_a_provider_that_always_says_later_is_believed_in_the_end(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    provider.behave({person: {"do": "429", "retry_after": 1}})
    name = send_later(heed, heed.sender(provider.url)["id"], person)

    for _ in range(25):
        heed.work()
        heed.clock.pass_by(2 * SECOND)

    assert (result(heed, name)["status"], len(seen(provider, [person]))) == ("failed", 20)


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


def test_a_providers_opt_out_is_heeded_until_the_person_says_start(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    provider.behave({person: {"do": "2xx-with-error", "times": 1}})
    sender = heed.sender(settings={"url": provider.url, "errors": ERRORS}, provider="http_api")
    other = heed.sender(settings={"url": provider.url}, provider="http_api", number="+15005550007")

    first = send_later(heed, sender["id"], person)
    heed.work()
    second = send_later(heed, sender["id"], person, purpose="transactional")
    elsewhere = send_later(heed, other["id"], person)
    heed.work()

    assert (result(heed, first)["status"], result(heed, first)["error"][:9]) == ("failed", "opted_out")
    assert [one["code"] for one in result(heed, second)["reasons"]] == ["provider_blocked"]
    assert result(heed, elsewhere)["status"] == "sent"

    heed.call("PATCH", "/v1/lists/default", {"opt_in_keywords": ["START"]})
    assert writes(heed, sender, person, "START").json["messages"][0]["outcome"] == "opted_in"
    third = send_later(heed, sender["id"], person)
    heed.work()
    assert result(heed, third)["status"] == "sent"


def test_what_comes_back_to_a_cancelled_campaign_is_cancelled(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.engine.campaigns._WAIT_S", 0.05)
    (person,) = numbers(1)
    name = campaign(heed, None)
    enrol(heed, name, [person])
    turn(heed, name, "start")
    token, (work,) = claim(heed)

    assert turn(heed, name, "cancel")["settled"] is False
    heed.house.sender._settle(token, [Settled(work, Retry(1.0, "busy"))])

    assert turn(heed, name, "cancel")["settled"] is True
    assert statuses(heed, [person]) == {person: "cancelled"}


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


def test_outcome_and_next_step_are_written_together(heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
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
