"""Promises about WhatsApp Cloud: what is posted to Meta, and what Meta posts to us."""

import hmac
import json
import random
import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.messages import (
    Accepted,
    BadInbound,
    BadSignature,
    Delivery,
    InboundLink,
    InboundMessage,
    InboundStatus,
    Kind,
    Rejected,
    Retry,
    Template,
    Unknown,
)
from connector.domain.words import Channel, State
from connector.providers.whatsapp_calls import read_call
from connector.providers.whatsapp_cloud import WhatsAppCloud
from tests.providers.factories import a_call, a_message, a_permit
from tests.providers.peers import peer, read_request

PHONE, SECRET = "106540352242922", "my_app_secret"
SETTINGS = {"phone_number_id": PHONE, "access_token": "EAAJ", "app_secret": SECRET, "verify_token": "wörd"}
CLOUD = WhatsAppCloud(allow_private=True)
USER = "US.13491208655302741918"
AT = 1697043223
# The published example's envelope, byte for byte.
ENVELOPE = (
    b'{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":'
    b'{"messaging_product":"whatsapp"},"field":"messages"}]}]}'
)
SIGNED = "sha256=48b68697324c06a589ab8c6642d58196b53843065aaaff06f52d238f95d03a38"


def test_a_text_is_posted_as_json_with_our_id_of_the_send():
    head, body, outcome = delivered(a_message(channel=Channel.WHATSAPP, send_id="msg_7"))

    assert outcome == Accepted("wamid.1")
    assert head[0] == f"POST /{PHONE}/messages HTTP/1.1"
    assert "Authorization: Bearer EAAJ" in head
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "15550100",
        "type": "text",
        "text": {"preview_url": False, "body": "Hello"},
        "biz_opaque_callback_data": "msg_7",
    }


def test_a_template_is_named_and_its_blanks_are_filled():
    message = a_message(channel=Channel.WHATSAPP, template=Template("promo_a", "en_US", ("Jane", "7 %")))

    body = delivered(message)[1]

    assert (body["type"], "text" in body) == ("template", False)
    assert body["template"] == {
        "name": "promo_a",
        "language": {"code": "en_US"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Jane"}, {"type": "text", "text": "7 %"}]}
        ],
    }
    assert (
        "components" not in delivered(a_message(channel=Channel.WHATSAPP, template=Template("p", "en")))[1]["template"]
    )


def test_somebody_without_a_phone_is_the_recipient_and_not_a_number():
    body = delivered(a_message(channel=Channel.WHATSAPP, to=USER))[1]

    assert (body["recipient"], "to" in body) == (USER, False)


def test_other_channels_are_refused_without_asking():
    assert isinstance(CLOUD.deliver(a_message(), a_permit(), SETTINGS), Rejected)


def fault(code):
    return {"error": {"message": "no", "type": "OAuthException", "code": code, "error_data": {"details": "x"}}}


# what Meta answers, what is known then
ANSWERS = [
    (200, {"messages": [{"id": "wamid.1", "message_status": "accepted"}]}, Accepted("wamid.1")),
    (200, {"messages": []}, Unknown("HTTP 200 without the name of a message")),
    (200, ["x"], Unknown("HTTP 200 without the name of a message")),
    (200, fault(131047), Rejected(Kind.WINDOW_CLOSED, "HTTP 200, code 131047")),
    (200, fault(999), Rejected(Kind.PROVIDER, "HTTP 200, code 999")),
    (400, fault(131047), Rejected(Kind.WINDOW_CLOSED, "HTTP 400, code 131047")),
    (400, fault(131050), Rejected(Kind.MARKETING_STOPPED, "HTTP 400, code 131050")),
    (400, fault(131026), Rejected(Kind.INVALID_RECIPIENT, "HTTP 400, code 131026")),
    (400, fault(131049), Rejected(Kind.POLICY, "HTTP 400, code 131049")),
    (404, fault(132001), Rejected(Kind.TEMPLATE, "HTTP 404, code 132001")),
    (401, fault(190), Rejected(Kind.AUTH, "HTTP 401, code 190")),
    (403, fault(200), Rejected(Kind.AUTH, "HTTP 403, code 200")),
    (429, fault(131056), Retry(5.0, "HTTP 429, code 131056")),
    (400, fault(130429), Retry(5.0, "HTTP 400, code 130429")),
    (503, fault(131016), Retry(5.0, "HTTP 503, code 131016")),
    (400, fault(100), Rejected(Kind.PROVIDER, "HTTP 400, code 100")),
    (500, fault(131000), Unknown("HTTP 500, code 131000")),
    (500, fault(1), Unknown("HTTP 500, code 1")),
]


@pytest.mark.parametrize(("status", "body", "known"), ANSWERS)
def test_an_answer_means_what_its_code_says(status, body, known):
    assert delivered(a_message(channel=Channel.WHATSAPP), status=status, answer=body)[2] == known


def test_the_vector():
    assert CLOUD.parse_inbound(a_call(ENVELOPE, {"x-hub-signature-256": SIGNED}), SETTINGS, 0) == []
    for other in (ENVELOPE + b" ", ENVELOPE.replace(b"102290129340398", b"102290129340399")):
        with pytest.raises(BadSignature):
            CLOUD.parse_inbound(a_call(other, {"x-hub-signature-256": SIGNED}), SETTINGS, 0)


@pytest.mark.parametrize("header", ["", SIGNED.upper(), SIGNED.removeprefix("sha256="), SIGNED + "0", "sha256="])
def test_a_signature_is_exactly_that(header):
    with pytest.raises(BadSignature):
        CLOUD.parse_inbound(a_call(ENVELOPE, {"x-hub-signature-256": header}), SETTINGS, 0)


@pytest.mark.parametrize("secret", [None, ""])
def test_nobody_is_believed_where_there_is_no_secret(secret):
    empty = "sha256=" + hmac.new(b"", ENVELOPE, "sha256").hexdigest()
    with pytest.raises(BadSignature):
        CLOUD.parse_inbound(a_call(ENVELOPE, {"x-hub-signature-256": empty}), {**SETTINGS, "app_secret": secret}, 0)


def test_of_ten_thousand_altered_calls_none_is_taken():
    rng, taken, began = random.Random(131050), [], time.monotonic()
    for _ in range(10_000):
        body, header = ENVELOPE, SIGNED.encode()
        if rng.random() < 0.6:
            body = altered(rng, body)
        else:
            header = altered(rng, header)
        try:
            CLOUD.parse_inbound(a_call(body, {"x-hub-signature-256": header.decode("latin-1")}), SETTINGS, 0)
            taken.append((body, header))
        except BadSignature:
            continue
    assert taken == []
    assert time.monotonic() - began < 30


MESSAGES = [
    ({"type": "text", "text": {"body": "Stop"}}, "Stop", None),
    ({"type": "text", "text": {"body": "STOP\x00\ud83d"}}, "STOP\ufffd\ufffd", None),
    ({"type": "button", "button": {"payload": "OPTOUT:promos", "text": "Keine Angebote"}}, "Keine Angebote", State.OUT),
    ({"type": "button", "button": {"payload": "Stop promotions", "text": "Stop promotions"}}, "Stop promotions",
     State.OUT),
    ({"type": "button", "button": {"payload": "STOPOVER", "text": "Stopover"}}, "Stopover", None),
    ({"type": "button", "button": {"payload": "yes", "text": "Yes"}}, "Yes", None),
    ({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "opt-out", "title": "x"}}},
     "x", State.OUT),
    ({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "7", "title": "Seven"}}},
     "Seven", None),
    ({"type": "image", "image": {"id": "1", "caption": "STOP"}}, "STOP", None),
    ({"type": "sticker", "sticker": {}}, "", None),
    ({"type": "unsupported"}, "", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "words", "word"), MESSAGES)
def test_a_persons_message_comes_in(said, words, word):
    one = {"from": "972912345678", "id": "wamid.in", "timestamp": str(AT), **said}

    assert heard(messages=[one]) == [
        InboundMessage("wamid.in", "+972912345678", "15550199", words, Channel.WHATSAPP, AT * 1_000_000, word)
    ]


def test_somebody_by_a_user_name_comes_in_under_their_id():
    (message,) = heard(messages=[{"from_user_id": USER, "id": "wamid.in", "type": "text", "text": {"body": "Stop"}}])

    assert (message.sender_address, message.at) == (USER, None)


@pytest.mark.parametrize(("value", "word"), [("stop", State.OUT), ("resume", State.CLEARED), ("signup", State.IN)])
@pytest.mark.parametrize("who", [{"wa_id": "16505551234", "user_id": USER}, {"user_id": USER}])
def test_the_switch_for_marketing_messages_is_a_word(value, word, who):
    one = {**who, "detail": "x", "category": "marketing_messages", "value": value, "timestamp": AT}
    person = "+16505551234" if "wa_id" in who else USER

    first, again = heard(user_preferences=[one]), heard(user_preferences=[{**one, "timestamp": str(AT)}])

    assert first == again
    assert [part for part in first if isinstance(part, InboundLink)] == (
        [InboundLink(person, USER)] if "wa_id" in who else []
    )
    assert [part for part in first if not isinstance(part, InboundLink)] == [
        InboundMessage(
            f"preference {person} {value} {AT}", person, "15550199", "", Channel.WHATSAPP, AT * 1_000_000, word,
            written=False,
        )
    ]  # fmt: skip


CALLS = [
    ({"contacts": [{"wa_id": "16505551234", "user_id": USER}], "messages": []}, True),
    ({"messages": [{"from": "16505551234", "from_user_id": USER, "id": "a", "type": "text"}]}, True),
    ({"statuses": [{"id": "w", "status": "sent", "recipient_id": "16505551234", "recipient_user_id": USER}]}, True),
    ({"statuses": [{"id": "w", "status": "sent", "recipient_type": "group", "recipient_id": "16505551234",
                    "recipient_user_id": USER}]}, False),
    ({"messages": [{"from": "16505551234", "from_user_id": USER, "id": "a", "type": "system",
                    "system": {"type": "user_changed_number", "wa_id": "16505550000"}}]}, False),
    ({"contacts": [{"wa_id": "somebody", "user_id": USER}, {"wa_id": "16505551234"}, {"user_id": USER}]}, False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "is_told"), CALLS)
def test_a_phone_and_a_user_id_side_by_side_are_one_person_s(value, is_told):
    links = [one for one in heard(**value) if isinstance(one, InboundLink)]

    assert links == ([InboundLink("+16505551234", USER)] if is_told else [])


def test_the_older_form_of_the_switch_and_other_notices():
    notices = [
        {
            "from": "1650",
            "id": "a",
            "type": "system",
            "system": {"type": "user_preference_changed", "marketing": "stop"},
        },
        {"from": "1650", "id": "b", "type": "system", "system": {"type": "user_changed_number", "wa_id": "1651"}},
    ]

    assert [(one.message_id, one.word, one.written) for one in heard(messages=notices)] == [("a", State.OUT, False)]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"status": "sent"}, (Delivery.ACCEPTED, None, "")),
        ({"status": "delivered"}, (Delivery.DELIVERED, None, "")),
        ({"status": "read"}, (Delivery.DELIVERED, None, "")),
        ({"status": "failed", "errors": [{"code": 131050}]}, (Delivery.FAILED, Kind.MARKETING_STOPPED, "code 131050")),
        ({"status": "failed", "errors": [{"code": 131047}]}, (Delivery.FAILED, Kind.WINDOW_CLOSED, "code 131047")),
        ({"status": "failed", "errors": []}, (Delivery.FAILED, Kind.PROVIDER, "")),
        ({"status": "failed"}, (Delivery.FAILED, Kind.PROVIDER, "")),
    ],
)
def test_a_status_says_how_it_went(said, known):
    one = {"id": "wamid.out", "recipient_id": "1650", "timestamp": str(AT), "biz_opaque_callback_data": "msg_7", **said}

    assert heard(statuses=[one]) == [InboundStatus("msg_7", "wamid.out", *known)]
    assert heard(statuses=[{**one, "biz_opaque_callback_data": None}]) == []
    assert heard(statuses=[{**one, "status": "warming"}]) == []


def test_another_number_of_the_account_is_not_this_senders():
    mine, other = entry(messages=[text("mine")]), entry("999", messages=[text("other")])

    assert [one.message_id for one in read_call(envelope(mine, other), PHONE)] == ["mine"]
    with pytest.raises(BadInbound):
        read_call(envelope(other), PHONE)
    assert read_call(envelope({"field": "account_update", "value": {"event": "x"}}), PHONE) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_signed_call_that_is_no_object_is_told_apart(body):
    with pytest.raises(BadInbound):
        read_call(body, PHONE)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_parts = st.dictionaries(
    st.sampled_from(["from", "id", "type", "text", "button", "interactive", "system", "status", "errors", "value",
                     "timestamp", "biz_opaque_callback_data", "wa_id"]),
    _json | st.sampled_from(["text", "button", "failed", "stop", "1650", "system"]),
)  # fmt: skip


@given(st.lists(_parts | _json, max_size=3))
def test_whatever_shape_a_part_has_the_rest_comes_in(parts):
    body = envelope(
        entry(messages=[*parts, text("whole")]), entry(statuses=parts), entry(user_preferences=parts), {"value": parts}
    )

    assert "whole" in [one.message_id for one in read_call(body, PHONE) if isinstance(one, InboundMessage)]


def asked(**changes):
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "wörd", **changes}
    return a_call(url=f"https://heed.example/in/token?{urlencode(query)}")


def test_the_challenge_is_answered_to_who_knows_the_token():
    assert CLOUD.challenge(asked(), SETTINGS) == "1158201444"


@pytest.mark.parametrize("token", ["", "word", "wörd ", "wörd\udcff".encode("utf-8", "replace").decode()])
@pytest.mark.parametrize("ours", ["wörd", "", None])
def test_the_challenge_is_answered_to_nobody_else(token, ours):
    with pytest.raises(BadSignature):
        CLOUD.challenge(asked(**{"hub.verify_token": token}), {**SETTINGS, "verify_token": ours})


@pytest.mark.parametrize(
    "changes",
    [{"hub.mode": "unsubscribe"}, {"hub.mode": ""}, {"hub.challenge": "<script>"}, {"hub.challenge": "1" * 33},
     {"hub.challenge": ""}, {"hub.challenge": "１２３"}],
)  # fmt: skip
def test_only_a_number_is_given_back(changes):
    with pytest.raises(BadInbound):
        CLOUD.challenge(asked(**changes), SETTINGS)


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ({}, []),
        ({"base_url": "https://graph.facebook.com/v26.0", "app_secret": None}, []),
        ({"phone_number_id": "../1"}, [("/phone_number_id", "invalid")]),
        ({"access_token": "a b"}, [("/access_token", "invalid")]),
        ({"access_token": None}, [("/access_token", "required")]),
        ({"base_url": "http://localhost"}, [("/base_url", "refused_target")]),
        ({"secret": "x"}, [("/secret", "unknown_field")]),
    ],
)
def test_a_fault_in_the_settings_is_named_where_it_is(settings, faults):
    found = WhatsAppCloud(allow_private=False).check_settings({**SETTINGS, **settings})

    assert [(fault.pointer, fault.code) for fault in found] == faults


def text(message_id):
    return {"from": "1650", "id": message_id, "type": "text", "text": {"body": "Hi"}}


def entry(phone=PHONE, **value):
    metadata = {"display_phone_number": "15550199", "phone_number_id": phone}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def envelope(*changes):
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}).encode()


def heard(**value):
    body = envelope(entry(**value))
    signed = "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    return CLOUD.parse_inbound(a_call(body, {"x-hub-signature-256": signed}), SETTINGS, 0)


def altered(rng, content):
    place, byte = rng.randrange(len(content)), bytes([rng.randrange(256)])
    made = rng.choice(
        [content[:place] + byte + content[place:], content[:place] + content[place + 1 :],
         content[:place] + byte + content[place + 1 :]]
    )  # fmt: skip
    return made if made != content else content + b"0"


def delivered(message, *, status=200, answer=None):
    """(the lines of the head, the body, the outcome) of a hand-off to a server that answers so."""

    def conduct(line, server):
        read_request(line, server)
        content = json.dumps({"messages": [{"id": "wamid.1"}]} if answer is None else answer).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        line.sendall(head.encode() + content)

    with peer(conduct) as server:
        outcome = CLOUD.deliver(message, a_permit(), {**SETTINGS, "base_url": server.url})
        head, _, body = server.heard[0].decode().partition("\r\n\r\n")
    return head.split("\r\n"), json.loads(body), outcome
