"""Settling: what a provider answers becomes one status."""

import pytest

from connector.demo.launch import Running
from connector.domain.messages import Retry
from connector.engine.send import Settled
from tests.engine.scenes import (
    HOUR,
    SECOND,
    campaign,
    claim,
    enrol,
    numbers,
    result,
    seen,
    send_later,
    statuses,
    turn,
    writes,
)
from tests.heed import Heed

ERRORS = [{"when": "error.code == '40300'", "kind": "opted_out"}]

# what the provider does, then (status, error begins with)
ANSWERS = {
    "accepts": ("ok", "sent", None),
    "accepts slowly": ({"do": "drip", "ms": 1}, "sent", None),
    "refuses for good": ("400", "failed", "provider: HTTP 400"),
    "refuses our key": ("401", "failed", "auth: HTTP 401"),
    "cuts us off after taking it": ("reset-after", "unknown", ""),
    "hangs up after taking it": ("close-after", "unknown", ""),
    "breaks after taking it": ("500-after", "unknown", "HTTP 500"),
    "speaks no HTTP": ("garbage", "unknown", ""),
    "begins an answer": ("garbage-json", "unknown", "HTTP 200"),
    "moved away": ("308", "failed", "provider: HTTP 308"),
    "says neither yes nor no": ("409", "unknown", "HTTP 409"),
}


def test_each_answer_becomes_one_status_and_is_not_offered_again(heed: Heed, provider: Running) -> None:
    people = dict(zip(ANSWERS, numbers(len(ANSWERS)), strict=True))
    provider.behave({people[case]: behaviour for case, (behaviour, _, _) in ANSWERS.items()})
    sender = heed.sender(provider.url)["id"]
    names = {case: send_later(heed, sender, person) for case, person in people.items()}

    heed.work()
    heed.clock.pass_by(HOUR)
    heed.work()

    for case, (_, status, error) in ANSWERS.items():
        found = result(heed, names[case])
        assert found["status"] == status, case
        assert (found["error"] or "").startswith(error or ""), case
        assert bool(found["error"]) is (error is not None), case
        assert len(seen(provider, [people[case]])) == 1, case


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

    assert statuses(heed, [person]) == {person: "cancelled"}
    assert turn(heed, name, "cancel")["settled"] is True
