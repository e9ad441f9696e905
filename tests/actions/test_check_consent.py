"""A03 and A05: "Check consent": allowed or not, and every reason with the list's name."""

import pytest

from tests.actions.people import ADA, BO, CY, MAIL, MONDAY, a_list, codes, numbers, recipients, says
from tests.heed import Heed
from tests.oracles import pointers, row_counts

DAY = 24 * 3600 * 1_000_000


def test_a03_nobody_has_said_anything_so_it_is_allowed(heed: Heed) -> None:
    answer = heed.act("check_consent", number=ADA)

    assert set(answer) == {"allowed", "reasons", "checked_at"}
    assert (answer["allowed"], answer["reasons"]) == (True, [])
    assert answer["checked_at"].endswith("Z")


def test_a03_a_refusal_names_the_list_the_channel_and_since_when(heed: Heed) -> None:
    offers = a_list(heed)
    heed.act("add_to_opt_out", number=ADA, lists=["offers"], channel="sms", occurred_at=MONDAY)

    answer = heed.act("check_consent", number=ADA, lists=["offers"], channel="sms")

    assert answer["allowed"] is False
    assert answer["reasons"] == [
        {"code": "opted_out", "list": {"id": offers["id"], "key": "offers", "name": "Offers"}, "channel": "sms",
         "since": MONDAY}
    ]  # fmt: skip


def test_a03_every_reason_is_named_and_hard_facts_come_first(heed: Heed) -> None:
    a_list(heed)
    heed.act("add_to_opt_out", number=ADA, lists=["offers", "default"])
    assert heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": True}).status_code == 200

    answer = heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])

    assert codes(answer) == ["blocked", "opted_out", "opted_out"]
    assert [(one["list"] or {}).get("key") for one in answer["reasons"]] == [None, "default", "offers"]


def test_a03_the_default_list_governs_though_only_another_is_named(heed: Heed) -> None:
    a_list(heed)
    heed.act("add_to_opt_out", number=ADA)

    assert codes(heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])) == ["opted_out"]


def test_a03_a_list_that_is_not_named_does_not_govern(heed: Heed) -> None:
    a_list(heed)
    heed.act("add_to_opt_out", number=ADA, lists=["offers"])

    assert heed.act("check_consent", number=ADA)["allowed"] is True


def test_a03_all_channels_is_allowed_only_where_every_one_is(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, channel="voice")

    answer = heed.act("check_consent", number=ADA)

    assert answer["allowed"] is False
    assert [one["channel"] for one in answer["reasons"]] == ["voice"]


def test_a03_number_and_email_together_are_allowed_only_where_both_are(heed: Heed) -> None:
    heed.act("add_to_opt_out", email=MAIL)

    assert heed.act("check_consent", number=ADA)["allowed"] is True
    assert heed.act("check_consent", number=ADA, email=MAIL)["allowed"] is False


def test_a03_a_batch_is_answered_in_its_order(heed: Heed) -> None:
    everyone = list(numbers(200))
    heed.act("add_to_opt_out", recipients=recipients(*everyone[::3]))

    answer = heed.act("check_consent", recipients=recipients(*reversed(everyone)))

    assert set(answer) == {"allowed_count", "refused_count", "decisions", "checked_at"}
    assert [one["recipient"]["number"] for one in answer["decisions"]] == everyone[::-1]
    assert {one["recipient"]["number"] for one in answer["decisions"] if not one["allowed"]} == set(everyone[::3])
    assert (answer["allowed_count"], answer["refused_count"]) == (133, 67)


# what cannot be sent to is never "allowed", and asking about it is no mistake of the caller
INVALID = [{"number": "12"}, {"email": "x"}, {"number": ADA, "channel": "email"}, {"email": MAIL, "channel": "sms"},
           {"number": ADA, "email": MAIL, "channel": "sms"}, {"whatsapp_id": "US.1349", "channel": "sms"}]  # fmt: skip


@pytest.mark.parametrize("question", INVALID)
def test_a03_an_invalid_address_is_a_refusal_alone_and_in_a_batch(heed: Heed, question: dict[str, str]) -> None:
    person = {name: value for name, value in question.items() if name != "channel"}
    channel = {"channel": question["channel"]} if "channel" in question else {}

    alone = heed.act("check_consent", **question)
    batch = heed.act("check_consent", recipients=[person], **channel)

    assert (alone["allowed"], codes(alone)) == (False, ["invalid_address"])
    assert codes(batch["decisions"][0]) == ["invalid_address"]
    assert batch["decisions"][0]["recipient"] == person


def test_a03_asking_writes_nothing(heed: Heed) -> None:
    rows = row_counts(heed)
    heed.act("check_consent", recipients=[{"number": ADA}, {"email": MAIL}, {"number": "12"}])

    assert row_counts(heed) == rows


def test_a03_unknown_lists_are_422_and_never_ignored(heed: Heed) -> None:
    answer = heed.call("POST", "/v1/actions/check_consent", {"number": ADA, "lists": ["nope", "default", "gone"]})

    assert pointers(answer) == {"/lists/0": "unknown_list", "/lists/2": "unknown_list"}
    assert pointers(heed.call("POST", "/v1/actions/check_consent", {"number": ADA, "lists": []})) == {
        "/lists": "too_few"
    }


def test_a03_unknown_groups_are_422_each(heed: Heed) -> None:
    answer = heed.call("POST", "/v1/actions/check_consent", {"number": ADA, "bypass_groups": ["vip", "staff"]})

    assert pointers(answer) == {"/bypass_groups/0": "unknown_group", "/bypass_groups/1": "unknown_group"}


# what the person said on (list, channel), require_opt_in, the codes of the answer for sms
CONSENT = [
    ([], False, []),
    ([], True, ["no_consent"]),
    ([], "explicit", ["no_consent"]),
    ([("record_opt_in", "default", "sms")], True, []),
    ([("record_opt_in", "default", "all")], True, []),  # for every channel is for this one, too
    ([("record_opt_in", "default", "sms")], "explicit", []),
    ([("record_opt_in", "default", "voice")], True, ["no_consent"]),  # another channel's word
    ([("record_opt_in", "offers", "sms")], True, ["no_consent"]),  # the flag is the word on the default list
    ([("record_opt_in", "offers", "sms")], "explicit", []),  # a word on a governing list is enough
    ([("record_opt_in", "default", "sms"), ("remove_from_opt_out", "default", "sms")], True, []),  # no "no" to remove
]


@pytest.mark.parametrize(("said", "require", "wanted"), CONSENT)
def test_a05_require_opt_in_asks_for_a_yes_on_that_channel(
    heed: Heed, said: list[tuple[str, str, str]], require: bool | str, wanted: list[str]
) -> None:
    a_list(heed)
    for action, name, channel in said:
        heed.act(action, number=ADA, lists=[name], channel=channel)

    for field in ("require_opt_in", "requireOptIn"):
        answer = heed.act("check_consent", number=ADA, channel="sms", lists=["offers"], **{field: require})
        assert codes(answer) == wanted


def test_a05_both_spellings_at_once_are_a_fault(heed: Heed) -> None:
    body = {"number": ADA, "require_opt_in": True, "requireOptIn": False}

    assert set(pointers(heed.call("POST", "/v1/actions/check_consent", body))) == {"/requireOptIn"}


@pytest.mark.parametrize("wrong", ["true", 1, "yes", [], {}])
def test_a05_only_false_true_and_explicit_are_understood(heed: Heed, wrong: object) -> None:
    answer = heed.call("POST", "/v1/actions/check_consent", {"number": ADA, "requireOptIn": wrong})

    assert pointers(answer) == {"/require_opt_in": "not_allowed"}


def test_a05_a_yes_is_no_way_around_a_no_on_another_list(heed: Heed) -> None:
    a_list(heed)
    heed.act("record_opt_in", number=ADA, channel="sms")
    heed.act("add_to_opt_out", number=ADA, channel="sms", lists=["offers"])

    answer = heed.act("check_consent", number=ADA, channel="sms", lists=["offers"], require_opt_in=True)

    assert codes(answer) == ["opted_out"]


def test_s03_opted_out_is_not_blocked_transactional_passes_the_no_but_not_the_block(heed: Heed) -> None:
    heed.act("add_to_opt_out", recipients=recipients(ADA, BO))
    heed.call("PUT", "/v1/profiles/block", {"number": BO, "blocked": True})
    question = {"channel": "sms", "purpose": "transactional"}

    assert heed.act("check_consent", number=ADA, **question)["allowed"] is True
    assert codes(heed.act("check_consent", number=BO, **question)) == ["blocked"]


def test_a03_service_needs_a_message_of_the_person_within_a_day(heed: Heed) -> None:
    sender = heed.sender()
    heed.act("add_to_opt_out", recipients=recipients(ADA, BO, CY))
    says(heed, sender, "Where is my parcel?", ADA)
    question = {"channel": "sms", "purpose": "service"}

    assert heed.act("check_consent", number=ADA, **question)["allowed"] is True
    assert codes(heed.act("check_consent", number=BO, **question)) == ["no_consent"]
    heed.clock.pass_by(DAY + 1_000_000)
    assert codes(heed.act("check_consent", number=ADA, **question)) == ["no_consent"]


def test_a03_confirmation_is_ours_alone(heed: Heed) -> None:
    for action, more in (
        ("check_consent", {}),
        ("send_with_suppression", {"sender": heed.sender()["id"], "text": "x"}),
    ):
        answer = heed.call("POST", f"/v1/actions/{action}", {"number": ADA, "purpose": "confirmation", **more})
        assert pointers(answer) == {"/purpose": "not_allowed"}
