"""Promises about Twilio: what is posted to it, and what it posts to us."""

import base64
import json
from urllib.parse import parse_qs, urlencode

import pytest

from connector.domain.messages import (
    Accepted,
    BadInbound,
    BadSignature,
    Delivery,
    InboundMessage,
    InboundStatus,
    Kind,
    Rejected,
    Retry,
    Template,
    Unknown,
)
from connector.domain.words import Channel, State
from connector.providers.twilio import Twilio
from connector.providers.twilio_calls import signature
from tests.providers.factories import a_call, a_message, a_permit
from tests.providers.peers import peer, read_request

ACCOUNT, SERVICE, SID = "AC" + "0" * 31 + "3", "MG" + "0" * 31 + "2", "SM" + "0" * 31 + "1"
TOKEN = "0123456789abcdef0123456789abcdef"
SETTINGS = {"account_sid": ACCOUNT, "auth_token": TOKEN}
TWILIO = Twilio(allow_private=True, public_url="https://heed.example")
URL = "https://heed.example/in/token"


def test_a_message_is_posted_as_a_form_with_the_accounts_login():
    head, form, outcome = delivered(a_message(), sid=SID)

    assert outcome == Accepted(SID)
    assert head[0] == f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"
    assert f"Authorization: Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}" in head
    assert "Content-Type: application/x-www-form-urlencoded" in head
    assert form == {"To": "+15550100", "From": "+15550199", "Body": "Hello"}


@pytest.mark.parametrize(
    ("channel", "to", "sender"),
    [
        (Channel.SMS, "+15550100", "+15550199"),
        (Channel.WHATSAPP, "whatsapp:+15550100", "whatsapp:+15550199"),
        (Channel.RCS, "rcs:+15550100", "rcs:+15550199"),
    ],
)
def test_an_address_is_written_as_its_channel_has_it(channel, to, sender):
    _, form, _ = delivered(a_message(channel=channel))

    assert (form["To"], form["From"]) == (to, sender)


def test_a_messaging_service_chooses_the_number():
    _, form, _ = delivered(a_message(channel=Channel.RCS), settings={"messaging_service_sid": SERVICE})

    assert form["MessagingServiceSid"] == SERVICE
    assert "From" not in form


def test_an_approved_content_goes_by_its_name_and_any_other_template_as_its_text():
    name = "HX" + "a" * 32
    _, approved, _ = delivered(a_message(template=Template(name, "en", ("Ada", "7 %"))))
    _, other, _ = delivered(a_message(template=Template("promo", "en", ("Ada",))))

    assert approved["ContentSid"] == name
    assert json.loads(approved["ContentVariables"]) == {"1": "Ada", "2": "7 %"}
    assert "Body" not in approved
    assert (other["Body"], "ContentSid" in other) == ("Hello", False)


def test_a_template_that_only_another_provider_has_is_refused_without_asking():
    message = a_message(text=None, template=Template("promo", "en"))

    assert TWILIO.deliver(message, a_permit(), SETTINGS).kind is Kind.TEMPLATE


def test_the_callback_knows_which_send_it_is_about():
    _, form, _ = delivered(a_message(send_id="msg_7", inbound_path="/in/token"))

    assert form["StatusCallback"] == f"{URL}?send=msg_7"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080", "http://heed"])
def test_no_callback_is_asked_for_where_twilio_could_not_reach_us(url):
    private = Twilio(allow_private=False, public_url=url)

    assert "StatusCallback" not in private._form(a_message(inbound_path="/in/token"), SETTINGS)


@pytest.mark.parametrize("changes", [{"channel": Channel.VOICE}, {"channel": Channel.WHATSAPP, "to": "US.1349"}])
def test_what_twilio_does_not_reach_is_refused_without_asking_it(changes):
    assert isinstance(TWILIO.deliver(a_message(**changes), a_permit(), SETTINGS), Rejected)


# what Twilio answers, what is known then
ANSWERS = [
    (201, {"sid": SID, "status": "queued", "error_code": None}, Accepted(SID)),
    (201, {"sid": SID, "status": "failed", "error_code": 21610}, Rejected(Kind.OPTED_OUT, "HTTP 201, code 21610")),
    (201, {"sid": SID, "status": "failed", "error_code": None}, Rejected(Kind.PROVIDER, "HTTP 201")),
    (201, {"status": "queued"}, Unknown("HTTP 201 without the name of a message")),
    (201, {"sid": ["x"]}, Unknown("HTTP 201 without the name of a message")),
    (201, [], Unknown("HTTP 201 without the name of a message")),
    (400, {"code": 21610}, Rejected(Kind.OPTED_OUT, "HTTP 400, code 21610")),
    (400, {"code": 21211}, Rejected(Kind.INVALID_RECIPIENT, "HTTP 400, code 21211")),
    (400, {"code": 21614}, Rejected(Kind.INVALID_RECIPIENT, "HTTP 400, code 21614")),
    (400, {"code": 21408}, Rejected(Kind.POLICY, "HTTP 400, code 21408")),
    (400, {"code": 21611}, Retry(5.0, "HTTP 400, code 21611")),
    (400, {"code": 63016}, Rejected(Kind.WINDOW_CLOSED, "HTTP 400, code 63016")),
    (400, {"code": 21617}, Rejected(Kind.PROVIDER, "HTTP 400, code 21617")),
    (401, {"code": 20003}, Rejected(Kind.AUTH, "HTTP 401, code 20003")),
    (429, {"code": 20429}, Retry(5.0, "HTTP 429, code 20429")),
    (500, {"code": 20500}, Unknown("HTTP 500, code 20500")),
    (503, {}, Unknown("HTTP 503")),
]


@pytest.mark.parametrize(("status", "body", "known"), ANSWERS)
def test_an_answer_means_what_its_code_says(status, body, known):
    assert delivered(a_message(), status=status, body=body)[2] == known


FORM = {
    "MessageSid": SID, "SmsSid": SID, "AccountSid": ACCOUNT, "From": "+14155550123", "To": "+15005550006",
    "Body": "Stop", "NumMedia": "0", "SmsStatus": "received",
}  # fmt: skip


def test_a_persons_message_comes_in():
    assert heard(FORM) == [InboundMessage(SID, "+14155550123", "+15005550006", "Stop", Channel.SMS, None)]


def test_a_json_body_says_the_same():
    body = json.dumps(FORM).encode()
    url = f"{URL}?bodySHA256={__import__('hashlib').sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": signature(TOKEN, url, ()).decode()}

    assert TWILIO.parse_inbound(a_call(body, headers, url), SETTINGS, 0) == heard(FORM)


@pytest.mark.parametrize(
    ("fields", "person", "channel", "words"),
    [
        ({"From": "whatsapp:+14155550123", "To": "whatsapp:+1"}, "+14155550123", Channel.WHATSAPP, "Stop"),
        ({"From": "whatsapp:US.1349"}, "US.1349", Channel.WHATSAPP, "Stop"),
        ({"From": "rcs:+14155550123"}, "+14155550123", Channel.RCS, "Stop"),
        ({"Body": "", "ButtonText": "Stop promos"}, "+14155550123", Channel.SMS, "Stop promos"),
        ({"Body": "ストップ 🛑\x00"}, "+14155550123", Channel.SMS, "ストップ 🛑\ufffd"),
    ],
)
def test_channels_and_buttons(fields, person, channel, words):
    (message,) = heard({**FORM, **fields})

    assert (message.sender_address, message.channel, message.text) == (person, channel, words)


@pytest.mark.parametrize(("said", "word"), [("STOP", State.OUT), ("START", State.IN), ("HELP", None), ("", None)])
def test_what_twilio_has_acted_upon_is_told(said, word):
    (message,) = heard({**FORM, "Body": "ARRET", "OptOutType": said})

    assert (message.word, message.acts) == (word, word is not None)


CALLED = {"MessageSid": SID, "AccountSid": ACCOUNT, "To": "+14155550123", "From": "+15005550006"}


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"MessageStatus": "queued"}, (Delivery.ACCEPTED, None, "")),
        ({"MessageStatus": "sent", "SmsStatus": "sent"}, (Delivery.ACCEPTED, None, "")),
        ({"MessageStatus": "delivered", "RawDlrDoneDate": "2611231200"}, (Delivery.DELIVERED, None, "")),
        ({"MessageStatus": "read"}, (Delivery.DELIVERED, None, "")),
        ({"MessageStatus": "undelivered", "ErrorCode": "21610"}, (Delivery.FAILED, Kind.OPTED_OUT, "code 21610")),
        ({"MessageStatus": "failed", "ErrorCode": "30006"}, (Delivery.FAILED, Kind.INVALID_RECIPIENT, "code 30006")),
        ({"MessageStatus": "failed", "ErrorCode": "30003"}, (Delivery.FAILED, Kind.PROVIDER, "code 30003")),
        ({"MessageStatus": "failed"}, (Delivery.FAILED, Kind.PROVIDER, "")),
        ({"MessageStatus": "failed", "ErrorCode": "+14155550123"}, (Delivery.FAILED, Kind.PROVIDER, "")),
    ],
)
def test_a_callback_says_how_it_went(fields, known):
    assert heard({**CALLED, **fields}, f"{URL}?send=msg_7") == [InboundStatus("msg_7", SID, *known)]


@pytest.mark.parametrize(
    ("fields", "url"), [({"MessageStatus": "sent"}, URL), ({"MessageStatus": "thinking"}, f"{URL}?send=msg_7")]
)
def test_a_callback_about_nothing_of_ours_says_nothing(fields, url):
    assert heard({**CALLED, **fields}, url) == []


@pytest.mark.parametrize("fields", [{}, {"MessageSid": SID}, {"From": "+1"}, {"MessageSid": SID, "From": "whatsapp:"}])
def test_a_signed_call_without_a_message_is_told_apart(fields):
    with pytest.raises(BadInbound):
        heard(fields)


def test_too_many_fields_are_nobodys():
    with pytest.raises(BadSignature):
        heard({f"f{n}": "x" for n in range(600)})


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ({}, []),
        ({"messaging_service_sid": SERVICE, "base_url": "https://api.twilio.example", "webhook_key": "k"}, []),
        ({"account_sid": "AC12"}, [("/account_sid", "invalid")]),
        ({"auth_token": ""}, [("/auth_token", "required")]),
        ({"messaging_service_sid": "SM1"}, [("/messaging_service_sid", "invalid")]),
        ({"base_url": "http://10.0.0.1"}, [("/base_url", "refused_target")]),
        ({"token": "x"}, [("/token", "unknown_field")]),
    ],
)
def test_a_fault_in_the_settings_is_named_where_it_is(settings, faults):
    provider = Twilio(allow_private=False, public_url="https://heed.example")

    found = provider.check_settings({**SETTINGS, **settings})

    assert [(fault.pointer, fault.code) for fault in found] == faults


def heard(fields, url=URL, token=TOKEN):
    body = urlencode(fields)
    pairs = [(name, value) for name, value in fields.items()]
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature(token, url, pairs).decode(),
    }
    return TWILIO.parse_inbound(a_call(body.encode(), headers, url), SETTINGS, 0)


def delivered(message, *, status=201, body=None, sid=SID, settings=None):
    """(the lines of the head, the form, the outcome) of a hand-off to a server that answers so."""

    def conduct(line, server):
        read_request(line, server)
        content = json.dumps({"sid": sid, "status": "queued"} if body is None else body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        line.sendall(head.encode() + content)

    with peer(conduct) as server:
        outcome = TWILIO.deliver(message, a_permit(), {**SETTINGS, "base_url": server.url, **(settings or {})})
        head, _, form = server.heard[0].decode().partition("\r\n\r\n")
    return head.split("\r\n"), {name: values[0] for name, values in parse_qs(form).items()}, outcome
