"""Promises about Twilio's signatures, with published and measured vectors and its own library as the oracle."""

import hashlib
import json
import random
import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from connector.domain.messages import BadSignature
from connector.providers.twilio_calls import signature, verify
from tests.providers.factories import a_call

FORM = "application/x-www-form-urlencoded"
SHORT, TOKEN = "12345", "0123456789abcdef0123456789abcdef"
COMPANY = "https://mycompany.com/myapp.php?foo=1&bar=2"
HOOK = "https://consent.example.com/hooks/twilio?acct=1"
SID = "SM00000000000000000000000000000001"
STOP = {
    "AccountSid": "AC00000000000000000000000000000003", "ApiVersion": "2010-04-01", "Body": "STOP",
    "From": "+14155550123", "FromCountry": "US", "MessageSid": SID, "SmsMessageSid": SID, "SmsSid": SID,
    "MessagingServiceSid": "MG00000000000000000000000000000002", "NumMedia": "0", "NumSegments": "1",
    "OptOutType": "STOP", "SmsStatus": "received", "To": "+15005550006", "ToCountry": "US",
}  # fmt: skip
VOICE = {
    "CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212",
    "Caller": "+14158675309",
}  # fmt: skip
JSON = b'{"property": "value", "boolean": true}'
JSON_URL = f"{COMPANY}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
#: token, URL, fields, algorithm, signature
VECTORS = [
    (SHORT, COMPANY, VOICE, "sha1", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (TOKEN, HOOK, STOP, "sha1", "3tBDQD8QQV915t9k3B4iyWodR3A="),
    (TOKEN, HOOK, STOP, "sha256", "2CF9mXyz9O1Y+GCmVfLhTapeTDRObAvbUo1MzJrUP0c="),
    (TOKEN, HOOK, {"Body": "ストップ 🛑", "Empty": "", "From": "whatsapp:+14155550123"}, "sha1",
     "hES99XMaNS7wuPsg8oGfJ96DooM="),
]  # fmt: skip


@pytest.mark.parametrize(("token", "url", "fields", "algorithm", "wanted"), VECTORS)
def test_the_vectors(token, url, fields, algorithm, wanted):
    assert signature(token, url, fields.items(), algorithm).decode() == wanted
    headers = {"x-twilio-signature": wanted}
    settings = {"auth_token": token}
    if algorithm == "sha256":
        settings = {"auth_token": "another", "webhook_key": token}
        headers["x-twilio-webhooks-signature-settings"] = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"

    assert is_taken(url, fields, settings=settings, **headers)


def test_the_vector_of_a_json_body():
    headers = {"content-type": "application/json", "x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="}

    assert is_taken(JSON_URL, JSON, settings={"auth_token": SHORT}, **headers)
    assert not is_taken(JSON_URL, JSON + b" ", settings={"auth_token": SHORT}, **headers)


def test_a_json_body_without_its_hash_in_the_url_is_unsigned():
    headers = {"content-type": "application/json", "x-twilio-signature": signature(SHORT, COMPANY, ()).decode()}

    assert not is_taken(COMPANY, JSON, settings={"auth_token": SHORT}, **headers)


@pytest.mark.parametrize(
    ("url", "fields", "taken"),
    [
        (HOOK, STOP, True),
        (HOOK.replace("example.com", "example.com:443"), STOP, True),
        (HOOK, {**STOP, "Body": "START"}, False),
        (HOOK.replace("https:", "http:"), STOP, False),
        (HOOK.partition("?")[0], STOP, False),
        (HOOK.replace("example.com", "example.com:8443"), STOP, True),  # Twilio leaves the port of https out
    ],
)
def test_the_url_counts_as_configured_with_its_port_or_without(url, fields, taken):
    theirs = "3tBDQD8QQV915t9k3B4iyWodR3A="

    assert is_taken(url, fields, **{"x-twilio-signature": theirs}) is taken
    assert RequestValidator(TOKEN).validate(url, fields, theirs) is taken


@pytest.mark.parametrize("port", ["", ":8080"])
def test_a_call_signed_with_the_port_is_taken_where_we_are_configured_without(port):
    signed = f"https://heed.example{port or ':443'}/in/token"
    headers = {"x-twilio-signature": signature(TOKEN, signed, STOP.items()).decode()}

    assert is_taken(f"https://heed.example{port}/in/token", STOP, **headers)


def test_while_a_token_is_changed_both_are_good():
    settings = {"auth_token": "new", "secondary_auth_token": "old"}
    signed = {token: signature(token, HOOK, STOP.items()).decode() for token in ("new", "old", "older", "")}

    found = {
        token: is_taken(HOOK, STOP, settings=settings, **{"x-twilio-signature": one}) for token, one in signed.items()
    }

    assert found == {"new": True, "old": True, "older": False, "": False}


def test_nobody_is_believed_where_there_is_no_token():
    headers = {"x-twilio-signature": signature("", HOOK, STOP.items()).decode()}

    assert not is_taken(HOOK, STOP, settings={"auth_token": ""}, **headers)
    assert not is_taken(HOOK, STOP, settings={}, **headers)


_names = st.text("AbcZ09_", min_size=1, max_size=6)
_values = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.dictionaries(_names, _values, max_size=8), st.text("abcdef0123456789", min_size=1, max_size=32))
def test_what_twilios_own_library_signs_is_taken(fields, token):
    theirs = RequestValidator(token).compute_signature(HOOK, fields)

    assert is_taken(HOOK, fields, settings={"auth_token": token}, **{"x-twilio-signature": theirs})


@given(st.dictionaries(_names, _values, min_size=1, max_size=8))
def test_what_we_sign_twilios_own_library_takes(fields):
    ours = signature(TOKEN, HOOK, fields.items()).decode()

    assert RequestValidator(TOKEN).validate(HOOK, fields, ours)


def test_of_ten_thousand_altered_calls_none_is_taken():
    """Each differs from a good one in one place: a byte of the body, of the URL or of the signature."""
    rng = random.Random(21610)
    body = urlencode(STOP).encode()
    json_body = json.dumps(STOP).encode()
    json_url = f"{HOOK}&bodySHA256={hashlib.sha256(json_body).hexdigest()}"
    good = [
        (HOOK, body, {"content-type": FORM, "x-twilio-signature": "3tBDQD8QQV915t9k3B4iyWodR3A="}),
        (json_url, json_body, {"content-type": "application/json",
                               "x-twilio-signature": signature(TOKEN, json_url, ()).decode()}),
    ]  # fmt: skip
    assert all(is_taken(url, content, **headers) for url, content, headers in good)
    began, taken = time.monotonic(), []
    for count in range(10_000):
        url, content, headers = good[count % 2]
        match rng.randrange(3):
            case 0:
                content = altered(rng, content)
            case 1:
                path = url.index("hooks")
                url = url[:path] + altered(rng, url[path:].encode()).decode("latin-1")
            case _:
                theirs = altered(rng, headers["x-twilio-signature"].encode()).decode("latin-1")
                headers = {**headers, "x-twilio-signature": theirs}
        if is_taken(url, content, **headers):
            taken.append((url, content, headers))
    assert taken == []
    assert time.monotonic() - began < 30


def altered(rng, content):
    """The content with one byte put in, taken out, or made another; never the same to a reader of forms."""
    place, byte = rng.randrange(len(content)), bytes([rng.randrange(0x21, 0x7F)])
    while byte in (content[place : place + 1], b"&", b";", b"#"):
        byte = bytes([rng.randrange(0x21, 0x7F)])
    made = rng.choice(
        [content[:place] + byte + content[place:], content[:place] + content[place + 1 :],
         content[:place] + byte + content[place + 1 :]]
    )  # fmt: skip
    return made if made not in (content, b"") else content + b"x"


def is_taken(url, what, *, settings=None, **headers):
    body = what if isinstance(what, bytes) else urlencode(what).encode()
    try:
        verify(a_call(body, {"content-type": FORM, **headers}, url), settings or {"auth_token": TOKEN})
    except BadSignature:
        return False
    return True
