"""Promises about what providers with a preset post to us."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.messages import BadInbound, BadSignature, Delivery, InboundMessage, InboundStatus, Kind
from connector.domain.words import Channel
from connector.providers.http_api import HttpApi
from connector.providers.preset_calls import CALLS, read_preset
from tests.providers.factories import a_call

AT = 1_795_456_800_000_000
WHEN = "2026-11-23T18:00:00Z"
TELNYX = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(TELNYX.public_key().public_bytes_raw()).decode()

MESSAGES = {
    "vonage": {"channel": "sms", "message_uuid": "m1", "to": "15550199", "from": "15550100", "timestamp": WHEN,
               "message_type": "text", "text": "STOP"},
    "sinch": {"type": "mo_text", "id": "m1", "from": "15550100", "to": "15550199", "body": "STOP", "received_at": WHEN},
    "infobip": {"results": [{"messageId": "m1", "from": "15550100", "to": "15550199", "text": "STOP",
                             "receivedAt": "2026-11-23T18:00:00+00:00"}], "messageCount": 1},
    "cm": {"from": {"number": "0015550100"}, "to": {"number": "15550199"}, "message": {"text": "STOP"},
           "reference": "m1", "timeUtc": WHEN, "channel": "SMS"},
    "telnyx": {"data": {"event_type": "message.received", "payload": {
        "direction": "inbound", "id": "m1", "from": {"phone_number": "+15550100"},
        "to": [{"phone_number": "15550199"}], "text": "STOP", "received_at": WHEN}}},
}  # fmt: skip
STATUSES = [
    ("vonage", {"message_uuid": "p1", "client_ref": "msg_7", "status": "delivered"}, Delivery.DELIVERED),
    ("vonage", {"message_uuid": "p1", "client_ref": "msg_7", "status": "rejected", "error": {}}, Delivery.FAILED),
    ("vonage", {"message_uuid": "p1", "client_ref": "msg_7", "status": "submitted"}, Delivery.ACCEPTED),
    ("sinch", {"type": "recipient_delivery_report_sms", "batch_id": "p1", "client_reference": "msg_7",
               "status": "Delivered", "code": 0}, Delivery.DELIVERED),
    ("sinch", {"type": "recipient_delivery_report_sms", "batch_id": "p1", "client_reference": "msg_7",
               "status": "Failed", "code": 401}, Delivery.FAILED),
    ("infobip", {"results": [{"messageId": "msg_7", "to": "1", "status": {"groupName": "UNDELIVERABLE"}}]},
     Delivery.FAILED),
]  # fmt: skip


@pytest.mark.parametrize("preset", MESSAGES)
def test_a_persons_message_comes_in(preset):
    (message,) = heard(preset, MESSAGES[preset])

    assert message == InboundMessage("m1", "+15550100", "15550199", "STOP", message.channel, AT)
    assert message.channel in (Channel.SMS, None)
    assert CALLS.keys() == MESSAGES.keys()


@pytest.mark.parametrize(("preset", "call", "delivery"), STATUSES)
def test_a_report_says_how_it_went(preset, call, delivery):
    kind = Kind.PROVIDER if delivery is Delivery.FAILED else None
    name = "msg_7" if preset == "infobip" else "p1"

    assert heard(preset, call) == [InboundStatus("msg_7", name, delivery, kind)]


@pytest.mark.parametrize("preset", CALLS)
def test_what_is_neither_says_nothing_and_garbage_is_told_apart(preset):
    assert heard(preset, {}) == heard(preset, {"status": "delivered"}) == []
    for body in (b"", b"[]", b"\xff"):
        with pytest.raises(BadInbound):
            read_preset(preset, body)


def signed(body, timestamp=AT // 1_000_000, key=TELNYX):
    signature = key.sign(f"{timestamp}|".encode() + body)
    return {"telnyx-timestamp": str(timestamp), "telnyx-signature-ed25519": base64.b64encode(signature).decode()}


def test_telnyx_signs_the_time_and_the_bytes():
    body = json.dumps(MESSAGES["telnyx"]).encode()
    settings = {"preset": "telnyx", "public_key": PUBLIC}
    api = HttpApi(allow_private=False)

    assert len(api.parse_inbound(a_call(body, signed(body)), settings, AT)) == 1
    for headers in (
        {}, signed(body + b" "), signed(body, AT // 1_000_000 - 301), signed(body, key=Ed25519PrivateKey.generate()),
        signed(body) | {"telnyx-timestamp": str(AT // 1_000_000 + 1)},
        signed(body) | {"telnyx-signature-ed25519": "ünlesbar"}, signed(body) | {"telnyx-timestamp": "now"},
    ):  # fmt: skip
        with pytest.raises(BadSignature):
            api.parse_inbound(a_call(body, headers), settings, AT)


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(1, 255))
def test_no_byte_of_a_call_that_telnyx_signed_can_be_changed(body, place, change):
    headers = signed(body)
    altered = bytearray(body or b" ")
    altered[place % len(altered)] ^= change
    with pytest.raises(BadSignature):
        HttpApi(allow_private=False).parse_inbound(
            a_call(bytes(altered), headers), {"preset": "telnyx", "public_key": PUBLIC}, AT
        )  # fmt: skip


def test_a_key_that_is_none_is_told():
    settings = {"preset": "telnyx", "api_key": "k", "public_key": "abc"}
    assert [one.pointer for one in HttpApi(allow_private=False).check_settings(settings)] == ["/public_key"]
    assert HttpApi(allow_private=False).check_settings({**settings, "public_key": PUBLIC}) == []


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(
        ["from", "to", "text", "data", "payload", "results", "id", "message_uuid", "status", "number", "type"]
    ), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(st.sampled_from(sorted(CALLS)), st.dictionaries(st.sampled_from(["from", "data", "results", "status"]), _any))
def test_no_shape_of_a_call_is_a_fault_of_ours(preset, call):
    heard(preset, call)


def heard(preset, call):
    body = json.dumps(call).encode()
    return HttpApi(allow_private=False).parse_inbound(a_call(body), {"preset": preset}, 0)
