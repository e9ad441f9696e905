"""R07: however a provider delivers what a person wrote, in any order and again and again, their last word stands."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.instants import rfc3339
from connector.domain.words import State
from tests.engine.scenes import SECOND, numbers, writes
from tests.heed import Heed
from tests.oracles import row_counts
from tests.receiver import receiving

#: (what they wrote, seconds after the first of it by the provider's clock); few seconds, so that ties come up.
SAID = st.lists(st.tuples(st.sampled_from(["STOP", "START"]), st.integers(0, 4)), min_size=1, max_size=6)


def last_word(said: list[tuple[str, int]]) -> str:
    """By the provider's times; STOP on a tie."""
    return max(said, key=lambda one: (one[1], one[0] == "STOP"))[0]


@pytest.mark.parametrize("scope", ["channel", "all"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), said=SAID)
def test_r07_the_last_word_by_the_provider_s_times_stands(
    heed: Heed, scope: str, data: st.DataObject, said: list[tuple[str, int]]
) -> None:  # fmt: skip
    sender, (person,) = _sender(heed, scope), numbers(1)
    start = heed.clock() // SECOND - 60
    messages = [
        {"id": f"{person}-{place}", "from": person, "text": text, "timestamp": start + after}
        for place, (text, after) in enumerate(said)
    ]
    again = data.draw(st.lists(st.sampled_from(messages), max_size=6))
    for message in data.draw(st.permutations([*messages, *again])):
        assert _deliver(heed, sender, message).status_code == 200

    flag = heed.get(f"/v1/profiles?number=%2B{person[1:]}")["channels"]["sms"]["state"]
    assert flag == (State.OUT if last_word(said) == "STOP" else State.IN).label
    assert heed.act("check_consent", number=person, channel="sms")["allowed"] is (last_word(said) == "START")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(after=st.integers(0, 30), times=st.integers(1, 3), stamped=st.booleans())
def test_r07_a_replayed_start_subscribes_nobody_again(heed: Heed, after: int, times: int, stamped: bool) -> None:
    """Also where the provider says no time: then the id is all that tells a repeat."""
    sender, (person,) = _sender(heed, "channel"), numbers(1)
    at = {"timestamp": heed.clock() // SECOND - 60} if stamped else {}
    start = {"id": f"start-{person}", "from": person, "text": "START", **at}
    assert _outcome(heed, sender, start) == "opted_in"
    heed.clock.pass_by((1 + after) * SECOND)
    assert writes(heed, sender, person, "STOP").json["messages"][0]["outcome"] == "opted_out"
    rows = row_counts(heed)

    assert [_outcome(heed, sender, start) for _ in range(times)] == ["duplicate"] * times

    assert row_counts(heed) == rows
    assert not heed.act("check_consent", number=person, channel="sms")["allowed"]


@pytest.mark.parametrize(("text", "scope"), [("STOP", "channel"), ("STOP", "all"), ("leave me alone", "all")])
def test_r07_a_no_is_not_lost_to_a_yes_of_the_same_second_that_knows_its_moment_better(
    heed: Heed, text: str, scope: str
) -> None:
    """Providers stamp whole seconds; a call has its moment to the microsecond."""
    sender, (person,) = _sender(heed, scope), numbers(1)
    second = heed.clock() // SECOND - 60
    heed.act("record_opt_in", number=person, channel="sms", occurred_at=rfc3339(second * SECOND + 400_000))

    outcome = _outcome(heed, sender, {"id": "stop", "from": person, "text": text, "timestamp": second})
    if outcome == "to_review":
        (review,) = heed.get("/v1/reviews")["items"]
        heed.post(f"/v1/reviews/{review['id']}", {"decision": "opt_out"})
    else:
        assert outcome == "opted_out"

    assert not heed.act("check_consent", number=person, channel="sms")["allowed"]
    # A second later is later, whoever counts.
    back = {"id": "start", "from": person, "text": "START", "timestamp": second + 1}
    assert _outcome(heed, sender, back) == "opted_in"
    assert heed.act("check_consent", number=person, channel="sms")["allowed"]


def test_r07_what_was_written_in_this_second_is_not_said_later_than_now(heed: Heed) -> None:
    sender, (person,) = _sender(heed, "channel"), numbers(1)

    _deliver(heed, sender, {"id": "stop", "from": person, "text": "STOP", "timestamp": heed.clock() // SECOND})

    # What a call says after it has been answered is newer.
    heed.act("record_opt_in", number=person, channel="sms")
    assert heed.act("check_consent", number=person, channel="sms")["allowed"]


@pytest.mark.parametrize(("late", "newer"), [("STOP", "START"), ("START", "STOP")])
def test_r07_a_word_that_came_too_late_to_change_anything_says_so(heed: Heed, late: str, newer: str) -> None:
    sender, (person,) = _sender(heed, "channel"), numbers(1)
    second = heed.clock() // SECOND - 60
    _deliver(heed, sender, {"id": "newer", "from": person, "text": newer, "timestamp": second})

    with receiving() as receiver:
        heed.post("/v1/webhooks", {"url": receiver.url, "events": ["keyword.received"]})
        message = {"id": "late", "from": person, "text": late, "timestamp": second - 1}
        assert _outcome(heed, sender, message) == "superseded"
        while heed.house.notify.work(5.0):
            pass

    assert [one.json["data"]["outcome"] for one in receiver.heard] == ["superseded"]
    assert heed.act("check_consent", number=person, channel="sms")["allowed"] is (newer == "START")


def _sender(heed: Heed, scope: str) -> dict:
    """One for all examples of a test, where keywords write so far."""
    heed.call("PATCH", "/v1/lists/default", {"keyword_scope": scope})
    found = heed.get("/v1/senders")["items"]
    return found[0] if found else heed.sender("http://127.0.0.1:9/")


def _deliver(heed: Heed, sender: dict, message: dict) -> object:
    return heed.app.test_client().post("/in/" + sender["inbound_url"].rpartition("/")[2], json=message)


def _outcome(heed: Heed, sender: dict, message: dict) -> str:
    return str(_deliver(heed, sender, message).json["messages"][0]["outcome"])
