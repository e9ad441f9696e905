"""A01: "Add to opt-out"."""

import pytest

from tests.actions.people import ADA, BO, MAIL, MONDAY, TUESDAY, WEDNESDAY, a_list, recipients, statuses
from tests.heed import Heed
from tests.oracles import pointers, row_counts


def test_a01_a_number_and_an_email_given_together_are_both_meant(heed: Heed) -> None:
    results = heed.act("add_to_opt_out", number="+14155550123", email="ada@example.com")["results"]

    assert [(one.get("number"), one.get("email"), one["status"]) for one in results] == [
        ("+14155550123", None, "added"),
        (None, "ada@example.com", "added"),
    ]


def test_a01_saying_it_again_is_already(heed: Heed) -> None:
    heed.act("add_to_opt_out", number="+14155550123")

    again = heed.act("add_to_opt_out", number="(415) 555-0123", channel="sms")

    assert [one["status"] for one in again["results"]] == ["already"]
    assert again["settled"] is True


def test_a01_a_send_in_hand_is_suppressed_and_the_provider_never_hears_of_it(heed: Heed, provider) -> None:
    sender = heed.sender(provider.url)["id"]
    heed.act("add_to_opt_out", number="+14155550171")

    with heed.working():
        sent = heed.act(
            "send_with_suppression",
            sender=sender,
            recipients=[{"number": "+14155550171"}, {"number": "+14155550172"}],
            text="hi",
        )

    assert [one["error"] for one in sent["results"]] == ["Optout Number", None]
    assert sent["summary"] == "1 contacts skipped (opted-out)"
    assert {one.to for one in provider.handoffs()} & {"+14155550171", "+14155550172"} == {"+14155550172"}


def test_a01_the_answer_has_a_line_for_each_address_and_list_in_the_order_given(heed: Heed) -> None:
    offers, news = a_list(heed), a_list(heed, "News")

    results = heed.act(
        "add_to_opt_out", recipients=[{"number": BO}, {"email": MAIL, "number": ADA}], lists=["news", offers["id"]]
    )["results"]

    assert [(one.get("number") or one["email"], one["list"]["key"]) for one in results] == [
        (BO, "news"), (BO, "offers"), (ADA, "news"), (ADA, "offers"), (MAIL, "news"), (MAIL, "offers"),
    ]  # fmt: skip
    assert results[0]["list"] == {"id": news["id"], "key": "news", "name": "News"}
    assert {one["channel"] for one in results} == {"all"}
    assert len({one["event"] for one in results}) == 6


def test_a01_a_list_named_twice_by_id_and_by_key_is_one_list(heed: Heed) -> None:
    offers = a_list(heed)

    assert statuses(heed.act("add_to_opt_out", number=ADA, lists=[offers["id"], "offers"])) == ["added"]


def test_a01_unknown_lists_are_named_and_nothing_is_written(heed: Heed) -> None:
    rows = row_counts(heed)
    body = {"number": ADA, "lists": ["default", "nope", "lst_000000000000"]}

    answer = heed.call("POST", "/v1/actions/add_to_opt_out", body)

    assert pointers(answer) == {"/lists/1": "unknown_list", "/lists/2": "unknown_list"}
    assert row_counts(heed) == rows


# field, value, channel: what one person's call answers 422 for
FAULTY = [
    ("number", "12", "all"),  # too short to be anybody's
    ("number", "+1415555012", "all"),  # a digit lacks
    ("number", ADA, "email"),  # no email reaches a number
    ("email", MAIL, "sms"),  # and the reverse
    ("email", "ada@", "all"),
    ("whatsapp_id", "US.1349", "sms"),  # a user id is WhatsApp's alone
]


@pytest.mark.parametrize(("field", "value", "channel"), FAULTY)
def test_a01_what_cannot_be_parsed_is_422_alone_and_a_rejected_item_in_a_batch(
    heed: Heed, field: str, value: str, channel: str
) -> None:
    body = {field: value, "channel": channel}
    assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", body)) == {f"/{field}": "invalid_address"}

    good = {"email": "bo@example.com"} if channel == "email" else {"number": BO}
    batch = heed.act("add_to_opt_out", recipients=[{field: value}, good], channel=channel)

    assert statuses(batch) == ["rejected", "added"]
    assert batch["results"][0]["errors"][0]["code"] == "invalid_address"


def test_a01_a_recipient_without_an_address_is_a_rejected_item(heed: Heed) -> None:
    batch = heed.act("add_to_opt_out", recipients=[{"number": "", "email": None}, {"number": ADA}])

    assert statuses(batch) == ["rejected", "added"]


def test_a01_an_unfilled_template_is_a_fault_even_in_a_batch(heed: Heed) -> None:
    body = {"recipients": [{"number": ADA}, {"number": "{{ contact.phone }}"}, {"email": "={{$json.email}}"}]}

    answer = heed.call("POST", "/v1/actions/add_to_opt_out", body)

    assert pointers(answer) == {
        "/recipients/1/number": "unresolved_template", "/recipients/2/email": "unresolved_template",
    }  # fmt: skip


def test_a01_one_phone_in_all_its_spellings_is_one_person(heed: Heed) -> None:
    # An integer, a float (some builders know no integers), national, with an extension's dots, as a WhatsApp id.
    spellings = [14155550123, 14155550123.0, "415-555-0123", "tel:+1.415.555.0123"]
    heed.act("add_to_opt_out", number=ADA)

    assert [statuses(heed.act("add_to_opt_out", number=one)) for one in spellings] == [["already"]] * 4
    assert statuses(heed.act("add_to_opt_out", whatsapp_id="14155550123")) == ["already"]
    assert statuses(heed.act("add_to_opt_out", email=MAIL)) == ["added"]
    assert statuses(heed.act("add_to_opt_out", email=" Ada@EXAMPLE.com ")) == ["already"]


def test_a01_the_same_person_twice_in_a_batch_is_answered_twice_and_written_once(heed: Heed) -> None:
    results = heed.act("add_to_opt_out", recipients=recipients(ADA, ADA))["results"]

    assert len(results) == 2
    assert results[0]["event"] == results[1]["event"]
    assert len(heed.act("get_consent_history", number=ADA)["events"]) == 1


def test_a01_an_older_word_is_recorded_and_answered_superseded(heed: Heed) -> None:
    heed.act("record_opt_in", number=ADA, channel="sms", occurred_at=TUESDAY)

    older = heed.act("add_to_opt_out", number=ADA, channel="sms", occurred_at=MONDAY)

    assert statuses(older) == ["superseded"]
    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"] is True
    assert MONDAY in [one["at"] for one in heed.act("get_consent_history", number=ADA)["events"]]
    assert statuses(heed.act("add_to_opt_out", number=ADA, channel="sms", occurred_at=WEDNESDAY)) == ["added"]
    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"] is False


@pytest.mark.parametrize(
    ("first", "second"), [("record_opt_in", "add_to_opt_out"), ("add_to_opt_out", "record_opt_in")]
)
@pytest.mark.parametrize("channels", [("sms", "sms"), ("all", "sms"), ("sms", "all")])
def test_a01_on_a_tie_the_opt_out_stands(heed: Heed, first: str, second: str, channels: tuple[str, str]) -> None:
    heed.act(first, number=ADA, channel=channels[0], occurred_at=MONDAY)

    answer = heed.act(second, number=ADA, channel=channels[1], occurred_at=MONDAY)

    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"] is False
    if second == "add_to_opt_out":
        assert statuses(answer) == ["added"]
    elif channels != ("sms", "all"):  # there it is new for every other channel
        assert statuses(answer) == ["superseded"]


def test_a01_nobody_can_have_said_it_in_the_future(heed: Heed) -> None:
    ahead = {"number": ADA, "occurred_at": "2199-01-01T00:00:00Z"}
    both = {"number": "12", "occurred_at": "2199-01-01T00:00:00Z"}

    assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", ahead)) == {"/occurred_at": "in_the_future"}
    assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", both)) == {
        "/number": "invalid_address", "/occurred_at": "in_the_future",
    }  # fmt: skip


def test_a01_an_opt_out_of_one_channel_leaves_the_others(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, channel="sms")

    allowed = {
        c: heed.act("check_consent", number=ADA, channel=c)["allowed"] for c in ("sms", "whatsapp", "voice", "all")
    }

    assert allowed == {"sms": False, "whatsapp": True, "voice": True, "all": False}


def test_a01_empty_strings_and_nulls_of_optional_fields_mean_absent(heed: Heed) -> None:
    answer = heed.act(
        "add_to_opt_out", number=ADA, email="", whatsapp_id=None, recipients=None, channel="", lists="", reason=None,
        occurred_at="", evidence="", idempotency_key="",
    )  # fmt: skip

    assert statuses(answer) == ["added"]
    assert answer["results"][0]["list"]["key"] == "default"


def test_a01_reason_evidence_and_time_are_in_the_history(heed: Heed) -> None:
    evidence = {"call": "c-7", "agent": {"name": "Zoë", "id": 7}}

    event = heed.act("add_to_opt_out", number=ADA, reason="by phone", evidence=evidence, occurred_at=MONDAY)
    (line,) = heed.act("get_consent_history", number=ADA)["events"]

    assert line["id"] == event["results"][0]["event"]
    assert (line["at"], line["reason"], line["evidence"], line["state"]) == (MONDAY, "by phone", evidence, "out")
    assert (line["source"], line["list"]["key"], line["channel"]) == ("action", "default", "all")


def test_a01_another_organisation_knows_nothing_of_it(heed: Heed) -> None:
    stranger = heed.post("/v1/organisations", {"name": "Else"})["admin_key"]
    heed.act("add_to_opt_out", number=ADA)

    answer = heed.call("POST", "/v1/actions/check_consent", {"number": ADA}, key=stranger)

    assert answer.json["allowed"] is True
