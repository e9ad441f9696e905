"""What a person's attributes become in a message: text, never markup, and never the way out (D04, D05, D12)."""

from typing import Any

import pytest

from connector.domain.messages import Message
from tests.heed import Heed
from tests.web.console import signed_in
from tests.web.test_console_campaigns import send, step

ADA = "ada@shop.example"
EVIL = "<img src=\"x\" onerror='a'> & Co"
ESCAPED = "&lt;img src=&quot;x&quot; onerror=&#x27;a&#x27;&gt; &amp; Co"


def claimed(heed: Heed, path: str = "/v1/actions/send_with_suppression", **body: Any) -> Message:
    """The one message that a worker would hand over after this call."""
    heed.post(path, body)
    (work,) = heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())
    return work.message


def test_d12_attributes_are_text_in_the_html_part_and_as_they_are_elsewhere(heed: Heed) -> None:
    sender, person = heed.sender(channel="email")["id"], {"email": ADA, "attributes": {"name": EVIL}}
    parts = {"subject": "For {{ name }}", "text": "Hi {{ name }}", "html": "<p>Hi {{ name }} {{ opt_out }}</p>"}

    sent = claimed(heed, sender=sender, recipients=[person], **parts, **{"async": True})

    assert (sent.subject, sent.text) == (f"For {EVIL}", f"Hi {EVIL}")
    assert sent.html.startswith(f'<p>Hi {ESCAPED} <a href="http')
    assert sent.html.endswith('">Unsubscribe</a></p>')


def test_d12_a_parameter_of_a_template_is_text_in_the_html_part(heed: Heed) -> None:
    heed.post("/v1/templates", {"name": "sale", "subject": "{{ name }}", "html": "<p>{{ name }}</p>"})
    template = {"name": "sale", "parameters": {"name": "{{ given }} <b>"}}
    person = {"email": ADA, "attributes": {"given": EVIL}}

    sent = claimed(
        heed, sender=heed.sender(channel="email")["id"], recipients=[person], template=template, **{"async": True}
    )

    assert (sent.subject, sent.html) == (f"{EVIL} <b>", f"<p>{ESCAPED} &lt;b&gt;</p>")


def test_d12_what_a_mapping_puts_into_html_is_text_there_and_shown_so_before(heed: Heed) -> None:
    sender = heed.sender(channel="email")["id"]
    mapping = {
        "sender": sender, "email": ADA, "subject": "Hi {{ name }}", "html": "<p>{{ name }} \\{{ opt_out_link }}</p>",
        "async": True,
    }  # fmt: skip
    path, body = "/v1/actions/send_with_suppression", {"mapping": mapping, "data": {"name": EVIL}}

    shown = heed.post(f"{path}/preview", body)["input"]
    sent = claimed(heed, f"{path}/mapped", **body)

    assert (shown["subject"], shown["html"]) == (f"Hi {EVIL}", f"<p>{ESCAPED} {{{{ opt_out_link }}}}</p>")
    assert sent.subject == f"Hi {EVIL}"
    assert sent.html.startswith(f"<p>{ESCAPED} http")


def test_d12_html_that_is_mapped_whole_is_html(heed: Heed) -> None:
    mapping = {
        "sender": heed.sender(channel="email")["id"], "email": ADA, "subject": "Hi", "html": "{{ page }}", "async": True
    }  # fmt: skip

    sent = claimed(
        heed, "/v1/actions/send_with_suppression/mapped", mapping=mapping, data={"page": "<p>Hi {{ you }}</p>"}
    )

    assert sent.html == "<p>Hi {{ you }}</p>"


def test_d12_the_console_shows_a_message_as_it_will_be_sent(heed: Heed) -> None:
    console, sender = signed_in(heed), heed.sender(channel="email")["id"]
    parts = step(0, "", subject="Hi", html="<p>Hi {{ name }}</p>")

    shown = send(
        console, "/campaigns/draft", parts, sender=sender, do="preview", **{"sample.attributes": '{"name": "<b>"}'}
    ).text

    # Once for the message, and once for the page that shows its source within an attribute.
    assert "&lt;p&gt;Hi &amp;lt;b&amp;gt;&lt;/p&gt;" in shown.partition('class="preview"')[2]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_d04_an_attribute_called_like_a_tag_does_not_stand_where_the_way_out_should(heed: Heed, channel: str) -> None:
    hijack = dict.fromkeys(("opt_out", "opt_out_link", "preferences"), "http://evil.example")
    address = {"email": ADA} if channel == "email" else {"number": "+14155550123"}
    parts = {"text": "{{ opt_out }} {{ opt_out_link }} {{ preferences }}"}
    if channel == "email":
        parts |= {"subject": "Hi", "html": '{{ opt_out }} <a href="{{ preferences }}">Choose</a>'}

    sent = claimed(
        heed, sender=heed.sender(channel=channel)["id"], recipients=[{**address, "attributes": hijack}], **parts,
        **{"async": True},
    )  # fmt: skip

    assert sent.text.count("http://heed.test/") >= 2
    assert "evil" not in f"{sent.text}{sent.html}"


def test_d04_a_parameter_called_like_a_tag_is_the_providers_and_does_not_stand_in_our_texts(heed: Heed) -> None:
    heed.post(
        "/v1/templates", {"name": "sale", "text": "Sale {{ opt_out_link }}", "parameters": ["opt_out_link", "off"]}
    )
    parameters = {"opt_out_link": "evil", "off": "now: {{ opt_out_link }}"}

    sent = claimed(
        heed, sender=heed.sender(channel="whatsapp")["id"], number="+14155550123",
        template={"name": "sale", "parameters": parameters}, **{"async": True},
    )  # fmt: skip

    assert sent.text.startswith("Sale http://heed.test/")
    assert "evil" in sent.template.parameters
    assert any(one.startswith("now: http://heed.test/") for one in sent.template.parameters)
