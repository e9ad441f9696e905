"""A02: "Remove from opt-out"; and lists that protect a "no"."""

import pytest

from tests.actions.people import ADA, BO, CY, MAIL, MONDAY, TUESDAY, a_list, recipients, says, statuses
from tests.heed import Heed
from tests.oracles import pointers


def test_a02_says_per_list_removed_or_absent(heed: Heed) -> None:
    a_list(heed)
    heed.act("add_to_opt_out", number=ADA)

    results = heed.act("remove_from_opt_out", number=ADA, lists=["default", "offers"])["results"]

    assert [(one["list"]["key"], one["status"], bool(one["event"])) for one in results] == [
        ("default", "removed", True), ("offers", "absent", False),
    ]  # fmt: skip
    assert heed.act("check_consent", number=ADA)["allowed"] is True


def test_a02_removing_says_no_yes(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, channel="sms")
    heed.act("remove_from_opt_out", number=ADA, channel="sms")

    assert heed.act("check_consent", number=ADA, channel="sms", require_opt_in=True)["allowed"] is False


def test_a02_removing_leaves_a_yes_where_there_is_no_no(heed: Heed) -> None:
    heed.act("record_opt_in", number=ADA, channel="sms")

    assert statuses(heed.act("remove_from_opt_out", number=ADA)) == ["absent"]
    assert heed.act("check_consent", number=ADA, channel="sms", require_opt_in=True)["allowed"] is True


def test_a02_removing_for_all_lifts_what_was_said_on_one_channel(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, channel="sms")

    assert statuses(heed.act("remove_from_opt_out", number=ADA)) == ["removed"]
    assert heed.act("check_consent", number=ADA)["allowed"] is True


def test_a02_removing_for_one_channel_leaves_the_others_out(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)

    assert statuses(heed.act("remove_from_opt_out", number=ADA, channel="sms")) == ["removed"]
    allowed = {c: heed.act("check_consent", number=ADA, channel=c)["allowed"] for c in ("sms", "voice", "all")}
    assert allowed == {"sms": True, "voice": False, "all": False}


def test_a02_an_older_removal_is_superseded(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, occurred_at=TUESDAY)

    assert statuses(heed.act("remove_from_opt_out", number=ADA, occurred_at=MONDAY)) == ["superseded"]
    assert heed.act("check_consent", number=ADA)["allowed"] is False


def test_a02_a_batch_mixes_what_works_and_what_does_not(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)

    answer = heed.act("remove_from_opt_out", recipients=[{"number": BO}, {"number": "12"}, {"number": ADA}])

    assert statuses(answer) == ["absent", "rejected", "removed"]
    assert pointers(heed.call("POST", "/v1/actions/remove_from_opt_out", {"email": "x"})) == {
        "/email": "invalid_address"
    }


# protect, with evidence, what removing and what an opt-in answers
PROTECTED = [
    ("none", False, "removed", "added"),
    ("evidence", False, "refused", "refused"),
    ("evidence", True, "removed", "added"),
    ("person", False, "refused", "refused"),
    ("person", True, "refused", "refused"),  # only the person's own word lifts it
]


@pytest.mark.parametrize(("protect", "proof", "removal", "opt_in"), PROTECTED)
def test_a02_a_protected_list_lets_go_of_nobody_without_what_it_wants(
    heed: Heed, protect: str, proof: bool, removal: str, opt_in: str
) -> None:
    a_list(heed, protect=protect)
    evidence = {"evidence": {"form": "f-1"}} if proof else {"evidence": {}}
    heed.act("add_to_opt_out", recipients=[*recipients(ADA, BO), {"email": MAIL}], lists=["offers"])

    removed = heed.act("remove_from_opt_out", number=ADA, lists=["offers"], **evidence)
    opted_in = heed.act("record_opt_in", number=BO, lists=["offers"], **evidence)

    assert (statuses(removed), statuses(opted_in)) == ([removal], [opt_in])
    still_out = not heed.act("check_consent", number=ADA, lists=["offers"])["allowed"]
    assert still_out == (removal == "refused")


def test_a02_protection_is_of_a_no_and_of_nothing_else(heed: Heed) -> None:
    a_list(heed, protect="person")

    assert statuses(heed.act("remove_from_opt_out", number=ADA, lists=["offers"])) == ["absent"]
    assert statuses(heed.act("record_opt_in", number=BO, lists=["offers"])) == ["added"]
    assert statuses(heed.act("add_to_opt_out", number=CY, lists=["offers"])) == ["added"]


def test_a02_the_person_lifts_a_protected_no_by_keyword(heed: Heed) -> None:
    a_list(heed, protect="person", opt_in_keywords=["YES OFFERS"])
    heed.act("add_to_opt_out", number=ADA, lists=["offers"])

    says(heed, heed.sender(), "yes offers")

    assert heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])["allowed"] is True
