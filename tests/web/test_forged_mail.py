"""R09: a mail that merely claims to be somebody's takes nobody on, and a report that merely claims stops nobody."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from re import search

import pytest

from connector.domain.instants import HOUR
from tests.actions.people import codes
from tests.domain.test_feedback import ADA, arf, letter, postfix
from tests.heed import Heed
from tests.providers.mailservers import mail_server
from tests.web.test_feedback import Mailer, mailing, outcome, post, reasons, send


@pytest.fixture
def mailer(heed: Heed) -> Iterator[Mailer]:
    """A sender of email, with a real mail server behind it, that believes no report without its mark."""
    with mail_server() as (keeper, port):
        yield mailing(heed, port=port, trusted_reports=False), keeper


def asks(text: str, number: int) -> bytes:
    return letter(text, **{"Message-ID": f"<mail-{number}@example.com>"})


def test_r09_a_start_by_mail_is_asked_back_at_the_address_itself(heed: Heed, mailer: Mailer) -> None:
    sender, keeper = mailer
    heed.act("add_to_opt_out", email=ADA, channel="email")

    assert outcome(heed, sender, asks("START", 1)) == "to_confirm"
    assert reasons(heed) == ["opted_out"], "nothing has changed yet"
    heed.work()

    mail = message_from_bytes(keeper.envelopes[-1].content, policy=default)
    assert (keeper.envelopes[-1].rcpt_tos, mail["Subject"]) == ([ADA], "Please confirm")
    link = search(r"http://heed\.test(/p/\S+)", mail.get_content())
    assert link is not None
    page = heed.app.test_client().get(link[1])
    assert (page.status_code, reasons(heed)) == (200, ["opted_out"]), "to look at it changes nothing"


def test_r09_somebody_who_never_spoke_is_not_opted_in_by_a_mail_in_their_name(heed: Heed, mailer: Mailer) -> None:
    outcome(heed, mailer[0], asks("START", 1))

    asked = heed.act("check_consent", email=ADA, channel="email", require_opt_in="explicit")
    assert codes(asked) == ["no_consent"]


def test_r09_nobodys_mailbox_is_filled_in_their_name(heed: Heed, mailer: Mailer) -> None:
    sender, keeper = mailer
    heed.act("add_to_opt_out", email=ADA, channel="email")
    for number in range(5):
        outcome(heed, sender, asks("START", number))
        heed.work()
        heed.clock.pass_by(HOUR)

    assert len(keeper.envelopes) == 1


def test_r09_a_stop_by_mail_counts_at_once(heed: Heed, mailer: Mailer) -> None:
    assert outcome(heed, mailer[0], asks("STOP", 1)) == "opted_out"
    assert reasons(heed) == ["opted_out"]


def test_r09_a_smart_reply_takes_nobody_back_on_by_mail(heed: Heed, mailer: Mailer) -> None:
    sender, _ = mailer
    heed.act("add_to_opt_out", email=ADA, channel="email")
    heed.post("/v1/replies", {
        "keywords": ["again please"], "match": "exact", "channel": "email", "reply": None, "priority": 1, "actions": [
            {"action": "remove_from_opt_out", "mapping": {"email": "{{ message.from }}"}},
            {"action": "record_opt_in", "mapping": {"email": "{{ message.from }}", "channel": "email"}},
        ],
    })  # fmt: skip

    assert outcome(heed, sender, asks("again please", 1)) == "replied"
    assert reasons(heed) == ["opted_out"]


def marked(heed: Heed, mailer: Mailer) -> str:
    """What a mail of ours is called in its Message-ID, the mark with it."""
    sender, keeper = mailer
    assert send(heed, sender)["status"] == "sent"
    return str(message_from_bytes(keeper.envelopes[-1].content)["Message-ID"]).strip("<>").partition("@")[0]


def test_r09_a_report_that_bears_the_mails_mark_is_believed(heed: Heed, mailer: Mailer) -> None:
    assert outcome(heed, mailer[0], postfix(send=marked(heed, mailer))) == "hard_bounce"
    assert reasons(heed, purpose="transactional") == ["hard_bounce"]


@pytest.mark.parametrize("how", ["no mark", "another mark", "no id"])
def test_r09_a_report_that_somebody_made_up_stops_nobody(heed: Heed, mailer: Mailer, how: str) -> None:
    name = marked(heed, mailer).partition(".")[0]
    made_up = {"no mark": name, "another mark": f"{name}.{'a' * 16}", "no id": "x"}[how]

    assert outcome(heed, mailer[0], postfix(send=made_up)) == "unproven"

    assert reasons(heed, purpose="transactional") == []
    assert heed.get(f"/v1/sends/{name}")["status"] == "sent"
    assert outcome(heed, mailer[0], postfix(send=made_up)) == "duplicate"


def test_r09_so_are_three_soft_ones_in_a_row(heed: Heed, mailer: Mailer) -> None:
    for number in range(4):
        report = postfix(id=f"soft-{number}", send="x", status="4.2.2", diagnostic="452 4.2.2 mailbox full")
        assert outcome(heed, mailer[0], report) == "unproven"
    assert reasons(heed) == []


def test_r09_a_complaint_without_a_mark_opts_out_of_marketing_and_stops_nothing_else(
    heed: Heed, mailer: Mailer
) -> None:
    assert outcome(heed, mailer[0], arf()) == "opted_out"

    assert reasons(heed) == ["opted_out"]
    assert reasons(heed, purpose="transactional") == []
    assert post(heed, mailer[0], arf()).json["messages"][0]["outcome"] == "duplicate"
