"""L05, L06, L07, L10: who is on a list, found in millions, added by hand, removed one or many at once."""

import pytest

from connector.store import entries
from tests.actions.people import ADA, BO, CY, MAIL, a_list, numbers, statuses
from tests.heed import Heed
from tests.oracles import key_with, other_organisation, pointers, problem, row_counts

ENTRIES = "/v1/lists/offers/entries"


def shown(heed: Heed, query: str = "", path: str = ENTRIES) -> list[str]:
    return [
        item.get("number") or item.get("email") or item["whatsapp_id"] for item in heed.get(f"{path}?{query}")["items"]
    ]


def test_l05_a_number_or_an_email_is_added_by_hand_though_nobody_knew_it(heed: Heed) -> None:
    a_list(heed)

    first = heed.post(ENTRIES, {"number": "(415) 555-0123", "channel": "sms", "reason": "rang us"})
    again = heed.post(ENTRIES, {"number": ADA, "channel": "sms"})
    mail = heed.post(ENTRIES, {"email": "Ada@Example.com", "channel": "email"})

    assert [statuses(one) for one in (first, again, mail)] == [["added"], ["already"], ["added"]]
    newest, oldest = heed.get(ENTRIES)["items"]
    assert newest["email"] == MAIL
    assert (oldest["number"], oldest["channel"], oldest["state"], oldest["source"]) == (ADA, "sms", "out", "operator")
    assert heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])["allowed"] is False
    (told,) = [e for e in heed.get(f"/v1/history?number={ADA}")["items"] if e["reason"]]
    assert (told["source"], told["reason"], told["list"]["key"]) == ("operator", "rang us", "offers")


def test_l05_what_cannot_be_is_refused_and_changes_nothing(heed: Heed) -> None:
    a_list(heed)
    rows = row_counts(heed)

    assert pointers(heed.call("POST", ENTRIES, {"number": "12"})) == {"/number": "invalid_address"}
    assert pointers(heed.call("POST", ENTRIES, {"number": ADA, "channel": "email"})) == {"/number": "invalid_address"}
    assert set(pointers(heed.call("POST", ENTRIES, {"number": ADA, "channel": "fax", "why": 1}))) == {
        "/channel",
        "/why",
    }
    assert pointers(heed.call("POST", ENTRIES, {"channel": "sms"})) == {"": "invalid_address"}
    problem(heed.call("POST", "/v1/lists/nowhere/entries", {"number": ADA}), 404)
    problem(heed.call("GET", ENTRIES, key=other_organisation(heed)), 404)
    assert {k: v for k, v in row_counts(heed).items() if k in ("entries", "events")} == {
        k: v for k, v in rows.items() if k in ("entries", "events")
    }


def test_l06_one_is_removed_or_many_at_once_with_a_line_for_each(heed: Heed) -> None:
    a_list(heed)
    for number in (ADA, BO, CY):
        heed.post(ENTRIES, {"number": number, "channel": "sms"})
    chosen = heed.get(ENTRIES)["items"][0]

    removed = heed.post(
        f"{ENTRIES}/remove",
        {"entries": [{"number": ADA, "channel": "sms"}, {"number": "12"}, {"id": chosen["id"]}, {"email": MAIL},
                     {"id": "ent_x"}, {"number": ADA, "channel": "email"}]},
    )  # fmt: skip

    assert statuses(removed) == ["removed", "rejected", "removed", "absent", "rejected", "rejected"]
    assert [removed["results"][2]["number"], removed["settled"]] == [CY, True]
    assert shown(heed) == [BO]
    assert set(shown(heed, "state=cleared")) == {ADA, CY}
    assert heed.act("check_consent", number=ADA, channel="sms", lists=["offers"])["allowed"] is True


def test_l06_an_entry_named_by_its_id_is_that_of_the_address_beside_it(heed: Heed) -> None:
    a_list(heed)
    for number in (ADA, BO, CY):
        heed.post(ENTRIES, {"number": number, "channel": "sms"})
    cy, bo, ada = [{"id": one["id"], "channel": "sms", "number": one["number"]} for one in heed.get(ENTRIES)["items"]]

    removed = heed.post(f"{ENTRIES}/remove", {"entries": [ada, {**bo, "number": "12"}, {**cy, "number": BO}]})

    assert statuses(removed) == ["removed", "rejected", "rejected"]
    assert [one["errors"][0]["code"] for one in removed["results"][1:]] == ["invalid_address"] * 2
    assert set(shown(heed)) == {BO, CY}


def test_l06_what_only_the_person_may_lift_stays(heed: Heed) -> None:
    a_list(heed, protect="person")
    heed.post(ENTRIES, {"number": ADA})

    assert statuses(heed.post(f"{ENTRIES}/remove", {"entries": [{"number": ADA}]})) == ["refused"]
    assert shown(heed) == [ADA]
    for number in ({}, True, 1.5, 99_999, "1" * 321):
        told = [{"number": ADA}, {"number": number, "id": "ent_x"}]
        assert set(pointers(heed.call("POST", f"{ENTRIES}/remove", {"entries": told}))) == {"/entries/1/number"}
    assert set(pointers(heed.call("POST", f"{ENTRIES}/remove", {"entries": []}))) == {"/entries"}
    assert set(pointers(heed.call("POST", f"{ENTRIES}/remove", {"entries": [{"channel": "x"}, 3]}))) == {
        "/entries/0/channel", "/entries/1",
    }  # fmt: skip


def test_l07_pages_are_newest_first_and_hold_while_others_write(heed: Heed) -> None:
    a_list(heed)
    people = list(numbers(25))
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in people], channel="sms", lists=["offers"])
    seen, cursor = [], ""
    while cursor is not None:
        page = heed.get(f"{ENTRIES}?limit=4&cursor={cursor}")
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        heed.post(ENTRIES, {"number": f"+1212555{len(seen):04}"})  # it is newer than all that is still to come
        heed.post(f"{ENTRIES}/remove", {"entries": [{"number": people[24]}]})

    assert seen == people[::-1]
    assert pointers(heed.call("GET", f"{ENTRIES}?cursor=x")) == {"/cursor": "bad_cursor"}


@pytest.mark.parametrize("many", [0, 5_000], ids=["walked", "looked up"])
def test_l07_a_part_of_an_address_finds_it(heed: Heed, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MANY", many)
    a_list(heed)
    everyone = [
        {"number": ADA}, {"number": "+447400123456"}, {"email": "ada.lovelace@mail.example.com"},
        {"whatsapp_id": "US.13491208655302741918"}, {"number": "+5511987654321"}, {"email": "zoë@example.org"},
    ]  # fmt: skip
    heed.act("add_to_opt_out", recipients=everyone, lists=["offers"])
    found = {
        "%2B14155550123": [ADA], "(415) 555": [ADA], "415": [ADA], "1415": [ADA], "%2B1415": [ADA], "0123": [ADA],
        "%2B44": ["+447400123456"], "0044740": ["+447400123456"], "456": ["+447400123456"],
        "ADA.": ["ada.lovelace@mail.example.com"], "@mail.example.com": ["ada.lovelace@mail.example.com"],
        "US.1349": ["13491208655302741918"], "%2B55 11 8765": ["+5511987654321"], "55119876": ["+5511987654321"],
        "lovelace": [], "23": [], "%2B0123": [], "zo%C3%AB": ["zoë@example.org"],
    }  # fmt: skip

    assert {q: [one.removeprefix("US.") for one in shown(heed, f"q={q}")] for q in found} == found
    assert pointers(heed.call("GET", f"{ENTRIES}?q=%00")) == {"/q": "bad_value"}


def test_l07_a_search_is_paged_as_the_rest(heed: Heed) -> None:
    a_list(heed)
    people = list(numbers(9))
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in people], lists=["offers"])
    first = heed.get(f"{ENTRIES}?q=%2B1415&limit=5")
    second = heed.get(f"{ENTRIES}?q=%2B1415&limit=5&cursor={first['next_cursor']}")

    assert [item["number"] for page in (first, second) for item in page["items"]] == people[::-1]
    assert second["next_cursor"] is None


def test_l10_a_third_party_reads_lists_and_entries_by_channel_list_and_kind_and_nothing_else(heed: Heed) -> None:
    a_list(heed, webhook_url="https://hooks.example/?secret=1")
    heed.post(ENTRIES, {"number": ADA, "channel": "sms"})
    heed.post(ENTRIES, {"number": BO, "channel": "whatsapp"})
    heed.post(ENTRIES, {"email": MAIL})
    heed.post("/v1/lists/default/entries", {"number": CY})
    theirs = key_with(heed, "lists:read")

    def read(query: str, path: str = ENTRIES) -> list[str]:
        answer = heed.call("GET", f"{path}?{query}", key=theirs)
        assert answer.status_code == 200, answer.text
        return [item.get("number") or item["email"] for item in answer.json["items"]]

    assert read("") == [MAIL, BO, ADA]
    assert read("channel=sms") == [ADA]
    assert read("kind=email") == [MAIL]
    assert read("kind=number") == [BO, ADA]
    assert read("", "/v1/lists/default/entries") == [CY]
    assert set(pointers(heed.call("GET", f"{ENTRIES}?kind=fax&channel=x&state=y"))) == {"/kind", "/channel", "/state"}
    assert "secret=1" not in heed.call("GET", "/v1/lists", key=theirs).text
    assert "secret=1" not in heed.call("GET", "/v1/lists/offers", key=theirs).text
    refused = [
        ("POST", ENTRIES), ("POST", f"{ENTRIES}/remove"), ("GET", "/v1/profiles"), ("GET", "/v1/history"),
        ("GET", "/v1/sends"), ("GET", "/v1/senders"), ("GET", "/v1/campaigns"), ("PATCH", "/v1/lists/offers"),
        ("GET", "/v1/keys"), ("PUT", "/v1/profiles/channels"),
        ("PUT", "/v1/profiles/lists"), ("GET", "/v1/defaults"), ("GET", "/v1/accounts"),
    ]  # fmt: skip
    assert heed.call("POST", "/v1/actions/check_consent", {"number": ADA}, key=theirs).status_code == 403
    assert {call: heed.call(*call, key=theirs).status_code for call in refused} == dict.fromkeys(refused, 403)
