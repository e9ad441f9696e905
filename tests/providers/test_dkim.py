"""Promises about signed mail, judged by a verifier that is right about the RFC's own message."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.messages import Accepted, Kind, Rejected
from connector.providers.dkim import sign
from connector.providers.mail import build, wire_form
from connector.providers.smtp import Smtp
from tests.providers.dkim_verifier import verified
from tests.providers.factories import a_mail, a_permit
from tests.providers.mailservers import mail_server

# RFC 8463, appendix A: its RSA key, its message, and its rsa-sha256 signature.
RECORD = (
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G"
    "+2kryOTIKT+l/K4w3QIDAQAB"
)
MESSAGE = b"""\
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")
SIGNED = b"""\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
""".replace(b"\n", b"\r\n")

_KEY = rsa.generate_private_key(65537, 2048)
PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = base64.b64encode(_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
OURS = f"v=DKIM1; k=rsa; p={PUBLIC}"
DKIM = {"domain": "shop.example", "selector": "heed", "private_key": PEM}
URL = "https://c.shop.example/u/" + "T" * 300


def test_the_verifier_is_right_about_the_rfcs_own_message():
    assert verified(SIGNED + MESSAGE, RECORD)[:2] == ["from", "to"]
    for altered in (MESSAGE.replace(b"Joe.", b"Jim."), MESSAGE.replace(b"dinner", b"lunch")):
        with pytest.raises(ValueError, match="altered"):
            verified(SIGNED + altered, RECORD)


def test_a_mail_is_signed_with_both_unsubscribe_headers():
    mail = wire_form(build(a_mail(unsubscribe_url=URL), {}), utf8=False, dkim=DKIM)

    covered = verified(mail, OURS)

    assert {"from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"} <= set(covered)
    assert f"List-Unsubscribe: <{URL}>\r\n".encode() in mail
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in mail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"One-Click", b"Two-Click"),
        (b"/u/T", b"/u/U"),
        (b"Subject: News", b"Subject: Olds"),
        (b"Hello", b"Hullo"),
        (b"From: ", b"From: x@y.example\r\nFrom: "),
        (b"\r\n\r\n", b"\r\nFrom: x@y.example\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nList-Unsubscribe: <https://y.example/>\r\n\r\n"),
    ],
)
def test_an_altered_mail_does_not_hold(old, new):
    mail = wire_form(build(a_mail(unsubscribe_url=URL), {}), utf8=False, dkim=DKIM)
    assert old in mail

    with pytest.raises(ValueError, match="altered"):
        verified(mail.replace(old, new, 1), OURS)


_texts = st.text(st.characters(codec="utf-8"), max_size=300) | st.text(" \t\r\nab.", max_size=60)


@settings(max_examples=60)
@given(_texts, _texts, st.booleans())
def test_whatever_a_mail_says_its_signature_holds(subject, text, utf8):
    mail = build(a_mail(subject=subject, text=text, html=text, unsubscribe_url=URL), {})

    assert verified(wire_form(mail, utf8=utf8, dkim=DKIM), OURS)


@pytest.mark.parametrize("body", [b"", b"\r\n", b" \t\r\n\r\n", b"a \t b  \r\n\r\n c\t\r\n\r\n\r\n", b"no line end"])
@pytest.mark.parametrize("head", [b"From: a@b.example\r\nSubject:  a\r\n \t b  \r\nX: y", b"FROM:a@b.example"])
def test_blanks_that_may_change_on_the_way_do_not_count(head, body):
    signed = sign(head + b"\r\n\r\n" + body, "b.example", "s", PEM)
    assert verified(signed, OURS)

    respaced = re.sub(rb"(?<=\w)[ \t]+(?=\w)", b" \t ", signed) if b"a \t b" in body else signed + b"\r\n\r\n"
    assert verified(respaced, OURS)


def test_lines_of_a_signature_are_short():
    assert max(map(len, sign(MESSAGE, "shop.example", "s", PEM).split(b"\r\n")[:9])) < 200


def test_what_arrives_at_a_mail_server_is_signed():
    with mail_server() as (keeper, port):
        outcome = Smtp(allow_private=True).deliver(
            a_mail(unsubscribe_url=URL),
            a_permit(),
            {"host": "127.0.0.1", "port": port, "security": "none", "dkim": DKIM},
        )

    assert isinstance(outcome, Accepted)
    content = keeper.envelopes[0].original_content
    assert "list-unsubscribe-post" in verified(content, OURS)
    assert f"List-Unsubscribe: <{URL}>\r\n".encode() in content


@pytest.mark.parametrize(
    "url", ["http://c.shop.example/u/1", "https://c.shop.example/>,<x", "https://x/\r\nBcc: y", "https://ü.example/"]
)
def test_a_url_that_could_not_arrive_as_it_is_is_refused(url):
    outcome = Smtp(allow_private=True).deliver(
        a_mail(unsubscribe_url=url), a_permit(), {"host": "127.0.0.1", "port": 9}
    )

    assert (outcome.__class__, outcome.kind) == (Rejected, Kind.PROVIDER)


def test_without_a_url_nothing_is_said_of_unsubscribing():
    assert b"List-Unsubscribe" not in wire_form(build(a_mail(), {}), utf8=False)


_CURVE = (
    ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"private_key": _CURVE}, [("/dkim/private_key", "invalid")]),
        ({"private_key": "-----BEGIN PRIVATE KEY-----"}, [("/dkim/private_key", "invalid")]),
        ({"private_key": 7}, [("/dkim/private_key", "invalid")]),
        ({"domain": "shop"}, [("/dkim/domain", "invalid")]),
        ({"domain": "shop.example; b=x"}, [("/dkim/domain", "invalid")]),
        ({"selector": ""}, [("/dkim/selector", "required")]),
        ({"algorithm": "x"}, [("/dkim", "invalid")]),
    ],
)
def test_a_fault_in_the_settings_is_named_where_it_is(changes, faults):
    found = Smtp(allow_private=False).check_settings({"host": "mail.example", "dkim": {**DKIM, **changes}})

    assert [(fault.pointer, fault.code) for fault in found] == faults
    assert "dkim" in Smtp.secrets
