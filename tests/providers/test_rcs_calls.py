"""Promises about what Google's RCS for Business posts to us."""

import base64
import json
import random

import pytest

from connector.domain.messages import BadInbound, BadSignature, InboundMessage
from connector.domain.words import Channel, State
from connector.providers.http_api import HttpApi
from connector.providers.rcs_calls import read_rcs, signature
from tests.providers.factories import a_call

TOKEN = "rbm-client-token"
DATA = b'{"senderPhoneNumber":"+14155550123","eventType":"UNSUBSCRIBE","eventId":"ev-1","agentId":"shop_agent"}'
SIGNED = "+UBy6N/D89AWFL3XEZ6Ow8sHDUVaKVcaGbx7u86MPQPqTH9d22GiFuZ6lSbKZyti4nll5ntZuadhl9b3t8KfMA=="
OUT = InboundMessage("ev-1", "+14155550123", None, "", Channel.RCS, None, State.OUT, written=False)


def wrapped(data):
    return json.dumps({"message": {"data": base64.b64encode(data).decode(), "messageId": "1"}}).encode()


def test_the_vector():
    call = a_call(wrapped(DATA), {"x-goog-signature": SIGNED})

    assert signature(TOKEN, DATA).decode() == SIGNED
    assert HttpApi(allow_private=False).parse_inbound(call, {"preset": "rcs", "client_token": TOKEN}, 0) == [OUT]


@pytest.mark.parametrize(
    ("token", "body", "header"),
    [
        ("another", wrapped(DATA), SIGNED),
        (None, wrapped(DATA), SIGNED),
        ("", wrapped(DATA), signature("", DATA).decode()),
        (TOKEN, wrapped(DATA + b" "), SIGNED),
        (TOKEN, wrapped(DATA), ""),
        (TOKEN, b"{}", SIGNED),
        (TOKEN, b"\xff", SIGNED),
        (TOKEN, b'{"message": {"data": "?"}}', SIGNED),
    ],
)
def test_what_is_not_signed_is_not_read(token, body, header):
    with pytest.raises(BadSignature):
        read_rcs(a_call(body, {"x-goog-signature": header}), token)


def test_of_ten_thousand_altered_events_none_is_taken():
    rng = random.Random(512)
    for _ in range(10_000):
        data, header = bytearray(DATA), bytearray(SIGNED.encode())
        target = rng.choice((data, header))
        target[rng.randrange(len(target))] ^= 1 << rng.randrange(8)
        with pytest.raises(BadSignature):
            read_rcs(a_call(wrapped(bytes(data)), {"x-goog-signature": header.decode("latin-1")}), TOKEN)


@pytest.mark.parametrize(
    ("event", "known"),
    [
        ({"eventType": "SUBSCRIBE"}, ("", State.CLEARED, False)),
        ({"text": "STOP"}, ("STOP", None, True)),
        ({"suggestionResponse": {"postbackData": "OPTOUT", "text": "Abmelden"}}, ("Abmelden", State.OUT, True)),
        ({"suggestionResponse": {"postbackData": "more", "text": "More"}}, ("More", None, True)),
        ({"location": {}}, ("", None, True)),
    ],
)
def test_an_event_is_read(event, known):
    (message,) = heard({"senderPhoneNumber": "+1415", "eventId": "e", "sendTime": "2026-11-23T18:00:00Z", **event})

    assert (message.text, message.word, message.written) == known
    assert message.at == 1_795_456_800_000_000


def test_receipts_are_no_messages_and_an_event_of_nobody_is_told_apart():
    assert heard({"senderPhoneNumber": "+1415", "eventId": "e", "eventType": "READ"}) == []
    with pytest.raises(BadInbound):
        heard({"eventId": "e", "text": "STOP"})
    with pytest.raises(BadInbound):
        heard([])


@pytest.mark.parametrize("token", ["another", "", None])
def test_google_gets_its_secret_back_where_it_knows_our_token(token):
    api, settings = HttpApi(allow_private=False), {"preset": "rcs", "client_token": TOKEN}
    asked = json.dumps({"clientToken": TOKEN, "secret": "1234567890"}).encode()

    assert api.greeting(a_call(asked), settings) == {"secret": "1234567890"}
    assert api.greeting(a_call(wrapped(DATA)), settings) is None
    assert api.greeting(a_call(asked), {"url": "https://x.example"}) is None
    with pytest.raises(BadSignature):
        api.greeting(a_call(asked), {**settings, "client_token": token})


def heard(event):
    data = json.dumps(event).encode()
    return read_rcs(a_call(wrapped(data), {"x-goog-signature": signature(TOKEN, data).decode()}), TOKEN)
