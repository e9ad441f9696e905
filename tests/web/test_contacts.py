"""Contacts and groups over HTTP: whom an organisation knows, who passes an opt-out, the copy (L11, L12)."""

import csv
import io
import json
from urllib.parse import quote

import pytest
from werkzeug.http import parse_options_header

from tests.heed import Heed
from tests.oracles import key_with, problem

ADA, BO, CY = "+14155550101", "+14155550102", "+14155550103"


def group(heed: Heed, name: str = "Readers", **values) -> str:
    return heed.post("/v1/groups", {"name": name, **values})["id"]


def join(heed: Heed, name: str, *people: dict) -> list[str]:
    results = heed.post(f"/v1/groups/{name}/members", {"recipients": list(people)})["results"]
    return [row["status"] for row in results]


def sendable(heed: Heed, name: str, query: str = "") -> list[dict]:
    answer = heed.call("GET", f"/v1/groups/{name}/sendable{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_contact_is_made_found_changed_and_forgotten(heed: Heed) -> None:
    made = heed.post("/v1/contacts", {"number": "(415) 555-0101", "attributes": {"first_name": "Ada", "age": 36}})
    assert made["number"] == ADA
    assert made["groups"] == []
    path = f"/v1/contacts/{made['id']}"
    assert heed.call("POST", "/v1/contacts", {"number": ADA}).json["type"].endswith("contact_exists")

    readers = group(heed)
    change = {"email": "Ada@Example.com", "attributes": {"age": None, "city": "Turin"}, "groups": ["readers"]}
    changed = heed.call("PATCH", path, change).json
    assert changed["email"] == "Ada@example.com"
    assert changed["attributes"] == {"first_name": "Ada", "city": "Turin"}
    assert changed["groups"] == [{"id": readers, "name": "Readers"}]
    assert heed.get("/v1/contacts?email=ada%40EXAMPLE.com")["items"] == [heed.get(path)]
    assert heed.get(f"/v1/contacts?group={readers}")["items"][0]["id"] == made["id"]

    assert heed.call("PATCH", path, {"number": None}).json["number"] is None
    assert heed.call("PATCH", path, {"email": None}).status_code == 422
    assert heed.call("DELETE", path).json == {"deleted": True}
    assert heed.call("GET", path).status_code == 404
    assert heed.get(f"/v1/groups/{readers}")["members"] == 0


def test_people_put_into_a_group_are_contacts_each_once(heed: Heed) -> None:
    readers = group(heed)
    people = [
        {"number": ADA, "attributes": {"first_name": "Ada"}},
        {"number": ADA, "email": "ada@example.com"},
        {"email": "bo@example.com"},
        {"number": "12"},
    ]
    assert join(heed, readers, *people) == ["added", "already", "added", "rejected"]
    assert join(heed, readers, {"email": "ada@example.com"}) == ["already"]

    (ada,) = heed.get("/v1/contacts?email=ada%40example.com")["items"]
    assert (ada["number"], ada["attributes"]) == (ADA, {"first_name": "Ada"})
    assert heed.get(f"/v1/groups/{readers}")["members"] == 2


def test_contacts_are_paged_in_a_stable_order(heed: Heed) -> None:
    readers = group(heed)
    join(heed, readers, *({"number": f"+1415555{n:04}"} for n in range(100, 125)))
    seen, cursor = [], ""
    while cursor is not None:
        page = heed.get(f"/v1/contacts?limit=10&group={readers}" + (f"&cursor={cursor}" if cursor else ""))
        seen += [one["number"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == [f"+1415555{n:04}" for n in range(100, 125)]


def test_l11_the_filtered_copy_leaves_out_who_may_not_be_messaged(heed: Heed) -> None:
    readers = group(heed)
    heed.post("/v1/lists", {"name": "News", "keywords": ["STOP NEWS"]})
    everyone = [{"number": n, "attributes": {"first_name": f"n{n[-1]}"}} for n in (ADA, BO, CY)]
    join(heed, readers, *everyone, {"number": "+14155550104", "email": "di@example.com"}, {"email": "ed@example.com"})
    heed.act("add_to_opt_out", number=BO, channel="sms")
    heed.act("add_to_opt_out", number=CY, channel="whatsapp", lists=["news"])
    heed.act("add_to_opt_out", email="di@example.com")

    copy = sendable(heed, readers, "?channel=sms&lists=default")
    assert sorted(row["number"] for row in copy) == [ADA, CY, "+14155550104"]
    assert {row["email"] for row in copy} == {""}, "an address that was not asked about is not handed out"
    assert json.loads(next(row["attributes"] for row in copy if row["number"] == ADA)) == {"first_name": "n1"}
    assert [row["number"] for row in sendable(heed, readers, "?channel=whatsapp&lists=news")] != []
    assert CY not in [row["number"] for row in sendable(heed, readers, "?channel=whatsapp&lists=news")]
    assert [row["email"] for row in sendable(heed, readers, "?channel=email")] == ["ed@example.com"]
    # For every channel at once: nobody with a "no" on any of them.
    assert {row["number"] or row["email"] for row in sendable(heed, readers)} == {ADA, CY, "ed@example.com"}

    lines = heed.call("GET", f"/v1/groups/{readers}/sendable?channel=email&format=jsonl").text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"number": None, "email": "ed@example.com", "whatsapp_id": None, "attributes": {}}
    ]


def test_l11_the_copy_says_what_the_check_says(heed: Heed) -> None:
    readers = group(heed)
    people = [f"+1415555{n:04}" for n in range(200, 260)]
    join(heed, readers, *({"number": n} for n in people))
    heed.act("add_to_opt_out", recipients=[{"number": n} for n in people[::3]], channel="sms")
    heed.act("record_opt_in", recipients=[{"number": n} for n in people[1::3]], channel="sms")
    for number in people[1::9]:
        heed.call("PUT", "/v1/profiles/block", {"number": number, "blocked": True})
    for asked in ({}, {"require_opt_in": "true"}, {"purpose": "transactional"}):
        checked = heed.act(
            "check_consent", recipients=[{"number": n} for n in people], channel="sms",
            **{name: value == "true" if name == "require_opt_in" else value for name, value in asked.items()},
        )  # fmt: skip
        allowed = {one["recipient"]["number"] for one in checked["decisions"] if one["allowed"]}
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        assert {row["number"] for row in sendable(heed, readers, f"?channel=sms&{query}")} == allowed
        assert 0 < len(allowed) < len(people)


def test_l11_what_a_copy_can_t_be_is_said(heed: Heed) -> None:
    readers = group(heed)
    answer = heed.call("GET", f"/v1/groups/{readers}/sendable?channel=pigeon&format=xls&lists=default")
    assert {fault["pointer"] for fault in answer.json["errors"]} == {"/channel", "/format"}
    assert heed.call("GET", f"/v1/groups/{readers}/sendable?lists=nowhere").status_code == 422
    assert heed.call("GET", "/v1/groups/nobody/sendable").status_code == 404
    assert heed.call("GET", f"/v1/groups/{readers}/sendable", key=key_with(heed, "read")).status_code == 403


def test_l12_a_bypass_needs_the_flag_the_scope_and_the_call(heed: Heed, provider) -> None:
    vip, plain = group(heed, "Board", bypass=True), group(heed, "Plain")
    sender = heed.sender(provider.url)["id"]
    join(heed, vip, {"number": ADA})
    join(heed, plain, {"number": BO})
    for number in (ADA, BO):
        heed.act("add_to_opt_out", number=number)

    assert heed.act("check_consent", number=ADA, bypass_groups=[vip])["allowed"]
    assert not heed.act("check_consent", number=ADA)["allowed"]
    assert not heed.act("check_consent", number=BO, bypass_groups=["board"])["allowed"]
    assert heed.faults("/v1/actions/check_consent", {"number": BO, "bypass_groups": [plain]}) == {
        "/bypass_groups/0": "no_bypass"
    }
    assert heed.faults("/v1/actions/check_consent", {"number": BO, "bypass_groups": ["nobody"]}) == {
        "/bypass_groups/0": "unknown_group"
    }
    weak = key_with(heed, "read", "write", "send")
    send = {"sender": sender, "text": "To the board", "recipients": [{"number": ADA}, {"number": BO}]}
    for name in ("check_consent", "send_with_suppression"):
        body = {"number": ADA} if name == "check_consent" else send
        answer = heed.call("POST", f"/v1/actions/{name}", {**body, "bypass_groups": [vip]}, key=weak)
        assert answer.status_code == 403
    assert heed.call("POST", "/v1/groups", {"name": "Mine", "bypass": True}, key=weak).status_code == 403
    assert heed.call("POST", f"/v1/groups/{vip}/members", {"number": BO}, key=weak).status_code == 403

    with heed.working():
        sent = heed.act("send_with_suppression", **send, bypass_groups=[vip])
    assert [row["status"] for row in sent["results"]] == ["sent", "suppressed"]
    assert sent["results"][1]["error"] == "Optout Number"
    assert {one.to for one in provider.handoffs() if one.text == "To the board"} == {ADA}


def test_l12_a_group_that_a_direct_send_once_named_can_be_deleted_when_that_is_over(heed: Heed, provider) -> None:
    vip, sender = group(heed, "Board", bypass=True), heed.sender(provider.url)["id"]
    send = {"sender": sender, "number": ADA, "text": "Hello", "bypass_groups": [vip], "async": True}
    heed.act("send_with_suppression", **send)
    assert heed.call("DELETE", f"/v1/groups/{vip}").json["type"] == "urn:heed:problem:group_in_use"

    heed.work()

    assert heed.call("DELETE", f"/v1/groups/{vip}").status_code == 200


def test_l12_nobody_comes_into_a_bypass_group_without_the_scope_on_any_road(heed: Heed) -> None:
    vip, plain, weak = group(heed, "Board", bypass=True), group(heed, "Plain"), key_with(heed, "read", "write")
    member = heed.post("/v1/contacts", {"number": ADA, "groups": [vip]})
    other = heed.post("/v1/contacts", {"number": BO, "groups": [plain]})
    path, mine = f"/v1/contacts/{other['id']}", f"/v1/contacts/{member['id']}"

    refused = [
        heed.call("POST", "/v1/contacts", {"number": CY, "groups": [plain, vip]}, key=weak),
        heed.call("PATCH", path, {"groups": [plain, "board"]}, key=weak),
        # An address more of who is in it, or another one, comes into the group with them.
        heed.call("PATCH", mine, {"email": "cy@shop.example"}, key=weak),
        heed.call("PATCH", mine, {"number": CY}, key=weak),
        heed.call(
            "POST", f"/v1/groups/{plain}/members", {"recipients": [{"number": ADA, "email": "cy@x.example"}]}, key=weak
        ),
    ]

    for answer in refused:
        problem(answer, 403)
    assert heed.get(mine) == member
    assert heed.get(path) == other
    assert [one["members"] for one in heed.get("/v1/groups")["items"]] == [1, 1]
    # What brings nobody in is no matter of the scope.
    assert heed.call("PATCH", mine, {"attributes": {"city": "Turin"}, "number": ADA}, key=weak).status_code == 200
    assert heed.call("PATCH", mine, {"groups": [vip, plain]}, key=weak).status_code == 200
    assert heed.call("POST", f"/v1/groups/{plain}/members", {"number": ADA}, key=weak).status_code == 200
    assert heed.call("PATCH", path, {"groups": [vip], "email": "bo@shop.example"}).status_code == 200
    assert heed.call("PATCH", path, {"groups": [plain], "number": CY}, key=weak).status_code == 200


def test_l12_what_is_deleted_while_a_message_passes_by_it_says_so(heed: Heed) -> None:
    vip, sender = group(heed, "Board", bypass=True), heed.sender()["id"]
    also = group(heed, "Council", bypass=True)
    contact = heed.post("/v1/contacts", {"number": ADA, "groups": [vip, also]})
    heed.act("add_to_opt_out", number=ADA)
    send = {"sender": sender, "number": ADA, "text": "Hi", "bypass_groups": [vip], "async": True}
    heed.post("/v1/actions/send_with_suppression", send)
    token = heed.house.incarnations.token()
    assert heed.house.sender._claims.claim(range(256), token) == []  # now the history tells of it
    assert heed.house.sender._claims.claim(range(256), token)
    heed.house.settling._limit_s = 0.05

    gone = [heed.call("DELETE", f"/v1/groups/{also}"), heed.call("DELETE", f"/v1/contacts/{contact['id']}")]

    assert [(one.status_code, one.json) for one in gone] == [(202, {"deleted": True, "settled": False})] * 2


def test_l12_a_use_of_a_bypass_is_in_the_history(heed: Heed, provider) -> None:
    vip, sender = group(heed, "Board", bypass=True), heed.sender(provider.url)["id"]
    join(heed, vip, {"number": ADA}, {"number": BO})
    heed.act("add_to_opt_out", number=ADA)
    send = {"sender": sender, "text": "Hello", "bypass_groups": [vip]}
    with heed.working():
        sent = heed.act("send_with_suppression", **send, recipients=[{"number": ADA}, {"number": BO}])
    assert [row["status"] for row in sent["results"]] == ["sent", "sent"]

    states = [event["state"] for event in heed.get("/v1/history?number=%2B14155550101")["items"]]
    assert states == ["bypassed", "out"]
    newest = heed.get("/v1/history?number=%2B14155550101")["items"][0]
    assert newest["reason"] == "member of Board"
    assert newest["evidence"]["send"].startswith("msg_")
    assert heed.get("/v1/history?number=%2B14155550102")["items"] == [], "who never objected passed nothing"


def test_l12_a_bypass_passes_the_opt_out_and_nothing_else(heed: Heed) -> None:
    vip = group(heed, "Board", bypass=True)
    join(heed, vip, {"number": ADA})
    heed.act("add_to_opt_out", number=ADA)
    heed.call("PUT", "/v1/profiles/block", {"number": ADA, "blocked": True})

    checked = heed.act("check_consent", number=ADA, bypass_groups=[vip])
    assert [reason["code"] for reason in checked["reasons"]] == ["blocked"]


def test_l12_a_bypass_that_is_taken_away_stops_what_was_waiting(heed: Heed, provider) -> None:
    vip, sender = group(heed, "Board", bypass=True), heed.sender(provider.url)["id"]
    join(heed, vip, {"number": ADA}, {"number": BO}, {"number": CY})
    heed.act("add_to_opt_out", recipients=[{"number": n} for n in (ADA, BO, CY)])
    later = heed.act(
        "send_with_suppression", sender=sender, text="Later", bypass_groups=[vip], send_at="2099-01-01T00:00:00Z",
        recipients=[{"number": ADA}, {"number": BO}, {"number": CY}],
    )  # fmt: skip
    left = heed.post(f"/v1/groups/{vip}/members/remove", {"number": ADA})
    assert left["results"][0]["status"] == "removed"
    assert left["settled"]
    assert next(row["status"] for row in heed.get(f"/v1/sends/{later['id']}")["results"]) == "suppressed"

    (bo,) = heed.get("/v1/contacts?number=%2B14155550102")["items"]
    assert heed.call("DELETE", f"/v1/contacts/{bo['id']}").status_code == 200
    assert heed.call("PATCH", f"/v1/groups/{vip}", {"bypass": False}).json["settled"]
    heed.clock.pass_by(10**16)
    heed.work()
    results = heed.get(f"/v1/sends/{later['id']}")["results"]
    assert [row["error"] for row in results] == ["Optout Number"] * 3
    assert not [one for one in provider.handoffs() if one.text == "Later"]


def test_a_group_that_a_campaign_needs_stays(heed: Heed) -> None:
    vip, sender = group(heed, "Board", bypass=True), heed.sender()["id"]
    steps = [{"text": "Hello"}]
    campaign = {"kind": "broadcast", "name": "May", "sender": sender, "steps": steps, "bypass_groups": [vip]}
    made = heed.post("/v1/campaigns", campaign)
    assert made["bypass_groups"] == [vip]
    refused = heed.call("DELETE", f"/v1/groups/{vip}")
    assert refused.status_code == 409
    assert "May" in refused.json["detail"]
    heed.post(f"/v1/campaigns/{made['id']}/cancel")


def test_groups_have_names_of_their_own(heed: Heed) -> None:
    group(heed, "Board")
    assert heed.call("POST", "/v1/groups", {"name": "BOARD"}).status_code == 409
    offered = heed.get("/v1/options/groups")["options"]
    assert [one["label"] for one in offered] == ["Board"]


@pytest.mark.parametrize(
    "name", ["Grüße", 'so "called"', "two\nlines", "a; b=c, d", "\\", "名前", "x\r\nSet-Cookie: a=b"]
)
def test_the_file_of_a_group_is_named_after_it_whatever_its_letters(heed: Heed, name: str) -> None:
    heed.post("/v1/groups", {"name": name})

    answer = heed.call("GET", f"/v1/groups/{quote(name, safe='')}/sendable")

    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers
    kind, options = parse_options_header(answer.headers["Content-Disposition"])
    assert (kind, options["filename"]) == ("attachment", f"{name}.csv".replace("\r", "_").replace("\n", "_"))


def test_l11_a_group_is_renamed_and_an_address_that_is_none_is_named(heed: Heed) -> None:
    board = group(heed, "Board")

    renamed = heed.call("PATCH", f"/v1/groups/{board}", {"name": "Council"})

    assert (renamed.status_code, renamed.json["name"]) == (200, "Council")
    assert [one["name"] for one in heed.get("/v1/groups")["items"]] == ["Council"]
    assert heed.faults("/v1/contacts", {"number": "12"}).keys() == {"/number"}
