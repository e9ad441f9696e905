"""Promises of email by SMTP: each mail has its own verdict, and a break is placed before or after the final dot."""

import email
import email.policy
import time

import pytest

from connector.domain.messages import Accepted, BadInbound, Kind, Rejected, Retry, Unknown
from connector.providers.smtp import Smtp
from tests.providers.factories import a_call, a_mail, a_permit
from tests.providers.mailservers import CONTENT, GREETING, PASSWORD, USER, mail_server, told
from tests.providers.peers import closed_port, drip, peer, reset

SMTP = Smtp(allow_private=True)


def test_a_mail_arrives_and_its_queue_id_is_kept():
    with mail_server() as (keeper, port):
        outcome = SMTP.deliver(a_mail(html="<p>Hello</p>"), a_permit(), plain(port))

    assert outcome == Accepted("Q1")
    envelope = keeper.envelopes[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("news@shop.example", ["ann@people.example"])
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert (mail["To"], mail["Subject"], mail["Message-ID"]) == ("ann@people.example", "News", "<snd_1@shop.example>")
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_body(["plain"]).get_content() == "Hello\r\n"
    assert mail.get_body(["html"]).get_content() == "<p>Hello</p>\r\n"


@pytest.mark.usefixtures("trusted")
def test_starttls_and_login(server_context):
    with mail_server(server_context, login=True) as (keeper, port):
        outcome = SMTP.deliver(a_mail(), a_permit(), secured(port))

    assert outcome == Accepted("Q1")
    assert keeper.logged_in == [True]


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_first_byte(server_context):
    with mail_server(server_context, implicit_tls=True, login=True) as (keeper, port):
        outcome = SMTP.deliver(a_mail(), a_permit(), secured(port, security="tls"))

    assert outcome == Accepted("Q1")
    assert keeper.logged_in == [True]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_refused(server_context):
    with mail_server(server_context, login=True) as (keeper, port):
        outcome = SMTP.deliver(a_mail(), a_permit(), secured(port, password="wrong"))

    assert outcome == Rejected(Kind.AUTH, "535 5.7.8")
    assert keeper.envelopes == []


@pytest.mark.usefixtures("trusted")
def test_a_server_that_wants_tls_is_not_spoken_to_without(server_context):
    with mail_server(server_context) as (_, port):
        assert SMTP.deliver(a_mail(), a_permit(), plain(port)).kind is Kind.AUTH


def test_no_password_and_no_mail_goes_out_where_starttls_is_missing():
    with peer(told()) as server:
        outcome = SMTP.deliver(a_mail(), a_permit(), secured(server.port))

    assert outcome.kind is Kind.AUTH
    assert all(command.startswith(b"ehlo") for command in server.heard)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_no_password_and_no_mail_goes_to_a_server_that_nobody_vouches_for(security, server_context):
    with mail_server(server_context, implicit_tls=security == "tls", login=True) as (keeper, port):
        outcome = SMTP.deliver(a_mail(), a_permit(), secured(port, security=security))

    assert isinstance(outcome, Retry)
    assert keeper.envelopes == []


def test_letters_in_an_address_need_a_server_that_takes_them():
    with mail_server() as (keeper, port):
        assert SMTP.deliver(a_mail(to="jörg@bücher.example"), a_permit(), plain(port)) == Accepted("Q1")
    assert keeper.envelopes[0].rcpt_tos == ["jörg@xn--bcher-kva.example"]
    assert "jörg@xn--bcher-kva.example".encode() in keeper.envelopes[0].content

    with mail_server(utf8=False) as (keeper, port):
        assert SMTP.deliver(a_mail(to="jörg@people.example"), a_permit(), plain(port)).kind is Kind.PROVIDER
    assert keeper.envelopes == []


def test_a_mail_can_not_end_itself():
    text = "one\r\n.\r\nMAIL FROM:<x@y.example>\n.\n.two\r.\rthree"

    with mail_server() as (keeper, port):
        outcome = SMTP.deliver(a_mail(text=text), a_permit(), plain(port))

    assert outcome == Accepted("Q1")
    assert len(keeper.envelopes) == 1
    mail = email.message_from_bytes(keeper.envelopes[0].content, policy=email.policy.default)
    assert mail.get_content().splitlines() == text.splitlines()


@pytest.mark.parametrize(
    "to", ["ann@people.example>\r\nRCPT TO:<x@y.example", "ann", "a b@c.example", "a@b@c.example", ""]
)
def test_what_is_no_address_is_refused_before_the_call(to):
    with peer(told()) as server:
        assert SMTP.deliver(a_mail(to=to), a_permit(), plain(server.port)).kind is Kind.INVALID_RECIPIENT

    assert server.callers == 0


def test_a_sender_without_an_address_is_refused_before_the_call():
    outcome = SMTP.deliver(a_mail(sender="+15550199"), a_permit(), {"host": "127.0.0.1"})

    assert outcome == Rejected(Kind.PROVIDER, "from: not an email address")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({GREETING: b"421 4.3.2 going down\r\n"}, Retry(60.0, "421 4.3.2")),
        ({GREETING: b"554 5.7.1 not you\r\n"}, Rejected(Kind.POLICY, "554 5.7.1")),
        ({GREETING: b"SSH-2.0-OpenSSH_9\r\n"}, Retry(300.0, "an answer that can't be read")),
        ({"MAIL": b"530 5.7.0 Must issue a STARTTLS command first\r\n"}, Rejected(Kind.AUTH, "530 5.7.0")),
        ({"MAIL": b"553 5.1.8 no such sender domain\r\n"}, Rejected(Kind.PROVIDER, "553 5.1.8")),
        ({"MAIL": b"550 5.1.1 who are you\r\n"}, Rejected(Kind.PROVIDER, "550 5.1.1")),
        ({"RCPT": b"550 5.1.1 <ann@people.example> unknown\r\n"}, Rejected(Kind.INVALID_RECIPIENT, "550 5.1.1")),
        ({"RCPT": b"550-5.1.1 no\r\n550 5.1.1 such user\r\n"}, Rejected(Kind.INVALID_RECIPIENT, "550 5.1.1")),
        ({"RCPT": b"550 5.7.1 blocked by list\r\n"}, Rejected(Kind.POLICY, "550 5.7.1")),
        ({"RCPT": b"550 no\r\n"}, Rejected(Kind.PROVIDER, "550")),
        ({"RCPT": b"552 5.2.2 full\r\n"}, Retry(3600.0, "552 5.2.2")),
        ({"RCPT": b"450 4.7.1 greylisted\r\n"}, Retry(300.0, "450 4.7.1")),
        ({"RCPT": b"251 will forward\r\n"}, Accepted("Q1")),
        ({"DATA": b"451 later\r\n"}, Retry(300.0, "451")),
        ({"DATA": b"250 what for?\r\n"}, Retry(300.0, "an answer that can't be read")),
        ({CONTENT: b"550 5.1.1 after all not\r\n"}, Rejected(Kind.INVALID_RECIPIENT, "550 5.1.1")),
        ({CONTENT: b"554 5.6.0 not so\r\n"}, Rejected(Kind.PROVIDER, "554 5.6.0")),
        ({CONTENT: b"451 4.3.0 try again\r\n"}, Retry(300.0, "451 4.3.0")),
        ({CONTENT: b"250 OK id=1tEx-0001\r\n"}, Accepted("1tEx-0001")),
        ({CONTENT: b"250 2.6.0 <snd_1@shop.example> Queued\r\n"}, Accepted(None)),
        ({CONTENT: b"250 Message accepted\r\n"}, Accepted("Message accepted")),
        ({CONTENT: b"abc\r\n"}, Unknown("the answer can't be read")),
        ({CONTENT: b"999 what\r\n"}, Unknown("the answer can't be read")),
        ({CONTENT: b"250 " + b"x" * 100_000 + b"\r\n"}, Unknown("the answer to the mail can't be read")),
        ({CONTENT: b""}, Unknown("the connection ended before the answer to the mail")),
    ],
)
def test_an_answer_is_translated_and_says_no_address(answers, expected):
    # The one that says nothing hangs up instead.
    hangs_up = answers.get(CONTENT) == b""
    with peer(told(**({CONTENT: lambda line, _: reset(line)} if hangs_up else answers))) as server:
        assert SMTP.deliver(a_mail(), a_permit(), plain(server.port)) == expected


def test_a_mail_that_was_taken_stays_taken_when_the_server_leaves_without_a_goodbye():
    def take_and_reset(line, server):
        line.sendall(b"250 2.0.0 OK: queued as Q1\r\n")
        reset(line)

    with peer(told(**{CONTENT: take_and_reset})) as server:
        assert SMTP.deliver(a_mail(), a_permit(), plain(server.port)) == Accepted("Q1")


@pytest.mark.parametrize("where", [GREETING, "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_break_before_the_final_dot_is_tried_again(where):
    with peer(told(**{where: lambda line, _: reset(line)})) as server:
        assert isinstance(SMTP.deliver(a_mail(), a_permit(), plain(server.port)), Retry)


def test_a_break_in_the_middle_of_the_mail_is_tried_again():
    def hang_up_in_content(line, server):
        line.sendall(b"354 Go on\r\n")
        line.recv(10)
        reset(line)

    with peer(told(DATA=hang_up_in_content)) as server:
        outcome = SMTP.deliver(a_mail(text=("y" * 60 + "\n") * 200_000), a_permit(), plain(server.port))

    assert isinstance(outcome, Retry)


@pytest.mark.parametrize(
    ("where", "reply", "expected"),
    [
        (GREETING, b"", Retry),
        ("EHLO", b"250-" + b"y" * 1000, Retry),
        ("RCPT", b"550 5.1.1 ", Retry),  # half a line is no answer, though the library takes it for one
        (CONTENT, b"", Unknown),
        (CONTENT, b"250 2.0.0 ", Unknown),
        (CONTENT, b"550 5.1.1 ", Unknown),
    ],
)
def test_nothing_outlives_the_deadline(where, reply, expected):
    def conduct(line, server):
        if reply:
            drip(line, server, reply, pause=0.01)
        else:
            server.over.wait(5)

    began = time.monotonic()
    with peer(told(**{where: conduct})) as server:
        outcome = SMTP.deliver(a_mail(), a_permit(0.35), plain(server.port))

    assert isinstance(outcome, expected)
    assert time.monotonic() - began < 0.75


def test_where_nobody_listens_it_is_tried_again():
    assert SMTP.deliver(a_mail(), a_permit(), plain(closed_port())) == Retry(30.0, "the connection was refused")


def test_with_too_little_time_nothing_begins():
    with peer(told()) as server:
        assert isinstance(SMTP.deliver(a_mail(), a_permit(0.1), plain(server.port)), Retry)

    assert server.callers == 0


def test_a_server_in_our_own_network_is_not_called():
    with peer(told()) as server:
        outcome = Smtp(allow_private=False).deliver(a_mail(), a_permit(), plain(server.port))

    assert outcome.kind is Kind.PROVIDER
    assert server.callers == 0


def test_what_arrives_by_a_call_must_be_a_mail():
    for headers in ({}, {"content-type": "application/json"}, {"content-type": "multipart/form-data"}):
        with pytest.raises(BadInbound):
            SMTP.parse_inbound(a_call(b"{}", headers), {}, 0)
    with pytest.raises(BadInbound):
        SMTP.parse_inbound(a_call(b" ", {"content-type": "message/rfc822"}), {}, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "mail.example"},
        {"host": "mail.example", "port": 2525, "security": "none", "from": "Shop, Inc. <news@shop.example>"},
        {"host": "93.184.216.34", "security": "tls", "username": "u", "password": "p", "from": "news@shop.example"},
        {"host": "mail.example", "port": None, "dkim": None, "username": ""},
    ],
)
def test_good_settings_have_no_faults(settings):
    assert Smtp(allow_private=False).check_settings(settings) == []


@pytest.mark.parametrize(
    ("settings", "pointer", "code"),
    [
        ({"host": ""}, "/host", "required"),
        ({"host": "mail.example/x"}, "/host", "invalid"),
        ({"host": "localhost"}, "/host", "refused_target"),
        ({"host": "::1"}, "/host", "refused_target"),
        ({"port": 0}, "/port", "invalid"),
        ({"port": 25.5}, "/port", "invalid"),
        ({"port": "25"}, "/port", "invalid"),
        ({"security": "ssl"}, "/security", "invalid"),
        ({"username": "u"}, "/password", "required"),
        ({"password": "p"}, "/username", "required"),
        ({"username": "ü", "password": "p"}, "/username", "invalid"),
        ({"security": "none", "username": "u", "password": "p"}, "/security", "insecure"),
        ({"from": "news"}, "/from", "invalid"),
        ({"from": "Shop <news@shop.example> x"}, "/from", "invalid"),
        ({"from": "Shop <news@shop.example\r\nBcc: x@y.example>"}, "/from", "invalid"),
        ({"dkim": "shop.example"}, "/dkim", "invalid"),
        ({"tls": True}, "/tls", "unknown_field"),
    ],
)
def test_a_fault_is_named_where_it_is(settings, pointer, code):
    faults = Smtp(allow_private=False).check_settings({"host": "mail.example", **settings})

    assert [(fault.pointer, fault.code) for fault in faults] == [(pointer, code)]


def plain(port):
    return {"host": "127.0.0.1", "port": port, "security": "none"}


def secured(port, **changes):
    login = {"username": USER, "password": PASSWORD}
    return {"host": "127.0.0.1", "port": port, "security": "starttls", **login, **changes}
