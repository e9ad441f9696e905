"""S03: opted out is not blocked; and what a profile and a history show of a person."""

from tests.actions.people import ADA, BO, MAIL, MONDAY, a_list, codes
from tests.heed import Heed
from tests.oracles import pointers

NUMBER = f"number=%2B{ADA[1:]}"


def test_s03_a_profile_tells_opted_out_and_blocked_apart(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)
    out = heed.get(f"/v1/profiles?{NUMBER}")

    blocked = heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": True, "reason": "abuse"})

    assert out["blocked"] is False
    assert {flag["state"] for flag in out["channels"].values()} == {"out"}
    assert blocked.status_code == 200
    assert blocked.json["blocked"] is True
    assert blocked.json["channels"] == out["channels"]


def test_s03_a_block_stops_every_purpose_until_it_is_lifted_and_both_are_recorded(heed: Heed) -> None:
    heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": True, "reason": "abuse"})
    asked = [heed.act("check_consent", number=ADA, purpose=p) for p in ("marketing", "transactional", "service")]
    assert ["blocked" in codes(one) for one in asked] == [True] * 3

    heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": False})
    heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": False})  # nothing left to lift, nothing to tell

    assert heed.act("check_consent", number=ADA)["allowed"] is True
    states = [(e["state"], e["source"], e["reason"]) for e in heed.get(f"/v1/history?{NUMBER}")["items"]]
    assert states == [("not_blocked", "operator", None), ("blocked", "operator", "abuse")]


def test_s03_lifting_a_block_lifts_no_opt_out(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)
    for blocked in (True, False):
        heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": blocked})

    assert heed.act("check_consent", number=ADA)["allowed"] is False


def test_a_profile_has_the_shape_of_the_contract(heed: Heed) -> None:
    offers = a_list(heed)
    heed.act("add_to_opt_out", number=ADA, channel="sms", lists=["default", "offers"], occurred_at=MONDAY)

    profile = heed.get(f"/v1/profiles?{NUMBER}")

    assert set(profile) >= {"addresses", "blocked", "channels", "lists"}
    assert profile["channels"]["sms"] == {
        "state": "out", "default": "none", "since": MONDAY, "source": "action", "expires_at": None, "basis": None,
    }  # fmt: skip
    assert profile["channels"]["voice"] == {
        "state": "none", "default": "none", "since": None, "source": None, "expires_at": None, "basis": None,
    }  # fmt: skip
    assert "email" not in profile["channels"]
    assert {
        "id": offers["id"],
        "key": "offers",
        "name": "Offers",
        "channel": "sms",
        "state": "out",
        "since": MONDAY,
        "expires_at": None,
        "basis": None,
    } in (profile["lists"])


def test_a_plus_that_nobody_escaped_is_still_a_plus(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)

    assert heed.get(f"/v1/profiles?number={ADA}") == heed.get(f"/v1/profiles?{NUMBER}")


def test_history_is_newest_first_in_pages(heed: Heed) -> None:
    for n in range(5):
        heed.act("add_to_opt_out", number=ADA, reason=f"{n}")
    heed.act("add_to_opt_out", number=BO)
    seen, cursor = [], ""
    while cursor is not None:
        page = heed.get(f"/v1/history?{NUMBER}&limit=2&cursor={cursor}")
        seen += [event["reason"] for event in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["4", "3", "2", "1", "0"]


def test_nobody_is_asked_about_without_an_address(heed: Heed) -> None:
    for path in ("/v1/profiles", "/v1/history", "/v1/profiles?email="):
        assert pointers(heed.call("GET", path)) == {"": "recipient_needed"}
    assert pointers(heed.call("GET", "/v1/profiles?number=12")) == {"/number": "invalid_address"}
    assert heed.get(f"/v1/profiles?email={MAIL}")["addresses"] == [{"kind": "email", "value": MAIL}]


def test_s08_a_flag_and_lists_are_no_way_around_implied_consent(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=ADA)
    evidence = {"basis": "casl_purchase"}
    flag = {"number": ADA, "channel": "sms", "state": "in", "evidence": evidence}
    lists = {"number": ADA, "remove": ["default"], "evidence": evidence}

    for path, body in (("channels", flag), ("lists", lists)):
        assert pointers(heed.call("PUT", f"/v1/profiles/{path}", body)) == {"/evidence/basis": "contradicts"}

    assert heed.act("check_consent", number=ADA)["allowed"] is False
    assert [one["state"] for one in heed.get(f"/v1/history?{NUMBER}")["items"]] == ["out"]
    said = heed.call("PUT", "/v1/profiles/channels", {**flag, "evidence": {"basis": "a talk at the fair"}})
    assert said.status_code == 200
