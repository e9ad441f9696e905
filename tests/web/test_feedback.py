"""R09: bounces and complaints that come back by mail become hard facts, once, on both databases."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from connector.cli import main
from connector.domain.instants import DAY, rfc3339
from tests.actions.people import codes
from tests.domain.test_feedback import ADA, arf, letter, postfix
from tests.heed import KEY, Heed
from tests.oracles import problem, row_counts
from tests.providers.mailservers import Keeper, mail_server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RAW = "message/rfc822"
Mailer = tuple[dict[str, Any], Keeper]


@pytest.fixture
def mailer(heed: Heed) -> Iterator[Mailer]:
    """A sender of email with a real mail server behind it."""
    with mail_server() as (keeper, port):
        yield mailing(heed, port=port), keeper


def mailing(heed: Heed, port: int = 25, **settings: Any) -> dict[str, Any]:
    return heed.post("/v1/senders", {
        "provider": "smtp", "channel": "email", "number": "news@shop.example",
        "settings": {"host": "127.0.0.1", "port": port, "security": "none", "trusted_reports": True, **settings},
    })  # fmt: skip


def path(sender: dict[str, Any]) -> str:
    return str(sender["inbound_url"].removeprefix("http://heed.test"))


def post(heed: Heed, sender: dict[str, Any], mail: bytes, kind: str = RAW, **headers: str) -> TestResponse:
    return heed.app.test_client().post(path(sender), data=mail, content_type=kind, headers=headers)


def outcome(heed: Heed, sender: dict[str, Any], mail: bytes) -> str:
    answer = post(heed, sender, mail)
    assert answer.status_code == 200, answer.text
    (one,) = answer.json["messages"]
    return str(one["outcome"])


def send(heed: Heed, sender: dict[str, Any], **values: Any) -> dict[str, Any]:
    with heed.working():
        answer = heed.act("send_with_suppression", sender=sender["id"], email=ADA, subject="News", text="Hi", **values)
    return dict(answer["results"][0])


def sent(heed: Heed, mailer: Mailer) -> str:
    """A message that a mail server took: what it was called in its Message-ID, which is our id of the send."""
    sender, keeper = mailer
    assert send(heed, sender)["status"] == "sent"
    return str(message_from_bytes(keeper.envelopes[-1].content)["Message-ID"]).strip("<>").partition(".")[0]


def reasons(heed: Heed, **values: Any) -> list[str]:
    return codes(heed.act("check_consent", email=ADA, channel="email", **values))


def history(heed: Heed) -> list[dict[str, Any]]:
    return list(heed.act("get_consent_history", email=ADA)["events"])


def recent(heed: Heed, days: float = 0) -> str:
    at = datetime.fromtimestamp((heed.clock() - days * DAY) / 1e6, UTC)
    return f"Received: from mx.example by us.example; {at:%a, %d %b %Y %H:%M:%S} +0000"


def soft(heed: Heed, number: int, **values: str) -> bytes:
    values = {"send": "x", "status": "4.2.2", "diagnostic": "452 4.2.2 mailbox full", **values}
    return postfix(id=f"soft-{number}", **{"received": recent(heed), **values})


def test_r09_a_hard_bounce_stops_everything_to_the_address_and_settles_the_send(heed: Heed, mailer: Mailer) -> None:
    name = sent(heed, mailer)

    assert outcome(heed, mailer[0], postfix(send=name)) == "hard_bounce"

    assert reasons(heed, purpose="transactional") == ["hard_bounce"]
    assert send(heed, mailer[0], purpose="transactional")["status"] == "suppressed"
    settled = heed.get(f"/v1/sends/{name}")
    assert (settled["status"], settled["error"]) == ("failed", "invalid_recipient: 5.1.1")
    (event,) = history(heed)
    assert (event["state"], event["source"], event["reason"]) == ("hard_bounce", "provider", "5.1.1")
    assert event["evidence"] == {
        "report": "4Q1@mx.example", "code": "5.1.1", "send": name,
        "diagnostic": "smtp; 550 5.1.1 <<address>>: Recipient address rejected: User unknown in local recipient table",
    }  # fmt: skip


def test_r09_the_same_report_twice_has_one_effect(heed: Heed, mailer: Mailer) -> None:
    reports = [postfix(send=sent(heed, mailer)), soft(heed, 1, address="bo@example.com"), arf(address="cy@example.com")]
    first = [outcome(heed, mailer[0], one) for one in reports]
    rows = row_counts(heed)

    again = [outcome(heed, mailer[0], one) for one in reports]

    assert (first, again) == (["hard_bounce", "soft_bounce", "complaint"], ["duplicate"] * 3)
    assert row_counts(heed) == rows


def test_r09_a_complaint_takes_back_what_is_waiting_and_outranks_a_bounce(heed: Heed) -> None:
    sender = mailing(heed)
    later = rfc3339(heed.clock() + DAY)
    heed.act("send_with_suppression", sender=sender["id"], email=ADA, subject="News", text="Hi", send_at=later)

    assert outcome(heed, sender, postfix(send="x")) == "hard_bounce"
    assert outcome(heed, sender, arf(send="x")) == "complaint"
    assert outcome(heed, sender, postfix(send="x", id="later")) == "complaint"

    (taken_back,) = heed.get("/v1/sends?email=ada%40example.com")["items"]
    assert (taken_back["status"], taken_back["reasons"][0]["code"]) == ("suppressed", "hard_bounce")
    assert reasons(heed) == ["hard_bounce", "complaint"]
    assert [one["state"] for one in history(heed)] == ["complaint", "hard_bounce"]


def test_r09_three_soft_bounces_are_a_hard_one_and_two_are_none(heed: Heed) -> None:
    sender = mailing(heed)

    found = [outcome(heed, sender, soft(heed, number)) for number in (1, 2)]
    assert (found, reasons(heed)) == (["soft_bounce"] * 2, [])

    assert outcome(heed, sender, soft(heed, 3)) == "hard_bounce"
    assert reasons(heed) == ["hard_bounce"]
    assert row_counts(heed)["soft_bounces"] == 0


def test_r09_a_delivery_and_time_clear_soft_bounces(heed: Heed) -> None:
    sender = mailing(heed)
    for number in (1, 2):
        outcome(heed, sender, soft(heed, number))
    assert outcome(heed, sender, soft(heed, 3, action="delivered", status="2.0.0")) == "none"
    assert row_counts(heed)["soft_bounces"] == 0

    for number in (4, 5):
        outcome(heed, sender, soft(heed, number))
    heed.clock.pass_by(16 * DAY)
    assert outcome(heed, sender, soft(heed, 6)) == "soft_bounce"
    assert reasons(heed) == []


def test_r09_reports_that_arrive_at_once_are_all_counted(heed: Heed) -> None:
    sender = mailing(heed)

    with ThreadPoolExecutor(3) as several:
        found = list(several.map(lambda number: outcome(heed, sender, soft(heed, number)), range(3)))

    assert sorted(found) == ["hard_bounce", "soft_bounce", "soft_bounce"]
    assert reasons(heed) == ["hard_bounce"]


def test_r09_a_soft_bounce_is_known_of_the_send_and_the_next_one_is_sent(heed: Heed, mailer: Mailer) -> None:
    name = sent(heed, mailer)

    outcome(heed, mailer[0], soft(heed, 1, send=name))

    assert heed.get(f"/v1/sends/{name}")["error"] == "provider: 4.2.2"
    assert send(heed, mailer[0])["status"] == "sent"


def test_r09_where_the_id_was_taken_out_the_address_tells_the_send(heed: Heed, mailer: Mailer) -> None:
    older, name = sent(heed, mailer), sent(heed, mailer)

    assert outcome(heed, mailer[0], postfix(send="rewritten")) == "hard_bounce"

    assert [heed.get(f"/v1/sends/{one}")["status"] for one in (older, name)] == ["sent", "failed"]


def test_r09_where_the_address_was_taken_out_the_id_tells_the_person(heed: Heed, mailer: Mailer) -> None:
    name = sent(heed, mailer)

    assert outcome(heed, mailer[0], arf(send=name, original="", address="redacted")) == "complaint"
    assert outcome(heed, mailer[0], arf(id="a-2", send="x", original="", address="redacted")) == "invalid_address"

    assert reasons(heed) == ["complaint"]
    assert heed.get(f"/v1/sends/{name}")["status"] == "sent"  # it had arrived


def test_r09_where_mail_is_forwarded_the_other_mailbox_does_not_stop_this_one(heed: Heed, mailer: Mailer) -> None:
    name = sent(heed, mailer)

    assert outcome(heed, mailer[0], postfix(send=name, address="old@elsewhere.example")) == "soft_bounce"

    assert reasons(heed) == []
    assert codes(heed.act("check_consent", email="old@elsewhere.example", channel="email")) == []


def test_r09_nobody_speaks_of_another_senders_messages(heed: Heed, mailer: Mailer) -> None:
    name = sent(heed, mailer)

    outcome(heed, mailing(heed), postfix(send=name))

    assert heed.get(f"/v1/sends/{name}")["status"] == "sent"


def test_r09_a_report_is_signed_where_the_sender_has_a_secret(heed: Heed) -> None:
    sender, mail, at = mailing(heed, secret=SECRET), postfix(), datetime.now(UTC)
    rows = row_counts(heed)
    problem(post(heed, sender, mail), 401)
    assert row_counts(heed) == rows

    signature = Webhook(SECRET).sign("w-1", at, mail.decode())
    answer = post(heed, sender, mail, webhook_id="w-1", webhook_timestamp=str(int(at.timestamp())),
                  webhook_signature=signature)  # fmt: skip

    assert answer.json["messages"][0]["outcome"] == "hard_bounce"
    assert SECRET not in heed.call("GET", f"/v1/senders/{sender['id']}").text


def test_r09_a_mail_may_come_in_a_field_of_a_form(heed: Heed) -> None:
    sender = mailing(heed)
    fields = {"to": "news@shop.example", "subject": "x", "email": postfix().decode()}

    answer = heed.app.test_client().post(path(sender), data=fields, content_type="multipart/form-data")

    assert answer.json["messages"][0]["outcome"] == "hard_bounce"
    problem(heed.app.test_client().post(path(sender), data={"a": "b"}, content_type="multipart/form-data"), 422)
    problem(post(heed, sender, b"{}", "application/json"), 422)
    problem(post(heed, sender, b"", RAW), 422)


# the mail, the outcomes, the reasons then
LETTERS = [
    (letter("STOP"), ["opted_out"], ["opted_out"]),
    (letter("Stop please\n\n-- \nAda\n\n> Hello"), ["opted_out"], ["opted_out"]),
    (letter("", Subject="unsubscribe"), ["opted_out"], ["opted_out"]),
    (letter("Thank you for the news"), ["none"], []),
    (letter("Thank you\n> STOP"), ["none"], []),
    (letter("STOP", Auto_Submitted="auto-replied"), [], []),
    (letter("I am away", Precedence="bulk", Subject="Out of office: News"), [], []),
    (arf(kind="not-spam"), [], []),
]


@pytest.mark.parametrize(("mail", "outcomes", "then"), LETTERS)
def test_r09_a_persons_mail_is_a_message_and_an_automatic_one_is_none(
    heed: Heed, mail: bytes, outcomes: list[str], then: list[str]
) -> None:
    answer = post(heed, mailing(heed), mail).json

    assert ([one["outcome"] for one in answer["messages"]], reasons(heed)) == (outcomes, then)


def test_r09_the_mail_server_may_pipe_a_mail_or_an_operator_a_whole_mailbox(
    heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": heed.home, "DATABASE_URL": heed.url, "SECRET": "s" * 32, "BOOTSTRAP_KEY": KEY}.items():
        monkeypatch.setenv(f"HEED_{name}", str(value))
    sender = mailing(heed)["id"]

    def run(*arguments: str, given: bytes = b"") -> Any:
        return CliRunner().invoke(main, ["feedback", *arguments], input=given)

    between = b"From MAILER-DAEMON Mon Nov 23 18:00:00 2026\n"
    quoting = letter("Hello\n\n>From now on\n\nFrom here on no more", Message_ID="<m-9@x>")
    (tmp_path / "box").write_bytes(
        between + postfix() + b"\n" + between + quoting + b"\n" + between + arf(send="x", address="bo@example.com")
    )

    piped = run("-", "--sender", sender, given=between + soft(heed, 1, address="cy@example.com"))
    box = run("box", "--sender", sender, "--json")
    again = run("box", "--sender", sender)
    away = run("-", "--sender", sender, given=letter(Auto_Submitted="auto-replied"))
    wrong = run("-", "--sender", heed.sender()["id"], given=postfix())

    assert [one.exit_code for one in (piped, box, again, away, wrong)] == [0, 0, 0, 0, 75]
    assert piped.stdout == "soft_bounce soft-1@mx.example\n"
    assert [one["outcome"] for one in json.loads(box.stdout)["messages"]] == ["hard_bounce", "none", "complaint"]
    assert [line.split()[0] for line in again.stdout.splitlines()] == ["duplicate"] * 3
    assert away.stdout.strip() == "nothing"
    assert reasons(heed) == ["hard_bounce"]
