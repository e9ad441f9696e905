"""A12: "Record opt-in", with what proves it and until when it holds."""

from connector.domain.instants import rfc3339
from tests.actions.people import ADA, BO, MAIL, MONDAY, TUESDAY, a_list, codes, recipients, statuses
from tests.heed import Heed
from tests.oracles import pointers

DAY = 24 * 3600 * 1_000_000


def test_a12_an_opt_in_lifts_an_earlier_opt_out_on_its_lists_only(heed: Heed) -> None:
    a_list(heed)
    heed.act("add_to_opt_out", number=ADA, lists=["default", "offers"])

    assert statuses(heed.act("record_opt_in", number=ADA, lists=["offers"])) == ["added"]

    asked = heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])
    assert [reason["list"]["key"] for reason in asked["reasons"]] == ["default"]


def test_a12_says_already_and_superseded(heed: Heed) -> None:
    first = heed.act("record_opt_in", number=ADA, occurred_at=TUESDAY)
    heed.act("add_to_opt_out", number=BO, occurred_at=TUESDAY)

    assert statuses(first) == ["added"]
    assert statuses(heed.act("record_opt_in", number=ADA)) == ["already"]
    assert statuses(heed.act("record_opt_in", number=BO, occurred_at=MONDAY)) == ["superseded"]
    assert heed.act("check_consent", number=BO)["allowed"] is False


def test_a12_consent_with_an_end_ends_by_itself(heed: Heed) -> None:
    heed.act("record_opt_in", number=ADA, channel="sms", expires_at=_in(heed, DAY))
    question = {"number": ADA, "channel": "sms", "require_opt_in": True}

    assert heed.act("check_consent", **question)["allowed"] is True
    heed.clock.pass_by(DAY + 1_000_000)

    assert codes(heed.act("check_consent", **question)) == ["consent_expired"]
    assert codes(heed.act("check_consent", **{**question, "require_opt_in": "explicit"})) == ["consent_expired"]
    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"] is True  # nobody asked for consent


def test_a12_an_end_that_is_no_time_is_a_fault(heed: Heed) -> None:
    for wrong in ("tomorrow", "2026-03-02", 5, "2999-01-01T00:00:00Z"):
        answer = heed.call("POST", "/v1/actions/record_opt_in", {"number": ADA, "expires_at": wrong})
        assert set(pointers(answer)) == {"/expires_at"}


def test_a12_a_batch_keeps_its_order_with_refused_people_in_it(heed: Heed) -> None:
    answer = heed.act("record_opt_in", recipients=[{"number": BO}, {"email": "x"}, {"email": MAIL}], channel="all")

    assert statuses(answer) == ["added", "rejected", "added"]
    assert answer["results"][1]["email"] == "x"


def test_a12_evidence_is_kept_whole(heed: Heed) -> None:
    evidence = {"text_shown": "Ja, schickt mir Angebote", "ip": "203.0.113.7", "n": 2**63 - 1, "deep": {"a": [1, None]}}

    heed.act("record_opt_in", recipients=recipients(ADA), channel="sms", evidence=evidence)

    assert heed.act("get_consent_history", number=ADA)["events"][0]["evidence"] == evidence


def _in(heed: Heed, micros: int) -> str:
    return rfc3339(heed.clock() + micros)
