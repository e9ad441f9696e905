"""L09: lists for the organisation or for an account, and moving between the two without losing an opt-out."""

from typing import Any

import pytest

from connector.engine import moving
from tests.actions.people import ADA, BO, CY, MONDAY, TUESDAY, WEDNESDAY, a_list, numbers
from tests.heed import Heed
from tests.oracles import key_with, pointers, problem

SCOPES = ["read", "write", "send", "admin"]


def account(heed: Heed, name: str, **values: Any) -> tuple[str, str]:
    """An account's id, and a key for it."""
    made = heed.post("/v1/accounts", {"name": name, **values})["id"]
    return made, heed.post("/v1/keys", {"name": name, "scopes": SCOPES, "account": made})["key"]


def act(heed: Heed, key: str, action: str, **values: Any) -> Any:
    answer = heed.call("POST", f"/v1/actions/{action}", values, key=key)
    assert answer.status_code == 200, answer.text
    return answer.json


def out(heed: Heed, key: str, number: str, **values: Any) -> Any:
    return act(heed, key, "add_to_opt_out", number=number, channel="sms", **values)


def allowed(heed: Heed, key: str, number: str, **values: Any) -> bool:
    return act(heed, key, "check_consent", number=number, channel="sms", **values)["allowed"]


def move(heed: Heed, name: str, own: bool) -> None:
    answer = heed.call("PATCH", f"/v1/accounts/{name}", {"own_lists": own})
    assert (answer.status_code, answer.json["own_lists"], answer.json["settled"]) == (200, own, True), answer.text


def test_l09_b_keeps_its_own_while_a_and_c_share_and_neither_side_sees_the_other(heed: Heed) -> None:
    (_, a), (_, b), (_, c) = (account(heed, "A"), account(heed, "B", own_lists=True), account(heed, "C"))
    out(heed, a, ADA, reason="said to A")
    out(heed, b, BO, reason="said to B")

    assert [allowed(heed, key, ADA) for key in (a, b, c)] == [False, True, False]
    assert [allowed(heed, key, BO) for key in (a, b, c)] == [True, False, True]
    for key, mine, others in ((b, BO, ADA), (c, ADA, BO)):
        entries = heed.call("GET", "/v1/lists/default/entries", key=key).json["items"]
        assert [one["number"] for one in entries] == [mine]
        assert heed.call("GET", f"/v1/history?number={others}", key=key).json["items"] == []
        assert act(heed, key, "get_consent_history", number=others)["events"] == []
        profile = heed.call("GET", f"/v1/profiles?number={others}", key=key).json
        assert (profile["lists"], profile["channels"]["sms"]["state"]) == ([], "none")
    shared = heed.call("GET", "/v1/lists/default", key=a).json["id"]
    problem(heed.call("GET", f"/v1/lists/{shared}", key=b), 404)
    problem(heed.call("GET", f"/v1/lists/{shared}/entries", key=b), 404)


def test_l09_hard_facts_hold_for_the_whole_organisation(heed: Heed) -> None:
    (_, a), (_, b) = account(heed, "A"), account(heed, "B", own_lists=True)
    heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": True, "reason": "abuse"}, key=a)

    assert [allowed(heed, key, ADA) for key in (a, b)] == [False, False]
    assert [e["state"] for e in heed.call("GET", f"/v1/history?number={ADA}", key=b).json["items"]] == ["blocked"]


def test_l09_an_account_that_takes_its_own_lists_takes_every_word_along(heed: Heed) -> None:
    (_, a), (number, b) = account(heed, "A"), account(heed, "B")
    a_list(heed)
    out(heed, a, ADA, lists=["offers"], occurred_at=MONDAY)
    out(heed, b, BO)
    act(heed, a, "record_opt_in", number=CY, channel="sms", occurred_at=TUESDAY)

    move(heed, number, own=True)

    assert allowed(heed, b, ADA)
    assert not allowed(heed, b, ADA, lists=["offers"])
    assert not allowed(heed, b, BO)
    assert allowed(heed, b, CY, require_opt_in=True)
    (word,) = heed.call("GET", f"/v1/profiles?number={ADA}", key=b).json["lists"]
    assert (word["key"], word["since"]) == ("offers", MONDAY)
    out(heed, a, CY)
    out(heed, b, ADA)
    assert [allowed(heed, key, CY) for key in (a, b)] == [False, True]
    assert [allowed(heed, key, ADA) for key in (a, b)] == [True, False]
    assert heed.house.history.verify_all()["breaches"] == []


def test_l09_an_account_that_comes_back_leaves_every_opt_out_with_the_organisation(heed: Heed) -> None:
    (_, a), (number, b) = account(heed, "A"), account(heed, "B", own_lists=True)
    heed.call("POST", "/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]}, key=b)
    out(heed, b, ADA, occurred_at=MONDAY)
    out(heed, b, BO, lists=["offers"], occurred_at=MONDAY)
    act(heed, b, "record_opt_in", number=CY, channel="sms")
    act(heed, a, "record_opt_in", number=ADA, channel="all", occurred_at=TUESDAY)  # younger, but not said to B

    move(heed, number, own=False)

    for key in (a, b):
        assert not allowed(heed, key, ADA)
        assert not allowed(heed, key, BO, lists=["offers"])
        assert not allowed(heed, key, CY, require_opt_in=True)  # a yes to the account is no yes to the organisation
    assert (
        act(heed, a, "record_opt_in", number=ADA, channel="sms", occurred_at=WEDNESDAY)["results"][0]["status"]
        == "added"
    )
    assert allowed(heed, b, ADA)
    told = heed.call("GET", f"/v1/history?number={BO}", key=a).json["items"]
    assert [(e["state"], e["source"], e["at"]) for e in told] == [("out", "operator", MONDAY)]
    # And once more: what was retired does not come back.
    move(heed, number, own=True)
    assert not allowed(heed, b, BO, lists=["offers"])
    assert allowed(heed, b, ADA)
    move(heed, number, own=False)
    assert heed.house.history.verify_all()["breaches"] == []


@pytest.mark.parametrize("own", [True, False])
def test_l09_a_move_that_was_cut_off_goes_on_where_it_was(
    heed: Heed, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "SLICE", 7)
    number, key = account(heed, "B", own_lists=not own)
    people = list(numbers(30))
    before = heed.key if own else key
    act(heed, before, "add_to_opt_out", recipients=[{"number": one} for one in people[:20]], channel="sms")
    whole, done = moving.Moving._slice, []

    def dies(self: Any, *args: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return whole(self, *args)

    monkeypatch.setattr(moving.Moving, "_slice", dies)
    with pytest.raises(KeyboardInterrupt):
        heed.call("PATCH", f"/v1/accounts/{number}", {"own_lists": own})
    assert heed.get(f"/v1/accounts/{number}")["own_lists"] is not own
    act(heed, before, "add_to_opt_out", recipients=[{"number": one} for one in people[20:]], channel="sms")
    monkeypatch.setattr(moving.Moving, "_slice", whole)

    move(heed, number, own)
    move(heed, number, own)

    found = heed.call("GET", "/v1/lists/default/entries?limit=1000", key=key).json["items"]
    assert sorted(one["number"] for one in found) == people
    for one in people:  # said once, carried once; what was said on lists that were its own it sees as before
        events = heed.call("GET", f"/v1/history?number={one}", key=key).json["items"]
        assert [e["source"] for e in events] == (["operator"] if own else ["operator", "action"])
    assert heed.house.history.verify_all()["breaches"] == []


@pytest.mark.parametrize("own", [True, False])
def test_l09_a_campaign_made_before_the_move_is_governed_by_the_same_lists_after_it(
    heed: Heed, own: bool, provider: Any
) -> None:
    number, key = account(heed, "B", own_lists=not own)
    heed.call("POST", "/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]}, key=heed.key if own else key)
    sender = heed.sender(provider.url)["id"]
    body = {"kind": "broadcast", "name": "Sale", "sender": sender, "lists": ["offers"], "steps": [{"text": "x"}]}
    campaign = heed.call("POST", "/v1/campaigns", body, key=key).json["id"]
    heed.post(f"/v1/campaigns/{campaign}/enrol", {"recipients": [{"number": ADA}, {"number": BO}]})
    move(heed, number, own)
    problem(heed.call("DELETE", "/v1/lists/offers", key=key), 409, "list_in_use")
    out(heed, key, ADA, lists=["offers"])

    heed.post(f"/v1/campaigns/{campaign}/start")
    heed.work()

    report = heed.get(f"/v1/campaigns/{campaign}/report")
    assert (report["sent"], report["suppressed"], report["reasons"]) == (1, 1, {"opted_out": 1})


def test_l09_accounts_are_made_read_changed_and_deleted(heed: Heed) -> None:
    made = heed.call("POST", "/v1/accounts", {"name": "Shop", "region": "GB", "defaults": {"sms": "in"}})
    path = made.headers["Location"]

    assert made.status_code == 201
    assert made.json["defaults"] == {
        "sms": "in", "whatsapp": "none", "rcs": "none", "truecaller": "none", "voice": "none", "email": "none",
    }  # fmt: skip
    assert heed.get(path) == made.json
    changed = heed.call("PATCH", path, {"name": "Store", "defaults": {"email": "out"}}).json
    assert (changed["name"], changed["defaults"]["sms"], changed["defaults"]["email"]) == ("Store", "in", "out")
    assert [one["name"] for one in heed.get("/v1/accounts")["items"]] == ["Main", "Store"]
    key = heed.post("/v1/keys", {"name": "k", "scopes": ["read"], "account": made.json["id"]})
    assert (
        heed.call("GET", "/v1/profiles?number=07400123456", key=key["key"]).json["addresses"][0]["value"][:3] == "+44"
    )
    assert "keys" in problem(heed.call("DELETE", path), 409, "account_in_use")["detail"]
    heed.call("DELETE", f"/v1/keys/{key['id']}")
    assert heed.call("DELETE", path).json == {"deleted": True}
    problem(heed.call("GET", path), 404)


def test_l09_what_an_account_cannot_be(heed: Heed) -> None:
    main = heed.get("/v1/accounts")["items"][0]["id"]

    assert pointers(heed.call("POST", "/v1/accounts", {"name": "x", "region": "XX"})) == {"/region": "unknown_region"}
    wrong = {"own_lists": "yes", "defaults": {"sms": "maybe", "fax": "in"}}
    assert set(pointers(heed.call("POST", "/v1/accounts", wrong))) == {
        "/name", "/own_lists", "/defaults/sms", "/defaults/fax",
    }  # fmt: skip
    problem(heed.call("POST", "/v1/accounts", {"name": "Main"}), 409, "name_taken")
    problem(heed.call("DELETE", f"/v1/accounts/{main}"), 409, "account_in_use")
    problem(heed.call("PATCH", "/v1/accounts/acc_000000000000", {"own_lists": True}), 404)
    assert pointers(heed.call("POST", "/v1/keys", {"name": "k", "scopes": ["read"], "account": "acc_0"})) == {
        "/account": "unknown_account"
    }
    problem(heed.call("GET", "/v1/accounts", key=key_with(heed, "read", "write")), 403)


def test_l09_a_list_whose_words_would_not_be_clear_stops_the_move_before_it_begins(heed: Heed) -> None:
    number, b = account(heed, "B", own_lists=True)
    heed.call("POST", "/v1/lists", {"name": "Bargains", "keywords": ["NO OFFERS"]}, key=b)
    a_list(heed)

    refused = problem(heed.call("PATCH", f"/v1/accounts/{number}", {"own_lists": False}), 409, "keyword_collision")

    assert "'Bargains'" in refused["detail"]
    assert "'Offers'" in refused["detail"]
    assert heed.get(f"/v1/accounts/{number}")["own_lists"] is True
