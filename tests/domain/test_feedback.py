"""R09: what comes back by mail is read as the servers of this world write it, and judged arrow by arrow."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.feedback import LARGEST, read_mail
from connector.domain.instants import DAY
from connector.domain.messages import InboundMessage, InboundReport
from connector.domain.standing import ARROWS, STRIKES, WITHIN, Condition, Signal, Standing, after, signal_of
from connector.domain.words import Channel, State

ADA = "ada@example.com"
SEND = "msg_3v8k0000abcd"
RECEIVED = "Received: from mx.example (mx.example [192.0.2.1]) by us.example; Mon, 23 Nov 2026 18:00:00 +0000"
AT = 1_795_456_800_000_000

POSTFIX = """\
Return-Path: <>
{received}
Date: Mon, 23 Nov 2026 18:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: news@shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4Q1.1/mx.example"
Message-Id: <{id}@mx.example>

This is a MIME-encapsulated message.

--4Q1.1/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4Q1.1/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4Q1
X-Postfix-Sender: rfc822; news@shop.example
Arrival-Date: Mon, 23 Nov 2026 17:59:58 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; {diagnostic}

--4Q1.1/mx.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Shop <news@shop.example>
To: {address}
Subject: News
Message-ID: <{send}@shop.example>

Hello Ada

--4Q1.1/mx.example--
"""

EXIM = f"""\
Return-path: <>
{RECEIVED}
X-Failed-Recipients: {ADA}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.example>
To: news@shop.example
Content-Type: multipart/report; report-type=delivery-status; boundary=1700000-eximdsn-1
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1abc-0001@exim.example>

--1700000-eximdsn-1
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered to one or more of its recipients.

--1700000-eximdsn-1
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example

Action: failed
Final-Recipient: rfc822;{ADA}
Status: 5.0.0
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 No such user here: ada

--1700000-eximdsn-1
Content-type: text/rfc822-headers

Return-path: <news@shop.example>
From: Shop <news@shop.example>
To: {ADA}
Message-ID: <{SEND}@shop.example>

--1700000-eximdsn-1--
"""

EXCHANGE = f"""\
{RECEIVED}
MIME-Version: 1.0
From: <postmaster@example.onmicrosoft.com>
To: <news@shop.example>
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="a2b1c0d9-1111-2222-3333-444455556666"
X-MS-Exchange-Message-Is-Ndr:
Message-ID: <ndr-1@GV1.eurprd01.prod.exchangelabs.com>
Subject: Undeliverable: News
Auto-Submitted: auto-replied

--a2b1c0d9-1111-2222-3333-444455556666
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="b2b1c0d9-1111-2222-3333-444455556666"

--b2b1c0d9-1111-2222-3333-444455556666
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to ada@example.com couldn't be delivered.

--b2b1c0d9-1111-2222-3333-444455556666
Content-Type: text/html; charset="us-ascii"

<html><body>STOP</body></html>

--b2b1c0d9-1111-2222-3333-444455556666--

--a2b1c0d9-1111-2222-3333-444455556666
Content-Type: message/delivery-status

Reporting-MTA: dns;GV1.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;shop.example
Arrival-Date: Mon, 23 Nov 2026 17:59:58 +0000

Final-Recipient: rfc822;{ADA}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {ADA} not found by SMTP address lookup

--a2b1c0d9-1111-2222-3333-444455556666
Content-Type: message/rfc822

From: Shop <news@shop.example>
To: {ADA}
Message-ID:
 <{SEND}@shop.example>

Hello
--a2b1c0d9-1111-2222-3333-444455556666--
"""

GMAIL = f"""\
Return-Path: <>
{RECEIVED}
Content-Type: multipart/report; boundary="000000000000abcd"; report-type=delivery-status
To: news@shop.example
X-Failed-Recipients: {ADA}
Auto-Submitted: auto-replied
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
Subject: Delivery Status Notification (Failure)
Message-ID: <6740.mx@google.com>

--000000000000abcd
Content-Type: multipart/related; boundary="000000000000abce"

--000000000000abce
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--000000000000abce--

--000000000000abcd
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
X-Original-Message-ID: <{SEND}@shop.example>

Final-Recipient: rfc822; {ADA}
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (2a00::1b, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550-5.1.1 double-checking the recipient's email address for typos.
 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d1-20020a05 - gsmtp
Last-Attempt-Date: Mon, 23 Nov 2026 09:59:59 -0800 (PST)

--000000000000abcd
Content-Type: message/rfc822

From: Shop <news@shop.example>
To: {ADA}
Message-ID: <{SEND}@shop.example>

Hello
--000000000000abcd--
"""

ARF = """\
From: <feedback@isp.example>
{received}
To: <abuse@shop.example>
Subject: FW: News
Message-ID: <{id}@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <news@shop.example>
{original}
--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

From: <news@shop.example>
To: <{address}>
Subject: News
Message-ID: <{send}@shop.example>

Hello
--part1_13d.2e68ed54_boundary--
"""

UNKNOWN = f"550 5.1.1 <{ADA}>: Recipient address rejected: User unknown in local recipient table"


def postfix(**values: str) -> bytes:
    said = {"received": RECEIVED, "id": "4Q1", "address": ADA, "action": "failed", "status": "5.1.1",
            "diagnostic": UNKNOWN, "send": SEND}  # fmt: skip
    return POSTFIX.format(**said | values).encode()


def arf(**values: str) -> bytes:
    said = {"received": RECEIVED, "id": "arf-1", "address": ADA, "kind": "abuse", "send": SEND,
            "original": f"Original-Rcpt-To: <{values.get('address', ADA)}>\n"}  # fmt: skip
    return ARF.format(**said | values).encode()


def letter(text: str = "STOP", content_type: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    lines = {"From": f"Ada <{ADA}>", "To": "Shop <news@shop.example>", "Subject": "Re: News", "Message-ID": "<m-1@x>"}
    lines |= {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in lines.items()) + f"\n{text}\n").encode()


def one(raw: bytes) -> InboundReport:
    (found,) = read_mail(raw)
    assert isinstance(found, InboundReport)
    return found


def words(raw: bytes) -> InboundMessage:
    (found,) = read_mail(raw)
    assert isinstance(found, InboundMessage)
    return found


SAMPLES = {
    "Postfix": (postfix(), "4Q1@mx.example", "5.1.1"),
    "Exim, which knows no codes": (EXIM.encode(), "E1abc-0001@exim.example", "5.0.0"),
    "Exchange": (EXCHANGE.encode(), "ndr-1@GV1.eurprd01.prod.exchangelabs.com", "5.1.10"),
    "Gmail": (GMAIL.encode(), "6740.mx@google.com", "5.1.1"),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SAMPLES)
def test_r09_a_bounce_is_read_as_each_server_writes_it(name: str, ending: str) -> None:
    raw, message_id, code = SAMPLES[name]

    found = one(raw.replace(b"\n", ending.encode()))

    assert (found.message_id, found.code) == (message_id, code)
    assert (found.signal, found.recipient, found.send_id, found.at) == (Signal.HARD_BOUNCE, ADA, SEND, AT)
    assert "ada" not in found.detail
    assert found.detail.startswith("smtp;")


# action, status, what the other server said → signal
CODES = [
    *(("failed", code, "", Signal.HARD_BOUNCE)
      for code in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.1", "5.4.4", "5.4.310")),
    *(("failed", code, "", Signal.SOFT_BOUNCE)
      for code in ("4.1.1", "4.2.2", "4.4.7", "5.2.2", "5.7.1", "5.7.26", "5.3.4", "5.4.6", "5.4.7", "5.1.8", "5.0.0")),
    ("failed", "5.0.0", "smtp; 550 5.1.1 nobody", Signal.HARD_BOUNCE),  # the closer look wins over "undefined"
    ("failed", "5.0.0", "smtp; 550 5.7.1 spam", Signal.SOFT_BOUNCE),
    ("failed", "5.7.1", "smtp; 550 5.1.1 nobody", Signal.SOFT_BOUNCE),
    ("failed", "", "smtp; 550 No such user", Signal.HARD_BOUNCE),
    ("failed", "5.0.0", "smtp; 550 rejected, user 10.5.1.1 listed", Signal.SOFT_BOUNCE),  # an IP address is no code
    ("failed", "nonsense", "", Signal.SOFT_BOUNCE),
    ("failed", "5.1.1 (unknown)", "", Signal.HARD_BOUNCE),
    ("delayed", "4.4.1", "", None),  # they go on trying
    ("relayed", "2.0.0", "", None),
    ("expanded", "2.0.0", "", None),
    ("delivered", "2.0.0", "", Signal.DELIVERED),
    ("", "5.1.1", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("action", "status", "diagnostic", "signal"), CODES)
def test_r09_a_code_says_how_hard_a_bounce_is(action: str, status: str, diagnostic: str, signal: Signal | None) -> None:
    assert signal_of(action, status, diagnostic)[0] is signal
    found = read_mail(postfix(action=action, status=status, diagnostic=diagnostic.removeprefix("smtp; ")))
    assert [each.signal for each in found if isinstance(each, InboundReport)] == [signal] * (signal is not None)


NOTHING, HARD, TOLD = Standing(Condition.NONE), Standing(Condition.HARD_BOUNCE), Standing(Condition.COMPLAINT)
SOFT = Standing(Condition.SOFT, 1, AT)
#: (where it stands, what is said a day later) → where it stands then. Every arrow there is.
STEPS = {
    (NOTHING, Signal.DELIVERED): NOTHING,
    (NOTHING, Signal.SOFT_BOUNCE): Standing(Condition.SOFT, 1, AT + DAY),
    (NOTHING, Signal.HARD_BOUNCE): HARD,
    (NOTHING, Signal.COMPLAINT): TOLD,
    (SOFT, Signal.DELIVERED): NOTHING,
    (SOFT, Signal.SOFT_BOUNCE): Standing(Condition.SOFT, 2, AT),
    (SOFT, Signal.HARD_BOUNCE): HARD,
    (SOFT, Signal.COMPLAINT): TOLD,
    (HARD, Signal.DELIVERED): HARD,
    (HARD, Signal.SOFT_BOUNCE): HARD,
    (HARD, Signal.HARD_BOUNCE): HARD,
    (HARD, Signal.COMPLAINT): TOLD,
    (TOLD, Signal.DELIVERED): TOLD,
    (TOLD, Signal.SOFT_BOUNCE): TOLD,
    (TOLD, Signal.HARD_BOUNCE): TOLD,
    (TOLD, Signal.COMPLAINT): TOLD,
}


@pytest.mark.parametrize(("before", "signal"), STEPS)
def test_r09_each_arrow_leads_where_it_should(before: Standing, signal: Signal) -> None:
    assert after(before, signal, AT + DAY) == STEPS[before, signal]


def test_r09_no_arrow_is_missing() -> None:
    assert set(ARROWS) == set(product(Condition, Signal)) == {(one.condition, signal) for one, signal in STEPS}


# days of soft bounces, from the first on → how it stands
RUNS = [
    ((0, 1, 2), HARD),
    ((0, 7, 15), HARD),
    ((0, 7, 16), Standing(Condition.SOFT, 1, AT + 16 * DAY)),
    ((2, 0, 1), HARD),  # in any order
    ((20, 0, 21), Standing(Condition.SOFT, 2, AT + 20 * DAY)),  # too late to be counted with them
    ((0, 1), Standing(Condition.SOFT, 2, AT)),
    ((0,), SOFT),
]


@pytest.mark.parametrize(("days", "stands"), RUNS)
def test_r09_three_soft_bounces_within_fifteen_days_are_a_hard_one(days: tuple[int, ...], stands: Standing) -> None:
    now = NOTHING
    for day in days:
        now = after(now, Signal.SOFT_BOUNCE, AT + day * DAY)

    assert (now, STRIKES, WITHIN) == (stands, 3, 15 * DAY)


@given(st.lists(st.tuples(st.sampled_from(Signal), st.integers(0, 60 * DAY)), max_size=12))
def test_r09_whatever_is_said_a_complaint_stays_and_a_hard_bounce_is_lifted_by_nobody(said: list) -> None:
    now, worst = NOTHING, 0
    for signal, at in said:
        now = after(now, signal, at)
        worst = max(worst, {Signal.HARD_BOUNCE: 1, Signal.COMPLAINT: 2}.get(signal, 0))
        reached = {Condition.HARD_BOUNCE: 1, Condition.COMPLAINT: 2}.get(now.condition, 0)
        assert reached >= worst
        assert 0 <= now.count < STRIKES


def test_r09_a_complaint_names_the_person_or_our_message() -> None:
    found = one(arf())
    redacted = one(arf(original="", address="redacted"))
    by_the_original = one(arf(original="", send="x"))

    assert (found.signal, found.recipient, found.send_id, found.code) == (Signal.COMPLAINT, ADA, SEND, "abuse")
    assert (redacted.recipient, redacted.send_id) == ("", SEND)
    assert (by_the_original.recipient, by_the_original.send_id) == (ADA, None)


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_r09_a_report_that_complains_of_nothing_is_no_complaint(kind: str) -> None:
    assert read_mail(arf(kind=kind)) == []


AUTOMATIC = [
    letter(Auto_Submitted="auto-replied"),
    letter(Auto_Submitted="auto-generated; type=x"),
    letter(X_Auto_Response_Suppress="All"),
    letter(Precedence="bulk", Subject="Vacation: back on Monday"),
    letter(Precedence="auto_reply"),
    letter(Return_Path="<>"),
    letter(From="MAILER-DAEMON@mx.example"),
    letter("x", "multipart/report; report-type=disposition-notification; boundary=b"),
]


@pytest.mark.parametrize("raw", AUTOMATIC)
def test_r09_an_automatic_reply_is_neither_a_word_nor_a_bounce(raw: bytes) -> None:
    assert read_mail(raw) == []


def test_r09_a_persons_mail_is_read_without_what_it_quotes() -> None:
    found = words(letter("Stop please\n\n> Hello Ada\n> Answer START", Auto_Submitted="no", Received=RECEIVED[10:]))

    assert found == InboundMessage("m-1@x", ADA, "news@shop.example", "Stop please", Channel.EMAIL, AT)


# mail, text, said by the subject
LETTERS = [
    (letter("=53TOP", Content_Transfer_Encoding="quoted-printable"), "STOP", None),
    (letter("<style>p{}</style><p>Stop &amp; go</p><blockquote>no</blockquote>", "text/html"), "Stop & go", None),
    (letter("x", "text/plain; charset=klingon"), "x", None),
    (letter("hi", Subject="unsubscribe"), "hi", State.OUT),
    (letter("hi", Subject="=?utf-8?B?VW5zdWJzY3JpYmU=?=", X_Auto_Response_Suppress="All"), "hi", State.OUT),
    (letter("hi", Subject="How do I unsubscribe?"), "hi", None),
    (letter("\x00nul"), "\ufffdnul", None),
    (letter("--b\nContent-Type: text/html\n\n<p>no</p>\n--b\nContent-Type: text/plain\n\nSTOP\n--b--",
            "multipart/alternative; boundary=b"), "STOP", None),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text", "word"), LETTERS)
def test_r09_letters_are_read_as_people_see_them(raw: bytes, text: str, word: State | None) -> None:
    found = words(raw)

    assert (found.text, found.word) == (text, word)


def test_r09_what_is_too_large_is_cut_and_what_is_too_deep_is_not_looked_into() -> None:
    large = postfix().replace(b"Hello Ada", b"Hello Ada\n" * (LARGEST // 5))
    deep = b"From: ada@example.com\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)
    )

    assert len(large) > LARGEST
    assert one(large).signal is Signal.HARD_BOUNCE
    assert [type(found) for found in read_mail(deep)] == [InboundMessage]


@given(st.binary(max_size=300), st.sampled_from([raw for raw, _, _ in SAMPLES.values()] + [arf(), letter()]), st.data())
def test_r09_no_mail_makes_the_reading_fail(noise: bytes, raw: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(raw)))

    for mail in (noise, raw[:at], raw[:at] + noise + raw[at:], raw[at:]):
        assert all(found.message_id for found in read_mail(mail))


def test_r09_a_mail_without_an_id_has_one_by_its_bytes() -> None:
    first, other = (read_mail(letter(text, Message_ID=""))[0].message_id for text in ("a", "b"))

    assert first.startswith("sha256:")
    assert first != other


def test_r09_parameters_without_end_take_no_time() -> None:
    raw = b'Content-Type: multipart/report; boundary="b' + b";" * LARGEST + b"\n\nx"

    assert read_mail(raw) == []
