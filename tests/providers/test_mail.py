"""Promises about the bytes of a mail."""

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.providers.mail import BadAddress, build, check_address, read_sender, wire_form
from tests.providers.factories import a_mail


@pytest.mark.parametrize("subject", ["News\r\nBcc: x@y.example", "News\nX: y", "News\x00\u2028X: y", "ä\r\n\r\nbody"])
def test_a_value_can_not_become_a_header(subject):
    content = written(subject=subject)

    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert set(mail.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert mail.get_content() == "Hello\r\n"


def test_a_display_name_can_not_become_an_address():
    mail = email.message_from_bytes(written({"from": 'x@y.example, "Shop" <news@shop.example>'}))

    assert [pair[1] for pair in email.utils.getaddresses([mail["From"]])] == ["news@shop.example"]


def test_a_long_url_in_a_header_arrives_literally():
    url = "https://c.shop.example/u/" + "T" * 400
    mail = build(a_mail(), {})
    mail["List-Unsubscribe"] = f"<mailto:u@shop.example?subject=u.T>, <{url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

    content = wire_form(mail, utf8=False)

    assert f"<{url}>\r\n".encode() in content
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content


@pytest.mark.parametrize("text", ["ä" * 5000, "x" * 5000, "a\n" * 3000, "🛑", "tail \n=\t\n.", "\ud83d"])
def test_lines_are_short_and_ascii_so_that_every_server_takes_them(text):
    content = written(text=text, html=text, subject=text[:900])

    assert content.isascii()
    assert content.replace(b"\r\n", b"").count(b"\n") == content.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, content.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(content, policy=email.policy.default)
    wanted = text.encode(errors="replace").decode().splitlines()
    assert mail.get_body(["plain"]).get_content().splitlines() == wanted


def test_words_in_a_header_are_as_long_as_rfc_2047_allows():
    content = written(subject="ä" * 500)

    assert max(map(len, content.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("message", "kind"),
    [({"html": "<p>"}, "multipart/alternative"), ({"text": None, "html": "<p>"}, "text/html"), ({}, "text/plain")],
)
def test_a_mail_has_the_parts_that_the_message_has(message, kind):
    assert build(a_mail(**message), {}).get_content_type() == kind


@pytest.mark.parametrize("send_id", ["snd_1", "snd>\r\nX: y", "snd 1@x"])
def test_the_message_id_is_one_word_made_from_the_send(send_id):
    message_id = build(a_mail(send_id=send_id), {})["Message-ID"]

    assert message_id.startswith("<snd_")
    assert message_id.endswith("@shop.example>")
    assert not {" ", "\r", "\n"} & set(message_id)


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("news@shop.example", ("", "news@shop.example")),
        (" news@shop.example ", ("", "news@shop.example")),
        ("Shop <news@shop.example>", ("Shop", "news@shop.example")),
        ('"Shop, Inc." <news@bücher.example>', ("Shop, Inc.", "news@xn--bcher-kva.example")),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(sender, expected):
    assert read_sender(sender) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "a@",
        "@b.example",
        "a@b@c",
        "a b@c.example",
        "a@b..example",
        "a@.b",
        "<a@b.example>",
        "a@b.example,c@d.example",
        "a@b.example\r\n",
        "a\x00@b.example",
        "a@" + "x" * 70 + ".example",
        '"a"@b.example',
        "a@[127.0.0.1]",
        "\udcff@b.example",
    ],
)
def test_what_is_no_plain_address_is_refused(address):
    with pytest.raises(BadAddress):
        check_address(address)


HARD = st.text(st.sampled_from('=?utf-8qB_ \t\r\n"<>,;:()@.äÄ🛑\u2028\x00\x85'), max_size=300)


@settings(deadline=None)
@given(HARD, HARD, HARD, HARD)
def test_every_message_becomes_a_mail_with_the_same_headers(name, subject, text, html):
    content = written({"from": f"{name.replace('<', '')} <news@shop.example>"}, subject=subject, text=text, html=html)

    head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [row.split(b":")[0] for row in head.split(b"\r\n")]
    assert names == [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"]


def written(settings=None, **message):
    return wire_form(build(a_mail(**message), settings or {}), utf8=False)
