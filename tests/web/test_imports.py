"""Files into a list and out of it again (L07, L13)."""

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.heed import Heed
from tests.oracles import key_with, pointers, problem, row_counts

PEOPLE = [f"+1415{5_550_000 + place}" for place in range(30)]


def send(heed: Heed, body: bytes | str, query: str = "", *, kind: str = "text/csv", name: str = "default") -> Any:
    data = body.encode() if isinstance(body, str) else body
    return heed.app.test_client().post(
        f"/v1/lists/{name}/import{query}", data=data, content_type=kind,
        headers={"Authorization": f"Bearer {heed.key}"},
    )  # fmt: skip


def bring(heed: Heed, body: bytes | str, query: str = "", **how: Any) -> Any:
    """An import, worked off; its end."""
    answer = send(heed, body, query + ("&" if "?" in query else "?") + "async=1", **how)
    assert answer.status_code == 202, answer.text
    heed.work()
    ended = heed.get(answer.headers["Location"])
    assert sum(ended[name] for name in ("imported", "already", "superseded", "refused", "rejected")) == ended["rows"]
    return ended


def counts(ended: Any) -> dict[str, int]:
    names = ("imported", "already", "superseded", "refused", "rejected")
    return {name: ended[name] for name in names if ended[name]}


def states(heed: Heed, number: str) -> dict[str, str]:
    profile = heed.get(f"/v1/profiles?number=%2B{number[1:]}")
    return {one["channel"]: one["state"] for one in profile["lists"]}


def rejected(heed: Heed, ended: Any) -> list[list[str]]:
    answer = heed.call("GET", f"/v1/imports/{ended['id']}/rejected.csv")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text)))[1:]


def undo(heed: Heed, ended: Any) -> Any:
    answer = heed.call("POST", f"/v1/imports/{ended['id']}/undo", {})
    assert answer.status_code in (200, 202), answer.text
    heed.work()
    return heed.get(f"/v1/imports/{ended['id']}")


def test_l07_a_worker_on_a_host_without_the_file_leaves_it_to_the_others(heed: Heed) -> None:
    made = send(heed, f"number\n{PEOPLE[0]}\n", "?async=1")
    here, away = heed.home / "imports", heed.home / "elsewhere"
    here.rename(away)
    heed.work()
    assert heed.get(made.headers["Location"])["status"] == "running"

    away.rename(here)
    heed.work()

    assert (heed.get(made.headers["Location"])["status"], states(heed, PEOPLE[0])) == ("done", {"all": "out"})


def test_l07_an_import_whose_file_no_worker_has_fails_in_the_end(heed: Heed) -> None:
    made = send(heed, f"number\n{PEOPLE[0]}\n", "?async=1")
    (heed.home / "imports").rename(heed.home / "elsewhere")
    heed.clock.pass_by(16 * 60 * 1_000_000)
    heed.work()

    ended = heed.get(made.headers["Location"])
    assert (ended["status"], ended["fault"]) == ("failed", "no worker has found the file in its folder of imports")


def test_l07_a_file_is_imported_with_a_report_of_every_refused_row(heed: Heed) -> None:
    text = f"number,reason\n{PEOPLE[0]},asked\n12,\n{PEOPLE[1]},\n{PEOPLE[0]},again\n"
    ended = bring(heed, text)
    assert ended["status"] == "done"
    assert ended["progress"] == 1.0
    assert counts(ended) == {"imported": 2, "already": 1, "rejected": 1}
    ((line, reason, row),) = rejected(heed, ended)
    assert (line, row) == ("3", "12,")
    assert reason.startswith("number: ")
    assert states(heed, PEOPLE[0]) == {"all": "out"}
    (event, *_) = heed.get(f"/v1/history?number=%2B{PEOPLE[1][1:]}")["items"]
    assert (event["source"], event["evidence"]) == ("import", {"import": ended["id"], "line": 4})
    assert not heed.act("check_consent", number=PEOPLE[1], channel="sms")["allowed"]


def test_l07_a_small_file_is_answered_when_it_is_over(heed: Heed) -> None:
    with heed.working():
        answer = send(heed, "\n".join(PEOPLE))
    assert answer.status_code == 200
    assert answer.json["imported"] == len(PEOPLE)
    multipart = {"file": (io.BytesIO("email\nAda@Example.com\n".encode("utf-16")), "people.csv")}
    with heed.working():
        answer = heed.app.test_client().post(
            "/v1/lists/default/import", data=multipart, headers={"Authorization": f"Bearer {heed.key}"}
        )
    assert (answer.status_code, answer.json["imported"]) == (200, 1)


def test_l07_json_lines_are_read_too(heed: Heed) -> None:
    rows = [{"phone": PEOPLE[0], "channel": "sms"}, {"email": "a@example.com"}, ["no"], {"phone": {"a": 1}}]
    text = "\n".join(json.dumps(row) for row in rows) + "\n{broken\n"
    ended = bring(heed, text, kind="application/x-ndjson")
    assert counts(ended) == {"imported": 2, "rejected": 3}
    assert [line for line, *_ in rejected(heed, ended)] == ["3", "4", "5"]


def test_l07_a_dry_run_counts_and_changes_nothing(heed: Heed) -> None:
    before = row_counts(heed)
    ended = bring(heed, "\n".join([*PEOPLE, "12"]), "?dry_run=1")
    assert counts(ended) == {"imported": len(PEOPLE), "rejected": 1}
    assert ended["dry_run"]
    after = row_counts(heed)
    assert {name for name in after if after[name] != before[name]} == {"imports"}
    problem(heed.call("POST", f"/v1/imports/{ended['id']}/undo", {}), 409, "dry_run")


def test_l07_an_import_never_revives_consent_without_newer_evidence(heed: Heed) -> None:
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in PEOPLE[:5]], occurred_at="2026-01-02T00:00:00Z")
    rows = [
        f"{PEOPLE[0]},in,,",  # says neither when nor why
        f"{PEOPLE[1]},in,2026-02-01T00:00:00Z,",  # newer, but no evidence
        f"{PEOPLE[2]},cleared,2026-01-01T00:00:00Z,signed form",  # evidence, but older
        f"{PEOPLE[3]},in,2026-02-01T00:00:00Z,signed form",
        f"{PEOPLE[4]},cleared,2026-02-01T00:00:00Z,by phone",
        f"{PEOPLE[5]},in,,",  # nobody said no
    ]
    ended = bring(heed, "number,state,occurred_at,reason\n" + "\n".join(rows))
    assert counts(ended) == {"refused": 3, "imported": 3}
    found = [states(heed, one).get("all") for one in PEOPLE[:6]]
    assert found == ["out", "out", "out", "in", "cleared", "in"]


def test_l07_an_older_opt_out_of_a_file_does_not_undo_a_newer_yes(heed: Heed) -> None:
    heed.act("record_opt_in", number=PEOPLE[0], evidence={"form": "x"})
    ended = bring(heed, f"number,occurred_at\n{PEOPLE[0]},2020-01-01\n")
    assert counts(ended) == {"superseded": 1}
    assert states(heed, PEOPLE[0])["all"] == "in"


def test_l07_an_import_is_taken_back_and_nothing_that_was_said_since(heed: Heed) -> None:
    heed.act(
        "record_opt_in", number=PEOPLE[0], channel="sms", evidence={"form": "x"}, expires_at="2030-01-01T00:00:00Z"
    )
    heed.act("add_to_opt_out", number=PEOPLE[1], occurred_at="2026-01-01T00:00:00Z")
    file = "number,channel\n" + "".join(f"{one},{'sms' if one == PEOPLE[0] else 'all'}\n" for one in PEOPLE[:6])
    first = bring(heed, file + f"{PEOPLE[5]},all\n")
    heed.act("add_to_opt_out", number=PEOPLE[2])
    heed.act("add_to_opt_out", number=PEOPLE[3], occurred_at="2026-01-01T00:00:00Z")  # arrives late
    before = {one: states(heed, one) for one in PEOPLE[:6]}
    assert {state for found in before.values() for state in found.values()} == {"out"}
    ended = undo(heed, first)
    assert (ended["status"], ended["undone"]) == ("undone", True)
    assert states(heed, PEOPLE[0]) == {"sms": "in"}  # as before the import
    assert [states(heed, one) for one in PEOPLE[1:4]] == [{"all": "out"}] * 3
    assert [states(heed, one) for one in PEOPLE[4:6]] == [{}, {}]
    assert (ended["taken_back"], ended["kept"]) == (4, 1)
    assert undo(heed, first)["taken_back"] == 4  # a second time nothing happens


def test_l07_a_preview_shows_how_a_file_would_be_read(heed: Heed) -> None:
    before = row_counts(heed)
    text = "Name;Mobile Phone;Unsubscribed At;Comment\n" + f"Ada;{PEOPLE[0]};2026-01-02 10:00:00;asked\nBo;12;;\n"
    seen = send(heed, text, "?preview=1").json
    assert (seen["format"], seen["delimiter"], seen["header"]) == ("csv", ";", True)
    assert {one["column"]: one["field"] for one in seen["columns"]} == {
        "Name": None, "Mobile Phone": "number", "Unsubscribed At": "occurred_at", "Comment": "reason",
    }  # fmt: skip
    assert seen["rows"][0]["number"] == PEOPLE[0]
    assert seen["rows"][0]["occurred_at"] == "2026-01-02T10:00:00Z"
    assert [fault["line"] for fault in seen["faults"]] == [3]
    by_value = send(heed, f"Ada,{PEOPLE[0]}\nBo,{PEOPLE[1]}\n", "?preview=1").json
    assert [row["number"] for row in by_value["rows"]] == PEOPLE[:2]
    mapped = send(heed, f"who,x\n{PEOPLE[0]},1\n", "?preview=1&map=who:number").json
    assert mapped["rows"][0]["number"] == PEOPLE[0]
    assert row_counts(heed) == before
    assert list((heed.home / "imports").iterdir()) == []


def test_l07_what_can_not_be_an_import_is_refused_at_once(heed: Heed) -> None:
    assert pointers(send(heed, "name,city\nAda,London\n")) == {"": "no_address_column"}
    assert pointers(send(heed, "a\n1", "?map=a")) == {"/map": "bad_format"}
    assert pointers(send(heed, "a\n1", "?map=a:b")) == {"/map": "unknown_column"}
    assert pointers(send(heed, "a\n1", "?preset=pigeon")) == {"/preset": "not_allowed"}
    assert pointers(send(heed, "number\n1", "?channel=post")) == {"/channel": "not_allowed"}
    assert pointers(send(heed, "a\n1", "?dry_run=maybe")) == {"/dry_run": "not_allowed"}
    problem(send(heed, "{}", kind="application/json"), 415)
    problem(send(heed, "a", name="nowhere"), 404)
    problem(heed.call("GET", "/v1/imports/imp_000000000000"), 404)
    assert heed.call("POST", "/v1/lists/default/import", {}, key=key_with(heed, "read")).status_code == 403
    assert bring(heed, "")["rows"] == 0


#: As each tool writes it (the sources stand in connector/engine/presets.py): the file, who opts out by it on which
#: channel, when and why, and how many of its rows say that somebody may be written to.
EXPORTS: dict[str, tuple[str, str, list[tuple[str, str, str | None, str | None]], int]] = {
    "twilio consents": ("twilio", (
        "contact_id,correlation_id,sender_id,status,source,date_of_consent\n"
        f"{PEOPLE[0]},ad388b5a46b33b874b0d41f7226db2ef,MG1,opt-out,opt-out-message,2026-01-02T03:04:05Z\n"
        f"{PEOPLE[1]},ad388b5a46b33b874b0d41f7226db2e0,MG1,opt-in,website,\n"),
        [(PEOPLE[0], "all", "2026-01-02T03:04:05Z", "opt-out-message")], 1),
    "twilio keywords": ("twilio", (
        "MessageSid,From,To,Body,OptOutType\n"
        f"SM1,{PEOPLE[0]},+15005550006,Stop,STOP\nSM2,{PEOPLE[1]},+15005550006,Start,START\n"
        f"SM3,{PEOPLE[2]},+15005550006,Help,HELP\n"),
        [(PEOPLE[0], "all", None, "Stop")], 2),
    "sendgrid unsubscribes": ("sendgrid", "email,created\na@example.com,1443651125\nb@example.com,\n",
        [("a@example.com", "all", "2015-09-30T22:12:05Z", None), ("b@example.com", "all", None, None)], 0),
    "sendgrid bounces": ("sendgrid", (
        'status,reason,email,created\n5.1.1,"550 5.1.1 no such user, sorry",a@example.com,1443651125\n'),
        [("a@example.com", "all", "2015-09-30T22:12:05Z", "550 5.1.1 no such user, sorry")], 0),
    "sendgrid spam reports": ("sendgrid", "email,created,ip\na@example.com,1443651125,198.51.100.7\n",
        [("a@example.com", "all", "2015-09-30T22:12:05Z", None)], 0),
    "mailgun unsubscribes": ("mailgun", 'address,tags,created_at\na@example.com,*,"Mon, 11 Mar 2019 17:00:00 UTC"\n',
        [("a@example.com", "all", "2019-03-11T17:00:00Z", None)], 0),
    "mailgun bounces": ("mailgun", (
        "address,code,error,created_at,MessageHash\n"
        'a@example.com,550,No such mailbox,"Fri, 21 Oct 2011 11:02:55 GMT",\n'),
        [("a@example.com", "all", "2011-10-21T11:02:55Z", "No such mailbox")], 0),
    "postmark dump": ("postmark", (
        "EmailAddress,SuppressionReason,Origin,CreatedAt\n"
        "a@example.com,HardBounce,Recipient,2019-12-17T08:58:33-05:00\n"),
        [("a@example.com", "all", "2019-12-17T13:58:33Z", "HardBounce")], 0),
    "aws ses": ("aws", "EmailAddress,Reason,LastUpdateTime\na@example.com,COMPLAINT,2020-04-10T21:03:05.123000+00:00\n",
        [("a@example.com", "all", "2020-04-10T21:03:05.123000Z", "COMPLAINT")], 0),
    "aws numbers": ("aws", f"OptedOutNumber,OptedOutTimestamp,EndUserOptedOut\n{PEOPLE[0]},1767323045.5,true\n",
        [(PEOPLE[0], "all", "2026-01-02T03:04:05.500000Z", None)], 0),
    "listmonk subscribers": ("listmonk", (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        '1,a@example.com,A,"{""x"": 1}",blocklisted,2023-01-01 00:00:00 +0000 UTC,2023-05-01 10:00:00.12345 +0000 UTC\n'
        "2,b@example.com,B,{},enabled,2023-01-01 00:00:00 +0000 UTC,2023-05-01 12:00:00.12345 +0200 CEST\n"),
        [("a@example.com", "all", "2023-05-01T10:00:00.123450Z", None)], 1),
    "mautic table": ("mautic", (
        "id,email,channel,reason,date_added,comments\n"
        '7,a@example.com,email,1,"2026-01-02 03:04:05",User unsubscribed\n'
        "8,b@example.com,email,0,2026-01-02 03:04:05,\n"),
        [("a@example.com", "email", "2026-01-02T03:04:05Z", "User unsubscribed")], 1),
    "mautic report": ("mautic", (
        "Email,Mobile,DNC reason,DNC comment,DNC date added,DNC channel\n"
        f"a@example.com,{PEOPLE[1]},Unsubscribed,by link,2026-01-02 03:04:05,Email\n"
        f"b@example.com,{PEOPLE[0]},Manuell,,2026-01-02 03:04:05,Text Message\n"),
        [("a@example.com", "email", "2026-01-02T03:04:05Z", "by link"),
         (PEOPLE[0], "sms", "2026-01-02T03:04:05Z", None)], 0),
}  # fmt: skip


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", EXPORTS)
def test_l13_exports_of_other_tools_are_read_as_they_are(heed: Heed, name: str) -> None:
    preset, text, said, others = EXPORTS[name]

    ended = bring(heed, text, f"?preset={preset}")

    assert counts(ended) == {"imported": len(said), **({"rejected": others} if others else {})}
    assert all("is no opt-out" in reason for _, reason, _ in rejected(heed, ended)), "who may be written to is told of"
    for address, channel, at, reason in said:
        (event,) = heed.get(f"/v1/history?{'email' if '@' in address else 'number'}={quote(address)}")["items"]
        assert (event["state"], event["channel"], event["reason"]) == ("out", channel, reason)
        assert at is None or event["at"] == at


def export(heed: Heed, query: str = "", name: str = "default") -> str:
    answer = heed.call("GET", f"/v1/lists/{name}/export{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


NASTY = '=cmd|"/c calc"!A1'


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_l07_an_export_that_is_imported_again_changes_nothing(heed: Heed, form: str) -> None:
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in PEOPLE[:9]], reason='"quoted",\nand ; two lines')
    heed.act("add_to_opt_out", email="=plus@example.com", reason=NASTY, occurred_at="2026-01-02T03:04:05.000006Z")
    heed.act("add_to_opt_out", whatsapp_id="US.13491208655302741918", channel="whatsapp", reason="\\ ünïcode \t tab")
    heed.act("record_opt_in", number=PEOPLE[9], channel="sms", evidence={"form": "x"})
    heed.act("remove_from_opt_out", number=PEOPLE[0])
    text = export(heed, f"?format={form}")
    before = row_counts(heed)
    rows = list(csv.DictReader(io.StringIO(text))) if form == "csv" else [json.loads(one) for one in text.splitlines()]
    assert len(rows) == 12
    assert list(rows[0]) == [
        "number", "email", "whatsapp_id", "channel", "state", "occurred_at", "reason", "expires_at", "basis",
    ]  # fmt: skip
    (mail,) = [row for row in rows if row["email"]]
    assert mail["occurred_at"] == "2026-01-02T03:04:05.000006Z"
    guard = "'" if form == "csv" else ""
    assert (mail["email"], mail["reason"]) == (f"{guard}=plus@example.com", f"{guard}{NASTY}")
    assert PEOPLE[1] in [row["number"] for row in rows]
    kind = "text/csv" if form == "csv" else "application/x-ndjson"
    ended = bring(heed, text, kind=kind)
    assert counts(ended) == {"already": 12}
    after = row_counts(heed)
    assert {name for name in after if after[name] != before[name]} == {"imports"}
    assert sorted(export(heed, f"?format={form}").splitlines()) == sorted(text.splitlines())


def test_l07_an_export_is_filtered_and_needs_its_scope(heed: Heed) -> None:
    heed.act("add_to_opt_out", number=PEOPLE[0], channel="sms")
    heed.act("record_opt_in", number=PEOPLE[1], evidence={"form": "x"})
    assert [row["number"] for row in csv.DictReader(io.StringIO(export(heed, "?state=out")))] == [PEOPLE[0]]
    assert [row["number"] for row in csv.DictReader(io.StringIO(export(heed, "?channel=all")))] == [PEOPLE[1]]
    assert pointers(heed.call("GET", "/v1/lists/default/export?format=xls&state=x")) == {
        "/format": "not_allowed", "/state": "not_allowed",
    }  # fmt: skip
    problem(heed.call("GET", "/v1/lists/nowhere/export"), 404)
    assert heed.call("GET", "/v1/lists/default/export", key=key_with(heed, "read", "write")).status_code == 403


def test_l07_times_are_read_as_other_tools_write_them(heed: Heed) -> None:
    zoned = "2026-09-21 14:13:20 +0000 UTC"
    when = ("1790000000", "1790000000123", zoned, "2026-09-21T14:13:20Z", "1969-01-01", "soon")
    rows = "\n".join(f"{number},{time}" for number, time in zip(PEOPLE, when, strict=False))

    ended = bring(heed, f"number,occurred_at\n{rows}\n")

    assert counts(ended) == {"imported": 4, "rejected": 2}
    assert [row[0] for row in rejected(heed, ended)] == ["6", "7"]


def test_l07_a_quote_that_is_not_closed_and_a_nul_are_named(heed: Heed) -> None:
    ended = bring(heed, f'number,reason\n{PEOPLE[0]},fine\n{PEOPLE[1]},"never closed\n')
    assert counts(ended) == {"imported": 1, "rejected": 1}

    lines = f'{{"number": "{PEOPLE[2]}", "reason": "a\\u0000b"}}\n\n{{"number": "{PEOPLE[3]}"}}\n'
    ended = bring(heed, lines, kind="application/x-ndjson")
    assert counts(ended) == {"imported": 1, "rejected": 1}
