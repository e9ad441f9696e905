"""A person erased over HTTP: address and evidence go from every table, the suppression stays (S07)."""

from sqlalchemy import select

from connector.store.tables import metadata
from tests.actions.people import says
from tests.heed import Heed
from tests.oracles import key_with, problem, row_counts

ADA, MAIL = "+14155550191", "Ada.Lovelace@Example.com"


def dump(heed: Heed) -> str:
    """Everything the database holds, as small text."""
    with heed.house.database.read() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(rows).lower()


def known_everywhere(heed: Heed, url: str) -> str:
    """Ada in every table that can hold her; answers the message that still waits for her."""
    sender = heed.sender(url)["id"]
    heed.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hook"})
    heed.post("/v1/contacts", {"number": ADA, "email": MAIL, "attributes": {"first_name": "Ada"}})
    evidence = {"form": f"of {MAIL}"}
    heed.act("record_opt_in", number=ADA, email=MAIL, channel="all", evidence=evidence, reason=f"wrote from {MAIL}")
    heed.post("/v1/actions/add_to_opt_out", {"number": "+14155550192", "reason": "another"}, Idempotency_Key="other")
    body = {"number": ADA, "channel": "whatsapp", "reason": "asked by phone"}
    heed.post("/v1/actions/add_to_opt_out", body, Idempotency_Key="ada-1")
    heed.house.notify.work(0.1)
    steps = [{"text": "Hello {{ first_name }}"}, {"delay": "P1D", "text": "Again"}]
    made = heed.post("/v1/campaigns", {"kind": "sequence", "name": "Welcome", "sender": sender, "steps": steps})["id"]
    heed.post(f"/v1/campaigns/{made}/start")
    heed.act("add_to_sequence", sequence=made, number=ADA, attributes={"first_name": "Ada L."})
    send = {"sender": sender, "number": ADA, "text": "Dear Ada Lovelace", "purpose": "transactional"}
    with heed.working():
        heed.act("send_with_suppression", **send)
    says(heed, heed.sender(url, number="+15005550007"), "Leave Lovelace alone", ADA, id="m-1")
    return heed.act("send_with_suppression", **send, send_at="2099-01-01T00:00:00Z")["id"]


def test_s07_an_erased_person_is_nowhere_and_stays_suppressed(heed: Heed, provider) -> None:
    waiting = known_everywhere(heed, provider.url)
    assert all(text in dump(heed) for text in ("14155550191", "lovelace"))

    erased = heed.post("/v1/profiles/erase", {"number": ADA, "email": MAIL})
    assert erased == {"erased": True, "settled": True}

    left = dump(heed)
    assert [text for text in ("14155550191", "lovelace", "asked by phone", "ada l.") if text in left] == []
    assert [text for text in ("14155550192", "another") if text not in left] == [], "nobody else was forgotten"
    assert heed.house.history.verify_all()["breaches"] == []
    for address in ({"number": ADA, "channel": "sms"}, {"email": MAIL, "channel": "email"}):
        assert next(r["code"] for r in heed.act("check_consent", **address)["reasons"]) == "erased"
    assert [row["status"] for row in heed.get(f"/v1/sends/{waiting}")["results"]] == ["suppressed"]
    heed.clock.pass_by(10**16)
    heed.work()
    assert heed.call("GET", "/v1/contacts?number=%2B14155550191").json["items"] == []


def test_s07_what_was_said_to_an_erased_person_alone_is_nowhere_in_any_part_of_it(heed: Heed, provider) -> None:
    sender = heed.sender(provider.url, channel="email")["id"]
    body = {
        "sender": sender, "email": MAIL, "purpose": "transactional", "subject": "Lovelace, your order",
        "text": "Dear Ms Lovelace", "html": "<p>Dear Ms Lovelace</p>",
    }  # fmt: skip
    with heed.working():
        heed.act("send_with_suppression", **body)
    assert dump(heed).count("lovelace") >= 3

    heed.post("/v1/profiles/erase", {"email": MAIL})

    assert "lovelace" not in dump(heed)


def test_s07_an_import_of_an_erased_person_changes_nothing(heed: Heed) -> None:
    heed.act("record_opt_in", number=ADA, channel="sms")
    heed.post("/v1/profiles/erase", {"number": ADA})
    row = f"number,state,occurred_at\n{ADA},in,2026-11-23T10:00:00Z\n"
    heed.app.test_client().post(
        "/v1/lists/default/import?async=1", data=row, content_type="text/csv",
        headers={"Authorization": f"Bearer {heed.key}"},
    )  # fmt: skip
    heed.work()
    heed.act("record_opt_in", number=ADA, channel="sms", evidence={"form": "a new one"})
    heed.act("remove_from_opt_out", number=ADA)

    assert heed.act("check_consent", number=ADA, channel="sms")["reasons"][0]["code"] == "erased"
    entries = heed.get("/v1/lists/default/entries?state=in")["items"]
    assert [one.get("number") for one in entries] == [None], "the address does not come back either"


def test_s07_their_own_new_word_lifts_it(heed: Heed, provider) -> None:
    sender = heed.sender(provider.url)
    heed.act("add_to_opt_out", number=ADA)
    heed.post("/v1/profiles/erase", {"number": ADA})
    heed.clock.pass_by(1_000_000)

    says(heed, sender, "START", ADA)

    assert heed.act("check_consent", number=ADA, channel="sms")["allowed"]
    assert heed.get("/v1/lists/default/entries?state=in")["items"][0]["number"] == ADA


def test_s07_an_old_message_that_is_delivered_again_brings_no_address_back(heed: Heed, provider) -> None:
    sender = heed.sender(provider.url)
    says(heed, sender, "The parcel came, thank you", ADA, id="m-1")
    heed.post("/v1/profiles/erase", {"number": ADA})

    again = says(heed, sender, "The parcel came, thank you", ADA, id="m-1")

    assert again["outcome"] == "duplicate"
    assert "14155550191" not in dump(heed)


def test_s07_a_repeat_of_a_keyed_call_says_that_its_answer_is_gone(heed: Heed) -> None:
    body = {"number": ADA, "channel": "sms"}
    heed.post("/v1/actions/add_to_opt_out", body, Idempotency_Key="k")
    heed.post("/v1/profiles/erase", {"number": ADA})

    before = row_counts(heed)

    problem(heed.call("POST", "/v1/actions/add_to_opt_out", body, Idempotency_Key="k"), 410, "gone")

    assert row_counts(heed) == before


def test_s07_erasing_is_for_admins_and_names_one_person(heed: Heed) -> None:
    assert heed.faults("/v1/profiles/erase", {}) != {}
    assert heed.call("POST", "/v1/profiles/erase", {"number": "12"}).status_code == 422
    weak = key_with(heed, "read", "write", "send")
    assert heed.call("POST", "/v1/profiles/erase", {"number": ADA}, key=weak).status_code == 403
