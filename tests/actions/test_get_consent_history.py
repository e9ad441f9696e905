"""A12: "Get consent history": every word of a person, newest first."""

import pytest

from tests.actions.people import ADA, BO, MAIL, a_list, says
from tests.heed import Heed
from tests.oracles import pointers


def test_s05_a12_every_word_newest_first_with_the_flags_and_the_lists(heed: Heed) -> None:
    offers = a_list(heed)
    heed.act("add_to_opt_out", number=ADA, channel="sms", reason="annoyed")
    heed.act("record_opt_in", number=ADA, lists=["offers"])
    says(heed, heed.sender(), "START")

    answer = heed.act("get_consent_history", number=ADA)

    assert [(e["state"], e["source"], e["channel"], e["list"]["key"]) for e in answer["events"]] == [
        ("in", "keyword", "sms", "default"), ("in", "action", "all", "offers"), ("out", "action", "sms", "default"),
    ]  # fmt: skip
    assert answer["channels"]["sms"]["state"] == "in"
    assert {(one["key"], one["channel"], one["state"]) for one in answer["lists"]} == {
        ("default", "sms", "in"), ("offers", "all", "in"),
    }  # fmt: skip
    assert offers["id"] in {one["id"] for one in answer["lists"]}


def test_a12_nobody_has_a_history_until_they_speak(heed: Heed) -> None:
    answer = heed.act("get_consent_history", email=MAIL)

    assert (answer["events"], answer["lists"]) == ([], [])
    never = dict.fromkeys(("since", "source", "expires_at", "basis"))
    assert answer["channels"] == {"email": {"state": "none", "default": "none", **never}}


@pytest.mark.parametrize("limit", [2, 2.0])
def test_a12_the_limit_holds(heed: Heed, limit: float) -> None:
    for _ in range(2):
        heed.act("add_to_opt_out", number=ADA)
        heed.act("remove_from_opt_out", number=ADA)

    assert len(heed.act("get_consent_history", number=ADA, limit=limit)["events"]) == 2
    for wrong, code in ((0, "too_small"), (1001, "too_large"), (1.5, "wrong_type"), ("2", "wrong_type")):
        answer = heed.call("POST", "/v1/actions/get_consent_history", {"number": ADA, "limit": wrong})
        assert pointers(answer) == {"/limit": code}


def test_a12_it_is_one_persons_and_nobody_elses(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=BO)

    assert heed.act("get_consent_history", number=ADA)["events"] == []
    assert pointers(heed.call("POST", "/v1/actions/get_consent_history", {"number": "12"})) == {
        "/number": "invalid_address"
    }
