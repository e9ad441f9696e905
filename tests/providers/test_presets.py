"""Promises about providers that http_api knows by name, against servers that answer as theirs do."""

import base64
import json
import re
import time
import uuid
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connector.domain.messages import Accepted, Kind, Rejected, Retry, Unknown
from connector.domain.words import Channel
from connector.providers import google_login
from connector.providers.http_api import HttpApi
from connector.providers.preset_settings import expand
from connector.providers.presets import PRESETS
from tests.providers.factories import a_message, a_permit
from tests.providers.peers import peer, read_request

API = HttpApi(allow_private=True)
_KEY = rsa.generate_private_key(65537, 2048)
ACCOUNT = {
    "type": "service_account",
    "client_email": "heed@shop.iam.gserviceaccount.example",
    "private_key": _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
}
CREDENTIALS = {
    "vonage": {"api_key": "abcd1234", "api_secret": "s3cret"},
    "sinch": {"service_plan_id": "plan/1", "api_token": "tok"},
    "infobip": {"api_key": "k", "base_url": "https://xyz.api.infobip.example"},
    "cm": {"product_token": "p-t"},
    "messagebird": {"access_key": "live_1"},
    "telnyx": {"api_key": "KEY1"},
    "rcs": {"agent_id": "shop_agent", "service_account": ACCOUNT},
    "truecaller": {"organisation_id": "7", "campaign_id": "c-1", "api_token": "tok"},
}
CHANNELS = {"rcs": Channel.RCS, "truecaller": Channel.TRUECALLER}
NAME = str(uuid.uuid5(uuid.NAMESPACE_URL, "heed:msg_7"))

#: preset: (request line, a header, the body)
REQUESTS = {
    "vonage": (
        "POST /v1/messages",
        ("authorization", "Basic " + base64.b64encode(b"abcd1234:s3cret").decode()),
        {"channel": "sms", "message_type": "text", "to": "15550100", "from": "15550199", "text": "Hello {x}",
         "client_ref": "msg_7"},
    ),
    "sinch": (
        "POST /xms/v1/plan%2F1/batches",
        ("authorization", "Bearer tok"),
        {"from": "15550199", "to": ["15550100"], "body": "Hello {x}", "delivery_report": "per_recipient",
         "client_reference": "msg_7"},
    ),
    "infobip": (
        "POST /sms/3/messages",
        ("authorization", "App k"),
        {"messages": [{"sender": "15550199", "destinations": [{"to": "15550100", "messageId": "msg_7"}],
                       "content": {"text": "Hello {x}"}}]},
    ),
    "cm": (
        "POST /v1.0/message",
        ("x-cm-producttoken", "p-t"),
        {"messages": {"msg": [{"allowedChannels": ["SMS"], "from": "+15550199", "to": [{"number": "0015550100"}],
                               "body": {"type": "auto", "content": "Hello {x}"}, "reference": "msg_7"}]}},
    ),
    "messagebird": (
        "POST /messages",
        ("authorization", "AccessKey live_1"),
        {"originator": "15550199", "recipients": ["15550100"], "body": "Hello {x}", "reference": "msg_7"},
    ),
    "telnyx": (
        "POST /v2/messages",
        ("authorization", "Bearer KEY1"),
        {"from": "+15550199", "to": "+15550100", "text": "Hello {x}"},
    ),
    "rcs": (
        f"POST /v1/phones/+15550100/agentMessages?messageId={NAME}&agentId=shop_agent",
        ("authorization", "Bearer ya29.token"),
        {"contentMessage": {"text": "Hello {x}"}, "messageTrafficType": "PROMOTION"},
    ),
    "truecaller": (
        "POST /organisations/7/campaigns/bulk-upload",
        ("authorization", "Bearer tok"),
        {"campaigns": [{"profile": {"campaign_id": "c-1", "receiver_number": "15550100"},
                        "contents": [{"display_unit": "mid", "title": "Hello {x}", "deeplink": "https://s.example"}]}]},
    ),
}  # fmt: skip


def infobip(group, name="PENDING_ACCEPTED"):
    return {"bulkId": "b", "messages": [{"messageId": "m1", "status": {"groupName": group, "id": 26, "name": name}}]}


def cm(code=0, status="Accepted", whole=0):
    return {"details": "x", "errorCode": whole, "messages": [
        {"to": "0015550100", "status": status, "reference": "m1", "parts": 1, "messageErrorCode": code}
    ]}  # fmt: skip


# preset, status, answer, what is known then
ANSWERS = [
    ("vonage", 202, {"message_uuid": "m1"}, Accepted("m1")),
    ("vonage", 202, {"uuid": "m1"}, Unknown("HTTP 202 that does not say whether it was accepted")),
    ("vonage", 422, {"type": "https://developer.vonage.com/api-errors/messages#1150", "title": "Invalid params"},
     Rejected(Kind.PROVIDER, "HTTP 422")),
    ("vonage", 401, {"title": "Unauthorized"}, Rejected(Kind.AUTH, "HTTP 401")),
    ("vonage", 429, {"title": "Rate Limit Hit"}, Retry(3.0, "HTTP 429")),
    ("sinch", 201, {"id": "m1", "canceled": False}, Accepted("m1")),
    ("sinch", 400, {"code": "syntax_invalid_parameter_format", "text": "x"},
     Rejected(Kind.PROVIDER, "HTTP 400, code syntax_invalid_parameter_format")),
    ("infobip", 200, infobip("PENDING"), Accepted("m1")),
    ("infobip", 200, infobip("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS"), Rejected(Kind.PROVIDER, "HTTP 200")),
    ("infobip", 200, {"bulkId": "b"}, Unknown("HTTP 200 that does not say whether it was accepted")),
    ("cm", 200, cm(), Accepted("m1")),
    ("cm", 200, cm(303, "Rejected", 201), Rejected(Kind.PROVIDER, "HTTP 200")),
    ("cm", 200, cm(303, "Rejected"), Rejected(Kind.PROVIDER, "HTTP 200")),
    ("cm", 200, {"errorCode": 0, "messages": []}, Unknown("HTTP 200 that does not say whether it was accepted")),
    ("messagebird", 201, {"id": "m1", "recipients": {"items": [{"status": "sent"}]}}, Accepted("m1")),
    ("messagebird", 201, {"id": "m1", "recipients": {"items": [{"status": "delivery_failed"}]}},
     Rejected(Kind.PROVIDER, "HTTP 201")),
    ("messagebird", 422, {"errors": [{"code": 9, "description": "no"}]}, Rejected(Kind.PROVIDER, "HTTP 422, code 9")),
    ("messagebird", 401, {"errors": [{"code": 2}]}, Rejected(Kind.AUTH, "HTTP 401, code 2")),
    ("telnyx", 200, {"data": {"id": "m1", "to": [{"status": "queued"}]}}, Accepted("m1")),
    ("telnyx", 400, {"errors": [{"code": "40300", "title": "Blocked due to STOP message"}]},
     Rejected(Kind.OPTED_OUT, "HTTP 400, code 40300")),
    ("telnyx", 422, {"errors": [{"code": "40310"}]}, Rejected(Kind.PROVIDER, "HTTP 422, code 40310")),
    ("rcs", 200, {"name": "phones/+1/agentMessages/m1"}, Accepted("phones/+1/agentMessages/m1")),
    ("rcs", 404, {"error": {"code": 404, "status": "NOT_FOUND"}},
     Rejected(Kind.INVALID_RECIPIENT, "HTTP 404, code 404")),
    ("rcs", 429, {"error": {"code": 429}}, Retry(3.0, "HTTP 429, code 429")),
    ("truecaller", 200, {"message": "ok"}, Accepted(None)),
    ("truecaller", 200, {"errors": [{"message": "no"}]}, Rejected(Kind.PROVIDER, "HTTP 200")),
]  # fmt: skip


def test_every_preset_is_tried_here():
    assert PRESETS.keys() == CREDENTIALS.keys() == REQUESTS.keys() == {preset for preset, *_ in ANSWERS}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_request_is_what_its_provider_wants(preset):
    first, (header, value), body = REQUESTS[preset]

    requests, _ = delivered(preset, 200, {})

    head, content = requests[-1]
    assert head[0] == f"{first} HTTP/1.1"
    assert f"{header}:{value}" in [row.partition(":")[0].lower() + ":" + row.partition(":")[2] for row in head[1:]]
    assert json.loads(content) == body


@pytest.mark.parametrize(("preset", "status", "answer", "known"), ANSWERS)
def test_an_answer_means_what_its_provider_says(preset, status, answer, known):
    assert delivered(preset, status, answer)[1] == known


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("status", [500, 503])
def test_what_broke_on_the_way_stays_unknown(preset, status):
    assert isinstance(delivered(preset, status, {"error": "x"})[1], Unknown)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_channel_that_nobody_asked_about_is_not_used(preset):
    settings = {"preset": preset, **CREDENTIALS[preset]}

    outcome = API.deliver(a_message(channel=Channel.VOICE), a_permit(), settings)

    assert outcome == Rejected(Kind.PROVIDER, "not on voice")


@pytest.mark.parametrize("preset", PRESETS)
def test_good_settings_have_no_faults_and_expand_to_good_ones(preset):
    settings = {"preset": preset, **CREDENTIALS[preset]}
    public = HttpApi(allow_private=False)

    expanded = expand(settings, a_message())

    assert public.check_settings(settings) == []
    assert public.check_settings({name: value for name, value in expanded.items() if value is not None}) == []
    assert not re.search(r"(?<!\{)\{\w+\}(?!\})", json.dumps(expanded))


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_missing_or_too_much_is_named(preset):
    missing = {(f"/{name}", "required") for name in PRESETS[preset].needs}

    found = {(one.pointer, one.code) for one in API.check_settings({"preset": preset, "url": "https://x.example"})}

    assert missing <= found
    assert ("/url", "unknown_field") in found


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"preset": "pigeon"}, ("/preset", "not_allowed")),
        ({"preset": ["vonage"]}, ("/preset", "not_allowed")),
        ({"preset": "cm", "product_token": "a\r\nX: y"}, ("/product_token", "invalid")),
        ({"preset": "cm", "product_token": "t", "base_url": "http://127.0.0.1"}, ("/base_url", "refused_target")),
        ({"preset": "cm", "product_token": "t", "timeout_s": 90}, ("/timeout_s", "invalid")),
        ({"preset": "cm", "product_token": "t", "secret": "whsec_?"}, ("/secret", "invalid")),
        ({"preset": "rcs", "agent_id": "a", "service_account": {**ACCOUNT, "private_key": "x"}},
         ("/service_account/private_key", "invalid")),
        ({"preset": "rcs", "agent_id": "a", "service_account": {**ACCOUNT, "token_uri": "http://10.0.0.1"}},
         ("/service_account/token_uri", "refused_target")),
    ],
)  # fmt: skip
def test_a_fault_is_named_where_it_is(settings, fault):
    found = HttpApi(allow_private=False).check_settings(settings)

    assert [(one.pointer, one.code) for one in found] == [fault]


def test_credentials_are_never_read_back():
    secrets = {name for preset in PRESETS.values() for name in preset.secrets}

    assert secrets <= HttpApi.secrets
    assert {"api_secret", "api_token", "product_token", "access_key", "service_account"} <= secrets


def test_a_service_account_logs_in_once_with_a_claim_that_its_key_signed():
    requests, outcome = delivered("rcs", 200, {"name": "m1"}, times=2)

    assert outcome == Accepted("m1")
    assert [head[0].split()[1].partition("?")[0] for head, _ in requests] == [
        "/token", "/v1/phones/+15550100/agentMessages", "/v1/phones/+15550100/agentMessages",
    ]  # fmt: skip
    form = parse_qs(requests[0][1])
    header, claim, signature = form["assertion"][0].split(".")
    _KEY.public_key().verify(decoded(signature), f"{header}.{claim}".encode(), PKCS1v15(), SHA256())
    said = json.loads(decoded(claim))
    assert said["iss"] == ACCOUNT["client_email"]
    assert said["scope"] == "https://www.googleapis.com/auth/rcsbusinessmessaging"
    assert said["exp"] - said["iat"] == 3600
    assert abs(said["iat"] - time.time()) < 60


@pytest.mark.parametrize(
    ("status", "answer", "known"),
    [
        (400, {"error": "invalid_grant"}, Rejected(Kind.AUTH, "login: HTTP 400")),
        (200, {"token": "x"}, Retry(5.0, "login: HTTP 200")),
        (500, {}, Retry(5.0, "login: HTTP 500")),
        (429, {}, Retry(3.0, "HTTP 429")),
    ],
)
def test_without_a_token_nothing_of_the_message_leaves(status, answer, known):
    requests, outcome = delivered("rcs", 200, {"name": "m1"}, login=(status, answer))

    assert outcome == known
    assert len(requests) == 1


def test_a_login_that_hangs_is_no_unknown_message():
    def conduct(line, server):
        read_request(line, server)
        server.over.wait(5)

    with peer(conduct) as server:
        account = {**ACCOUNT, "client_email": "hangs", "token_uri": f"{server.url}token"}
        settings = {"preset": "rcs", "agent_id": "a", "service_account": account, "base_url": server.url}
        outcome = API.deliver(a_message(channel=Channel.RCS), a_permit(0.4), settings)

    assert isinstance(outcome, Retry)


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def delivered(preset, status, answer, *, login=(200, {"access_token": "ya29.token", "expires_in": 3599}), times=1):
    """(each request as head and body, the last outcome) against a server that answers so."""
    google_login._tokens.clear()

    def conduct(line, server):
        while True:
            head, _ = read_request(line, server)
            code, body = login if head.startswith(b"POST /token") else (status, answer)
            content = json.dumps(body).encode()
            more = b"Retry-After: 3\r\n" if code == 429 else b""
            line.sendall(
                b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
                % (code, more, len(content)) + content
            )  # fmt: skip

    message = a_message(
        send_id="msg_7", text="Hello {x}", channel=CHANNELS.get(preset, Channel.SMS),
        attributes={"deeplink": "https://s.example"},
    )  # fmt: skip
    with peer(conduct) as server:
        settings = {"preset": preset, **CREDENTIALS[preset], "base_url": server.url}
        if preset == "rcs":
            settings["service_account"] = {**ACCOUNT, "token_uri": f"{server.url}token"}
        for _ in range(times):
            outcome = API.deliver(message, a_permit(), settings)
        requests = [one.decode().partition("\r\n\r\n")[::2] for one in server.heard]
    return [([row.replace(": ", ":", 1) for row in head.split("\r\n")], body) for head, body in requests], outcome
