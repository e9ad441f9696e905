"""S08: consent that ends by itself, and what it rests on."""

from typing import Any

from connector.domain.basis import months_after
from connector.domain.instants import DAY, MINUTE, parse_rfc3339, rfc3339
from tests.actions.people import ADA, BO, CY, a_list, codes, statuses
from tests.heed import Heed
from tests.oracles import pointers
from tests.web.test_imports import bring, counts, export, rejected

RECORD = "/v1/actions/record_opt_in"
PROFILE = f"/v1/profiles?number={ADA}"


def asked(heed: Heed, number: str = ADA, require: Any = True) -> list[str]:
    return codes(heed.act("check_consent", number=number, channel="sms", require_opt_in=require))


def buys(heed: Heed, number: str = ADA, basis: str = "casl_purchase", channel: str = "sms", **more: Any) -> Any:
    return heed.act("record_opt_in", number=number, channel=channel, basis=basis, **more)


def test_s08_implied_consent_ends_by_itself_after_24_or_6_calendar_months(heed: Heed) -> None:
    for number, basis, months in ((ADA, "casl_purchase", 24), (BO, "casl_inquiry", 6)):
        start = heed.clock()
        buys(heed, number, basis, occurred_at=rfc3339(start))
        end = months_after(start, months)
        assert asked(heed, number) == []

        heed.clock.pass_by(end - heed.clock() - MINUTE)
        assert asked(heed, number) == asked(heed, number, "explicit") == []
        heed.clock.pass_by(2 * MINUTE)

        assert asked(heed, number) == asked(heed, number, "explicit") == ["consent_expired"]
        assert asked(heed, number, False) == []  # nobody asked for consent


def test_s08_express_consent_has_no_end(heed: Heed) -> None:
    buys(heed, basis="express")
    heed.act("record_opt_in", number=BO, channel="sms")
    heed.clock.pass_by(3_000 * DAY)

    assert asked(heed, ADA) == asked(heed, BO) == []


def test_s08_the_basis_and_the_end_are_sealed_and_shown(heed: Heed) -> None:
    a_list(heed)
    heed.act("record_opt_in", number=ADA, channel="sms", lists=["default", "offers"], basis="casl_inquiry",
             occurred_at="2026-08-31T10:00:00Z", evidence={"order": "4711"})  # fmt: skip
    end = "2027-02-28T10:00:00Z"

    profile = heed.get(PROFILE)
    flag = profile["channels"]["sms"]
    assert (flag["state"], flag["expires_at"], flag["basis"]) == ("in", end, "casl_inquiry")
    assert {(one["expires_at"], one["basis"]) for one in profile["lists"]} == {(end, "casl_inquiry")}
    assert profile["channels"]["voice"]["expires_at"] is None
    (first, second) = heed.get(f"/v1/history?number={ADA}")["items"]
    assert first["evidence"] == second["evidence"] == {"order": "4711", "basis": "casl_inquiry", "expires_at": end}
    (entry,) = heed.get("/v1/lists/offers/entries?state=in")["items"]
    assert entry["expires_at"] == end
    assert export(heed, "?state=in", "offers").splitlines()[1].endswith(",2027-02-28T10:00:00.000000Z,casl_inquiry")
    assert heed.house.history.verify_all()["breaches"] == []


def test_s08_an_earlier_end_wins_and_a_later_one_is_a_fault(heed: Heed) -> None:
    at = "2026-03-31T10:00:00Z"
    buys(heed, basis="casl_inquiry", occurred_at=at, expires_at="2026-04-01T00:00:00Z")
    assert heed.get(PROFILE)["channels"]["sms"]["expires_at"] == "2026-04-01T00:00:00Z"
    body = {"number": BO, "basis": "casl_inquiry", "occurred_at": at}

    assert heed.faults(RECORD, {**body, "expires_at": "2026-09-30T10:00:01Z"}) == {"/expires_at": "contradicts"}
    assert heed.faults(RECORD, {**body, "basis": "casl"}) == {"/basis": "not_allowed"}
    for evidence in ({"basis": "casl_purchase"}, {"basis": "a talk"}):
        assert heed.faults(RECORD, {**body, "evidence": evidence}) == {"/evidence/basis": "contradicts"}
    hidden = {"number": BO, "evidence": {"basis": "casl_inquiry"}}
    assert heed.faults(RECORD, hidden) == {"/evidence/basis": "contradicts"}
    assert heed.get(f"/v1/history?number={BO}")["items"] == []
    heed.act("record_opt_in", number=BO, evidence={"basis": "a talk at the fair"})


def test_s08_implied_consent_lifts_no_opt_out_and_shortens_no_longer_consent(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA, channel="sms")
    buys(heed, BO, "express")
    buys(heed, CY, "casl_inquiry")
    held = {number: heed.get(f"/v1/profiles?number={number}")["channels"]["sms"] for number in (ADA, BO)}

    assert [statuses(buys(heed, number)) for number in (ADA, BO, CY)] == [["refused"], ["already"], ["already"]]

    for number, flag in held.items():
        assert heed.get(f"/v1/profiles?number={number}")["channels"]["sms"] == flag
    renewed = heed.get(f"/v1/profiles?number={CY}")["channels"]["sms"]
    assert renewed["basis"] == "casl_purchase"
    assert len(heed.get(f"/v1/history?number={BO}")["items"]) == 2  # the purchase stands in the history all the same
    heed.act("record_opt_in", number=CY, channel="sms")
    assert heed.get(f"/v1/profiles?number={CY}")["channels"]["sms"]["expires_at"] is None


def test_s08_a_purchase_about_every_channel_leaves_the_express_one_alone(heed: Heed) -> None:
    buys(heed, basis="express")
    buys(heed, channel="all")
    heed.clock.pass_by(1_000 * DAY)

    assert asked(heed) == []
    assert codes(heed.act("check_consent", number=ADA, channel="whatsapp", require_opt_in=True)) == ["consent_expired"]
    assert heed.house.history.verify_all()["breaches"] == []


def test_s08_a_list_of_implied_consent_is_imported_and_what_is_over_is_not_live(heed: Heed) -> None:
    now = heed.clock()
    live, over = rfc3339(now - 100 * DAY), rfc3339(now - 200 * DAY)
    heed.act("add_to_opt_out", number=CY, channel="sms", occurred_at=over)
    rows = [
        f"{ADA},sms,in,{live},casl_inquiry,,bought",
        f"{BO},sms,in,{over},casl_inquiry,,bought",
        f"{CY},sms,in,{live},casl_purchase,,bought",  # has said no
        "+14155550130,sms,in,,casl_purchase,,",  # since when?
        f"+14155550131,sms,,{live},casl_purchase,,",  # a basis of what?
        f"+14155550132,sms,in,{live},handshake,,",
        f"+14155550133,sms,in,{live},casl_inquiry,2099-01-01T00:00:00Z,",
    ]  # fmt: skip

    ended = bring(heed, "number,channel,state,occurred_at,basis,expires_at,reason\n" + "\n".join(rows))

    assert counts(ended) == {"imported": 2, "refused": 1, "rejected": 4}
    assert [reason.partition(":")[0] for _, reason, _ in rejected(heed, ended)] == [
        "occurred_at", "basis", "basis", "expires_at",
    ]  # fmt: skip
    assert [asked(heed, number) for number in (ADA, BO, CY)] == [[], ["consent_expired"], ["opted_out"]]
    (event,) = heed.get(f"/v1/history?number={ADA}")["items"]
    assert event["evidence"]["basis"] == "casl_inquiry"
    flag = heed.get(PROFILE)["channels"]["sms"]
    assert flag["expires_at"] == rfc3339(months_after(parse_rfc3339(live), 6)) == event["evidence"]["expires_at"]
    heed.clock.pass_by(100 * DAY)
    assert asked(heed) == ["consent_expired"]
    assert counts(bring(heed, export(heed))) == {"already": 3}  # out and in again, nothing changes


def test_s08_an_import_shortens_no_consent_that_lasts_longer(heed: Heed) -> None:
    heed.act("record_opt_in", number=ADA, channel="sms", occurred_at="2026-01-01T00:00:00Z")
    row = f"{ADA},sms,in,{rfc3339(heed.clock() - DAY)},casl_inquiry"

    assert counts(bring(heed, f"number,channel,state,occurred_at,basis\n{row}\n")) == {"already": 1}

    assert heed.get(PROFILE)["channels"]["sms"]["expires_at"] is None


def test_s08_who_is_to_be_asked_again_soon_can_be_listed(heed: Heed) -> None:
    buys(heed, ADA, "casl_inquiry")
    buys(heed, BO, "casl_purchase")
    buys(heed, CY, "express")
    soon = rfc3339(months_after(heed.clock(), 7))
    path = "/v1/lists/default/entries?expires_before="

    assert [one["number"] for one in heed.get(path + soon)["items"]] == [ADA]
    later = rfc3339(months_after(heed.clock(), 25))
    first = heed.get(f"{path}{later}&limit=1")
    assert [one["number"] for one in first["items"]] == [BO]
    rest = heed.get(f"{path}{later}&limit=1&cursor={first['next_cursor']}")
    assert [one["number"] for one in rest["items"]] == [ADA]
    assert heed.get(f"{path}{soon}&state=out")["items"] == []
    assert pointers(heed.call("GET", path + "soon")) == {"/expires_before": "bad_format"}
