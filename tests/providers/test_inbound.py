"""Promises about messages from people: what is signed and understood comes in, the rest is told apart."""

import base64
import contextlib
import hmac
import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from connector.domain.instants import SECOND, parse_rfc3339
from connector.domain.messages import BadInbound, BadSignature, InboundMessage
from connector.domain.words import Channel
from connector.providers.console import Console
from connector.providers.generic_inbound import parse_generic
from connector.providers.http_api import HttpApi
from connector.providers.standard_webhooks import verify
from tests.providers.factories import a_call

NOW = parse_rfc3339("2026-11-23T18:00:00Z")
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
STOP = {
    "id": "m-1",
    "from": "+15550100",
    "to": "+15550199",
    "text": "STOP",
    "channel": "sms",
    "timestamp": "2026-11-23T17:59:58Z",
}
API = HttpApi(allow_private=False)


def test_a_message_is_read():
    assert parse_generic(json.dumps(STOP).encode()) == [
        InboundMessage("m-1", "+15550100", "+15550199", "STOP", Channel.SMS, NOW - 2 * SECOND)
    ]


def test_only_id_from_and_text_are_needed():
    body = json.dumps({"id": 7, "from": 15550100, "text": ""}).encode()

    assert parse_generic(body) == [InboundMessage("7", "15550100", None, "", None, None)]


@pytest.mark.parametrize(
    "timestamp",
    ["2026-11-23T18:00:00Z", "2026-11-23T19:00:00+01:00", 1795456800, 1795456800.0, "1795456800", "1795456800.0"],
)
def test_a_time_may_be_rfc_3339_or_seconds(timestamp):
    assert parse_generic(json.dumps({**STOP, "timestamp": timestamp}).encode())[0].at == NOW


@pytest.mark.parametrize("text", ["STOP\x00", "STOP\ud83d", "\udc00STOP"])
def test_a_stop_is_not_lost_over_a_letter_that_no_database_keeps(text):
    found = parse_generic(json.dumps({**STOP, "text": text}).encode())[0].text

    assert found.strip("\ufffd") == "STOP"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": None}, "id: is required"),
        ({"id": ""}, "id: is required"),
        ({"id": True}, "id: must be text"),
        ({"id": "x" * 256}, "id: must have at most 255"),
        ({"from": ["+1"]}, "from: must be text"),
        ({"text": None}, "text: is required"),
        ({"text": 7}, "text: must be text"),
        ({"channel": "pigeon"}, "channel: must be one of sms, whatsapp, rcs, truecaller, voice, email"),
        ({"channel": "all"}, "channel: must be"),
        ({"channel": []}, "channel: must be"),
        ({"timestamp": "yesterday"}, "timestamp: must be"),
        ({"timestamp": "2026-11-23T18:00:00"}, "timestamp: must be"),
        ({"timestamp": -1}, "timestamp: must be"),
        ({"timestamp": 10**400}, "timestamp: must be"),
        ({"timestamp": float("nan")}, "timestamp: must be"),
        ({"timestamp": float("inf")}, "timestamp: must be"),
        ({"timestamp": True}, "timestamp: must be"),
        ({"timestamp": {}}, "timestamp: must be"),
    ],
)
def test_what_is_wrong_is_named(change, fault):
    with pytest.raises(BadInbound, match=fault):
        parse_generic(json.dumps({**STOP, **change}).encode())


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(BadInbound) as caught:
        parse_generic(b'{"channel": "x", "timestamp": "y"}')

    assert [fault.split(":")[0] for fault in str(caught.value).split("; ")] == [
        "id",
        "from",
        "text",
        "channel",
        "timestamp",
    ]


@pytest.mark.parametrize(
    "body", [b"", b"STOP", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"id": ' + b"9" * 5000 + b"}"]
)
def test_what_is_no_object_is_refused(body):
    with pytest.raises(BadInbound):
        parse_generic(body)


@settings(deadline=None)
@given(st.one_of(st.binary(), st.dictionaries(st.sampled_from(list(STOP)), st.text() | st.integers() | st.floats())))
def test_every_body_is_read_or_refused(body):
    with contextlib.suppress(BadInbound):
        assert parse_generic(body if isinstance(body, bytes) else json.dumps(body).encode())


def test_the_official_library_signs_what_we_take():
    body = json.dumps(STOP)
    at = datetime.fromtimestamp(NOW / SECOND, UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW // SECOND),
        "webhook-signature": Webhook(SECRET).sign("msg_1", at, body),
    }

    found = API.parse_inbound(a_call(body.encode(), headers), {"secret": SECRET}, NOW)

    assert found[0].text == "STOP"


def test_a_plain_secret_is_taken_as_it_is():
    verify(KEY.decode(), signed(), b"{}", NOW)


def test_any_of_several_signatures_may_match():
    headers = signed()
    headers["webhook-signature"] = f"v1a,other v1,AAAA v1, nonsense {headers['webhook-signature']}"

    verify(SECRET, headers, b"{}", NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(NOW // SECOND + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "१७९५४५६८००"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,ÄÄ"},
        {"webhook-signature": "v1,\udcff"},
    ],
)
def test_a_forged_call_is_refused(change):
    with pytest.raises(BadSignature):
        verify(SECRET, {**signed(), **change}, b"{}", NOW)


def test_another_version_of_a_good_signature_is_no_signature():
    headers = signed()

    with pytest.raises(BadSignature):
        verify(SECRET, {**headers, "webhook-signature": headers["webhook-signature"].replace("v1", "v1a")}, b"{}", NOW)


def test_another_body_or_secret_is_refused():
    with pytest.raises(BadSignature):
        verify(SECRET, signed(), b"{} ", NOW)
    with pytest.raises(BadSignature):
        verify("whsec_AAAA", signed(), b"{}", NOW)


def test_a_part_can_not_be_moved_over_the_dot():
    """ "a.1" + "." + "5" and "a" + "." + "1.5" are the same text to the signature."""
    with pytest.raises(BadSignature, match="dot"):
        verify(SECRET, signed("msg.1"), b"{}", NOW)


@pytest.mark.parametrize(("seconds", "taken"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_a_call_is_taken_within_five_minutes_only(seconds, taken):
    headers = signed()

    if taken:
        verify(SECRET, headers, b"{}", NOW + seconds * SECOND)
    else:
        with pytest.raises(BadSignature, match="five minutes"):
            verify(SECRET, headers, b"{}", NOW + seconds * SECOND)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.binary()
)
def test_no_mutation_of_a_signed_call_is_taken(change, body):
    headers = {**signed(), **change}
    if headers == signed() and body == b"{}":
        return

    with pytest.raises(BadSignature):
        verify(SECRET, headers, body, NOW)


def test_the_signature_is_asked_for_before_anything_is_parsed():
    with pytest.raises(BadSignature):
        API.parse_inbound(a_call(b"not even JSON"), {"secret": SECRET}, NOW)


def test_the_console_takes_the_same_message():
    assert Console().parse_inbound(a_call(json.dumps(STOP).encode()), {}, NOW)[0].message_id == "m-1"


def test_of_ten_thousand_altered_calls_none_is_taken():
    """Each differs from a good one in one bit of its body or of one of its headers."""
    rng = random.Random(5)
    body, headers = signed_body(STOP)
    verify(SECRET, headers, body, NOW)
    for _ in range(10_000):
        name = rng.choice(["", *headers])
        content = bytearray(headers[name].encode() if name else body)
        # The version before the signature, and the padding behind it, are left as they are.
        content[rng.randrange(3, len(content) - 1) if name == "webhook-signature" else rng.randrange(len(content))] ^= (
            1 << rng.randrange(7)
        )
        changed = {**headers, name: content.decode("latin-1")} if name else headers
        with pytest.raises(BadSignature):
            verify(SECRET, changed, body if name else bytes(content), NOW)


def signed(message_id="msg_1", body=b"{}"):
    """Headers for a body."""
    at = datetime.fromtimestamp(NOW / SECOND, UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(NOW // SECOND),
        "webhook-signature": sign(message_id, at, body),
    }


def sign(message_id, at, body):
    """As the standard says; the official library signs text only, so it is asked where the body is text."""
    if body.isascii():
        return Webhook(SECRET).sign(message_id, at, body.decode())
    content = f"{message_id}.{NOW // SECOND}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(KEY, content, "sha256")).decode()


def signed_body(what):
    """(body, headers) of a call with this object, or with these bytes."""
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    return body, signed(body=body)
