"""S08: proof of consent for one address, as JSON, as a page to print, and by the command."""

import itertools
import json
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from connector.store.tables import entries, events, heads
from tests.actions.people import ADA, BO, MAIL, MONDAY, TUESDAY, a_list, numbers
from tests.heed import Heed
from tests.oracles import key_with, other_organisation, pointers
from tests.web.test_file_commands import run as run  # noqa: PLC0414 - the fixture

PROOF = f"/v1/proof?number={ADA}"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def said(heed: Heed) -> Heed:
    """Ada has agreed in two ways and then said no to calls; Bo lies in another chain, or in the same."""
    a_list(heed)
    wording = {"text_shown": f"Yes, write to me {SCRIPT}", "form": "checkout-7", '"><img src=x>': {"deep": ["</dd>"]}}
    heed.act("record_opt_in", number=ADA, channel="sms", occurred_at=MONDAY, evidence=wording, reason="<b>bold</b>")
    heed.act("record_opt_in", number=ADA, channel="sms", lists=["offers"], occurred_at=MONDAY, basis="casl_inquiry")
    heed.act("add_to_opt_out", number=ADA, channel="voice", occurred_at=TUESDAY, reason="לא להתקשר\u202eabc")
    heed.act("add_to_opt_out", recipients=[{"number": one} for one in numbers(300, first=1000)])
    return heed


def page(heed: Heed, query: str = "&format=html", **headers: str) -> str:
    answer = heed.call("GET", PROOF + query, **headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), answer.text
    return answer.text


class Seen(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def behind_our_back(heed: Heed, statement: Any) -> None:
    with heed.house.database.write() as connection:
        connection.execute(statement)


def test_s08_the_proof_holds_what_was_said_what_holds_and_that_it_is_whole(said: Heed) -> None:
    proof = said.get(PROOF)

    assert proof["address"] == {"kind": "number", "value": ADA}
    assert (proof["organisation"]["name"], proof["generated_at"][:2]) == ("Heed", "20")
    assert "key_" in proof["asked_by"]
    assert (proof["channels"]["sms"]["state"], proof["channels"]["voice"]["state"]) == ("in", "out")
    (offers,) = [one for one in proof["lists"] if one["key"] == "offers"]
    assert (offers["basis"], offers["expires_at"]) == ("casl_inquiry", "2026-09-02T10:00:00Z")
    first, second, third = proof["events"]
    assert (first["state"], first["list"]["key"], first["at"]) == ("in", "default", MONDAY)
    assert first["evidence"]["text_shown"] == f"Yes, write to me {SCRIPT}"
    assert first["recorded_at"] > first["at"]
    assert (second["basis"], third["state"], third["channel"]) == ("casl_inquiry", "out", "voice")
    integrity = proof["integrity"]
    assert (integrity["whole"], integrity["breach_count"], integrity["breaches"]) == (True, 0, [])
    with said.house.database.read() as connection:
        head = connection.execute(heads.select().where(heads.c.bucket == integrity["bucket"])).one()
    assert integrity["lines"] == head.seq == integrity["head"]["line"] >= 3
    assert (integrity["head"]["seal"], integrity["head"]["signature_valid"]) == (head.seal.hex(), True)


def test_s08_of_who_never_spoke_there_is_a_proof_of_just_that(heed: Heed) -> None:
    proof = heed.get(f"/v1/proof?email={MAIL}")

    assert (proof["events"], proof["lists"], proof["channels"]["email"]["state"]) == ([], [], "none")
    assert (proof["integrity"]["whole"], proof["integrity"]["lines"], proof["integrity"]["head"]) == (True, 0, None)
    shown = heed.call("GET", f"/v1/proof?email={MAIL}&format=html").text
    assert "Nothing was ever said." in shown
    assert "nothing was ever written into it" in shown
    heed.call("PUT", "/v1/defaults", {"email": "in"})
    assert "Never spoke; in by default" in heed.call("GET", f"/v1/proof?email={MAIL}&format=html").text


def test_s08_a_proof_made_while_others_speak_is_of_one_moment(said: Heed) -> None:
    """A line that comes in between is either in the proof and under its seal, or in neither."""
    over = threading.Event()

    def speak() -> None:
        for turn in itertools.count():
            if over.is_set():
                return
            said.act(("add_to_opt_out", "record_opt_in")[turn % 2], number=ADA, channel="sms")

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        proofs = [said.get(PROOF) for _ in range(25)]
    finally:
        over.set()
        speaker.join()

    assert [one["integrity"]["breaches"] for one in proofs] == [[]] * 25
    assert len({one["integrity"]["lines"] for one in proofs}) > 1


CHANGES: dict[str, dict[str, Any]] = {
    "state": {"state": "out"}, "wording": {"evidence": {"text_shown": "Anything"}}, "time": {"occurred_at": 1},
    "person": {"key": bytes(16)}, "reason": {"reason": "they asked"},
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_s08_a_line_that_was_changed_makes_the_proof_say_so(said: Heed, change: str) -> None:
    line = said.get(PROOF)["events"][0]["line"]
    bucket = said.get(PROOF)["integrity"]["bucket"]
    behind_our_back(said, update(events).where(events.c.bucket == bucket, events.c.seq == line).values(CHANGES[change]))

    integrity = said.get(PROOF)["integrity"]

    assert integrity["whole"] is False
    assert line in [one["line"] for one in integrity["breaches"]]
    assert integrity["head"]["signature_valid"] is True
    shown = page(said)
    assert "The record is not what was written." in shown
    assert "The record is whole." not in shown


def test_s08_a_forged_head_and_a_changed_word_show_too(said: Heed) -> None:
    integrity = said.get(PROOF)["integrity"]
    behind_our_back(said, update(entries).where(entries.c.state == 1, entries.c.channel == 5).values(state=2))

    found = said.get(PROOF)["integrity"]
    assert (found["whole"], found["breach_count"]) == (False, 1)
    assert found["breaches"][0]["detail"].startswith("what holds now (default, voice) is not")
    behind_our_back(said, update(entries).where(entries.c.state == 2, entries.c.channel == 5).values(state=1))
    behind_our_back(said, update(entries).where(entries.c.expires_at.is_not(None)).values(expires_at=None))
    assert said.get(PROOF)["integrity"]["whole"] is False  # somebody made an implied consent last for ever

    of_chain = heads.c.bucket == integrity["bucket"]
    behind_our_back(said, update(heads).where(of_chain).values(signature=bytes(32)))
    assert said.get(PROOF)["integrity"]["head"]["signature_valid"] is False
    assert "not valid" in page(said)


def test_s08_the_page_escapes_whatever_the_evidence_holds(said: Heed) -> None:
    shown = page(said)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    for tag in ("<script", "<img", "<b>bold", '</dd>"'):
        assert tag not in shown
    assert shown.count("<dd>") == shown.count("</dd>")
    assert "\u202e" not in shown
    assert '<span class="mark">U+202E</span>' in shown
    assert "לא להתקשר" in shown


def test_s08_the_page_stands_alone_and_forbids_all_else(said: Heed) -> None:
    answer = said.call("GET", PROOF + "&format=html")
    policy = answer.headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    seen = Seen()
    seen.feed(answer.text)
    assert not seen.tags & {"script", "img", "link", "iframe", "object", "form", "base", "a", "svg"}
    assert seen.attributes <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "dir", "datetime", "scope", "data-name",
    }  # fmt: skip
    assert not [one for one in ("url(", "@import", "://") if one in answer.text.partition("</style>")[0]]


def test_s08_the_page_comes_to_who_accepts_pages(said: Heed) -> None:
    assert page(said, "", Accept="text/html").startswith("<!doctype html>")
    assert page(said, "", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    for accept in ("application/json", "*/*", "application/json, text/html;q=0.5"):
        assert said.get(PROOF, Accept=accept)["address"]["value"] == ADA
    assert said.call("GET", PROOF, Accept="image/png").status_code == 406
    assert said.call("GET", "/v1/profiles?number=" + ADA, Accept="text/html").status_code == 406
    assert pointers(said.call("GET", PROOF + "&format=pdf")) == {"/format": "not_allowed"}


def test_s08_a_proof_is_of_one_address_and_for_who_may_read(said: Heed) -> None:
    assert pointers(said.call("GET", f"{PROOF}&email={MAIL}")) == {"": "one_address"}
    assert pointers(said.call("GET", "/v1/proof")) == {"": "recipient_needed"}
    assert pointers(said.call("GET", "/v1/proof?number=12")) == {"/number": "invalid_address"}
    assert said.call("GET", PROOF, key=key_with(said, "write", "export")).status_code == 403
    assert said.call("GET", PROOF, key=key_with(said, "read")).status_code == 200
    assert said.call("GET", PROOF, key=other_organisation(said)).json["events"] == []
    assert said.get(f"/v1/proof?number={BO}")["events"] == []


def test_s08_the_command_tells_proves_and_writes_the_page(said: Heed, run: Any, tmp_path: Path) -> None:
    told = run("proof", ADA)
    assert (told.exit_code, "The record is whole" in told.stdout) == (0, True), told.output
    assert "<U+202E>" in told.stdout
    assert json.loads(run("proof", ADA, "--json").stdout)["events"][0]["at"] == MONDAY
    file = tmp_path / "proof.html"
    assert run("proof", "415 555 0123", "--html", str(file)).exit_code == 0
    assert "&lt;script&gt;" in file.read_text()
    assert "Content-Security-Policy" in file.read_text()
    assert run("proof", "12").exit_code == 1
    behind_our_back(said, update(events).where(events.c.state == "in").values(source="form"))
    changed = run("proof", ADA)
    assert (changed.exit_code, "NOT what was written" in changed.stdout) == (1, True)
