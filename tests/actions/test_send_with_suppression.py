"""A04 and A05: "Send with suppression": who said no is reported as "Optout Number" and never handed over."""

from typing import Any

import pytest

from connector.demo.launch import Running
from connector.domain.instants import rfc3339
from tests.actions.people import MAIL, a_list, codes, numbers, recipients, says
from tests.heed import Heed

MINUTE = 60_000_000


def handed(provider: Running, *people: str) -> list[str | None]:
    """To whom of these the provider was handed something, in that order."""
    return [one.to for one in provider.handoffs() if one.to in people]


def send(heed: Heed, provider: Running, channel: str = "sms", **values: Any) -> dict[str, Any]:
    sender = heed.sender(provider.url, channel)["id"]
    text = {} if {"text", "html", "template"} & set(values) else {"text": "Hello"}
    with heed.working():
        return heed.act("send_with_suppression", sender=sender, **text, **values)


def test_a04_results_stand_in_the_order_of_the_call_and_say_why(heed: Heed, provider: Running) -> None:
    one, two, three = numbers(3, first=100)
    heed.act("add_to_opt_out", number=two)

    answer = send(heed, provider, recipients=[{"number": three}, {"number": two}, {"number": "12"}, {"number": one}])

    assert [(row["recipient"]["number"], row["status"], row["error"]) for row in answer["results"]] == [
        (three, "sent", None), (two, "suppressed", "Optout Number"), ("12", "suppressed", "Invalid address"),
        (one, "sent", None),
    ]  # fmt: skip
    assert [codes(row) for row in answer["results"]] == [[], ["opted_out"], ["invalid_address"], []]
    assert {k: answer[k] for k in ("sent", "suppressed", "failed", "unknown", "scheduled")} == {
        "sent": 2, "suppressed": 2, "failed": 0, "unknown": 0, "scheduled": 0,
    }  # fmt: skip
    assert answer["summary"] == "1 contacts skipped (opted-out)"
    assert answer["results"][0]["provider_id"].startswith("rec-")
    assert sorted(handed(provider, one, two, three)) == [one, three]


def test_a04_optout_number_is_said_exactly_where_an_opt_out_suppressed_it(heed: Heed, provider: Running) -> None:
    blocked, willing = numbers(2, first=110)
    heed.call("PUT", "/v1/profiles/block", {"number": blocked, "blocked": True})

    answer = send(heed, provider, recipients=recipients(blocked, willing), require_opt_in=True)

    assert [(codes(row), row["error"]) for row in answer["results"]] == [
        (["blocked", "no_consent"], "Blocked"), (["no_consent"], "No consent"),
    ]  # fmt: skip
    assert answer["summary"] == "0 contacts skipped (opted-out)"
    assert handed(provider, blocked, willing) == []


@pytest.mark.parametrize("field", ["require_opt_in", "requireOptIn"])
def test_a05_the_send_goes_only_to_who_opted_in_on_that_channel(heed: Heed, provider: Running, field: str) -> None:
    asked, other, silent = numbers(3, first=120)
    heed.act("record_opt_in", number=asked, channel="sms")
    heed.act("record_opt_in", number=other, channel="voice")

    answer = send(heed, provider, recipients=recipients(asked, other, silent), **{field: True})

    assert [row["status"] for row in answer["results"]] == ["sent", "suppressed", "suppressed"]


def test_a04_one_person_who_cannot_be_reached_is_an_outcome_and_no_fault(heed: Heed, provider: Running) -> None:
    for person in ({"number": "12"}, {"email": MAIL}):
        answer = send(heed, provider, **person)
        assert [(row["status"], codes(row)) for row in answer["results"]] == [("suppressed", ["invalid_address"])]


def test_a04_the_same_person_twice_gets_one_message(heed: Heed, provider: Running) -> None:
    (one,) = numbers(1, first=130)

    answer = send(heed, provider, recipients=recipients(one, one.replace("+1", "1-")))

    assert [(row["status"], codes(row)) for row in answer["results"]] == [("sent", []), ("suppressed", ["duplicate"])]
    assert handed(provider, one) == [one]


def test_a04_a_list_named_in_the_call_governs_and_the_default_one_always(heed: Heed, provider: Running) -> None:
    master, named, free = numbers(3, first=140)
    a_list(heed)
    heed.act("add_to_opt_out", number=master)
    heed.act("add_to_opt_out", number=named, lists=["offers"])
    everyone = recipients(master, named, free)

    with_list = send(heed, provider, recipients=everyone, lists=["offers"])
    without = send(heed, provider, recipients=everyone)

    assert [row["status"] for row in with_list["results"]] == ["suppressed", "suppressed", "sent"]
    assert [row["status"] for row in without["results"]] == ["suppressed", "sent", "sent"]
    assert with_list["results"][1]["reasons"][0]["list"]["name"] == "Offers"


def test_s03_transactional_reaches_who_opted_out_and_nobody_who_is_blocked(heed: Heed, provider: Running) -> None:
    out, blocked = numbers(2, first=150)
    heed.act("add_to_opt_out", recipients=recipients(out, blocked))
    heed.call("PUT", "/v1/profiles/block", {"number": blocked, "blocked": True})

    answer = send(heed, provider, recipients=recipients(out, blocked), purpose="transactional")

    assert [row["status"] for row in answer["results"]] == ["sent", "suppressed"]
    assert handed(provider, out, blocked) == [out]


def test_s03_service_answers_who_wrote_to_this_sender_within_a_day(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1, first=160)
    sender, other = heed.sender(provider.url), heed.sender(provider.url)
    heed.act("add_to_opt_out", number=person)
    says(heed, sender, "Where is my parcel?", person)

    def answer_from(one: dict[str, Any]) -> str:
        with heed.working():
            sent = heed.act("send_with_suppression", sender=one["id"], number=person, text="Soon", purpose="service")
        return sent["results"][0]["status"]

    assert (answer_from(sender), answer_from(other)) == ("sent", "suppressed")
    heed.clock.pass_by(25 * 60 * MINUTE)
    assert answer_from(sender) == "suppressed"


def test_a04_texts_are_filled_for_each_recipient_and_data_is_never_evaluated(heed: Heed, provider: Running) -> None:
    one, two = numbers(2, first=170)
    people = [
        {"number": one, "attributes": {"first_name": "Zoë"}},
        {"number": two, "attributes": {"first_name": "{{ secret }}"}},
    ]

    send(heed, provider, recipients=people, text="Hi {{ first_name }}. {{ opt_out }}")

    texts = {one.to: one.text for one in provider.handoffs()}
    assert texts[one] == "Hi Zoë. Reply STOP to opt out"
    assert texts[two].startswith("Hi {{ secret }}.")


def test_a04_send_at_is_scheduled_decided_again_and_then_sent(heed: Heed, provider: Running) -> None:
    one, two = numbers(2, first=180)
    later = rfc3339(heed.clock() + 60 * MINUTE)

    answer = send(heed, provider, recipients=recipients(one, two), send_at=later)
    heed.act("add_to_opt_out", number=two)
    heed.clock.pass_by(61 * MINUTE)
    heed.work()
    after = heed.get(f"/v1/sends/{answer['id']}")

    assert [(row["status"], row["not_before"]) for row in answer["results"]] == [("scheduled", later)] * 2
    assert answer["scheduled"] == 2
    assert [row["status"] for row in after["results"]] == ["sent", "suppressed"]
    assert set(after) == set(answer)


@pytest.mark.parametrize(("count", "more"), [(1, {"async": True}), (101, {})])
def test_a04_async_and_many_recipients_are_202_with_a_place_to_look(
    heed: Heed, provider: Running, count: int, more: dict[str, bool]
) -> None:
    everyone = list(numbers(count, first=200))
    body = {"sender": heed.sender(provider.url)["id"], "recipients": recipients(*everyone), "text": "x", **more}

    answer = heed.call("POST", "/v1/actions/send_with_suppression", body)

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/sends/{answer.json['id']}"
    assert {row["status"] for row in answer.json["results"]} == {"pending"}
    heed.work()
    after = heed.get(answer.headers["Location"])
    assert (after["sent"], [row["recipient"]["number"] for row in after["results"]]) == (count, everyone)


def test_a10_a_send_with_a_key_goes_out_once(heed: Heed, provider: Running) -> None:
    (one,) = numbers(1, first=190)
    body = {"sender": heed.sender(provider.url)["id"], "number": one, "text": "x", "idempotency_key": "k-1"}

    with heed.working():
        first, again = (heed.post("/v1/actions/send_with_suppression", body) for _ in range(2))

    assert first == again
    assert handed(provider, one) == [one]


def test_a04_what_the_provider_refuses_is_failed_and_what_it_leaves_open_is_unknown(
    heed: Heed, provider: Running
) -> None:
    refused, lost = numbers(2, first=194)
    provider.behave({refused: "400", lost: "reset-after"})

    answer = send(heed, provider, recipients=recipients(refused, lost))

    assert [row["status"] for row in answer["results"]] == ["failed", "unknown"]
    assert (answer["failed"], answer["unknown"]) == (1, 1)
    assert handed(provider, lost) == [lost]


def test_a04_an_email_has_a_subject_and_text_or_html(heed: Heed, provider: Running) -> None:
    answer = send(heed, provider, "email", email="Bo@Example.com", subject="Hi {{ opt_out }}", html="<b>Hi</b>")

    assert [row["status"] for row in answer["results"]] == ["sent"]


def test_a04_reference_is_found_again(heed: Heed, provider: Running) -> None:
    (one,) = numbers(1, first=198)
    send(heed, provider, number=one, reference="order-7")

    assert heed.get(f"/v1/sends?number=%2B{one[1:]}")["items"][0]["reference"] == "order-7"
