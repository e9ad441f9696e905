"""What every provider promises, as one table: whatever happens out there, the outcome says what is known.

A provider joins by staging the situations that can happen to it.
"""

import contextlib
import hmac
from urllib.parse import urlencode

import pytest

from connector.domain.messages import Accepted, BadInbound, BadSignature, Kind, Rejected, Retry, Unknown
from connector.domain.words import Channel
from connector.providers.console import Console
from connector.providers.http_api import HttpApi
from connector.providers.smtp import Smtp
from connector.providers.twilio import Twilio
from connector.providers.twilio_calls import signature as twilio_signature
from connector.providers.whatsapp_cloud import WhatsAppCloud
from connector.uptime import uptime
from tests.providers import test_inbound, test_twilio, test_whatsapp_cloud
from tests.providers.factories import a_call, a_mail, a_message, a_permit
from tests.providers.mailservers import CONTENT, GREETING, told
from tests.providers.peers import closed_port, deaf_port, drip, peer, reset

#: situation: (what the outcome must be, seconds that the permit gives)
PROMISES = {
    "accepted": (lambda outcome: isinstance(outcome, Accepted) and outcome.provider_id, 5),
    "refused for good": (lambda outcome: isinstance(outcome, Rejected), 5),
    "opted out at the provider": (lambda outcome: outcome == Rejected(Kind.OPTED_OUT, outcome.detail), 5),
    "stopped marketing": (lambda outcome: outcome == Rejected(Kind.MARKETING_STOPPED, outcome.detail), 5),
    "out of the conversation": (lambda outcome: outcome == Rejected(Kind.WINDOW_CLOSED, outcome.detail), 5),
    "no such recipient": (lambda outcome: outcome == Rejected(Kind.INVALID_RECIPIENT, outcome.detail), 5),
    "wrong credentials": (lambda outcome: outcome == Rejected(Kind.AUTH, outcome.detail), 5),
    "rate limited": (lambda outcome: isinstance(outcome, Retry) and outcome.after >= 3, 5),
    "error inside a yes": (lambda outcome: isinstance(outcome, Rejected), 5),
    "error after taking it": (lambda outcome: isinstance(outcome, Unknown), 5),
    "nobody listens": (lambda outcome: isinstance(outcome, Retry) and outcome.after >= 2, 5),
    "silent before bytes left": (lambda outcome: isinstance(outcome, Retry), 0.35),
    "silent after bytes left": (lambda outcome: isinstance(outcome, Unknown), 0.35),
    "dripping": (lambda outcome: isinstance(outcome, Unknown), 0.35),
    "reset after bytes left": (lambda outcome: isinstance(outcome, Unknown), 5),
    "closed after bytes left": (lambda outcome: isinstance(outcome, Unknown), 5),
    "garbage": (lambda outcome: isinstance(outcome, Unknown), 5),
    "in our own network": (lambda outcome: isinstance(outcome, Rejected), 5),
    "out of time": (lambda outcome: outcome == Retry(0.0, outcome.detail), 0.1),
}

HTTP_MOVES = {
    "accepted": "ok",
    "refused for good": "400",
    "opted out at the provider": "2xx-with-error",
    "no such recipient": {"do": "answer", "status": 404, "body": {"error": {"code": "no_such_user"}}},
    "wrong credentials": "401",
    "rate limited": {"do": "429", "retry_after": 3},
    "error inside a yes": {"do": "answer", "body": {"error": {"code": "any other"}}},
    "error after taking it": "500-after",
    "silent after bytes left": "hang",
    "dripping": "drip",
    "reset after bytes left": "reset-after",
    "closed after bytes left": "close-after",
    "garbage": "garbage",
    "out of time": "ok",
}
HTTP_SETTINGS = {
    "accepted": "!error",
    "errors": [
        {"when": "error.code == '40300'", "kind": "opted_out"},
        {"when": "error.code == 'no_such_user'", "kind": "invalid_recipient"},
    ],
}


@contextlib.contextmanager
def http_stage(situation, recorder):
    if situation == "silent before bytes left":
        with deaf_port() as port:
            yield HttpApi(allow_private=True), a_message(), {"url": f"http://127.0.0.1:{port}/"}
    elif situation == "nobody listens":
        yield HttpApi(allow_private=True), a_message(), {"url": f"http://127.0.0.1:{closed_port()}/"}
    elif situation == "in our own network":
        yield HttpApi(allow_private=False), a_message(), {"url": recorder.url}
    else:
        recorder.behave({"*": HTTP_MOVES[situation]})
        yield HttpApi(allow_private=True), a_message(), {"url": recorder.url, **HTTP_SETTINGS}


def forever(line, server):
    server.over.wait(5)


MAIL_MOVES = {
    "accepted": {},
    "refused for good": {CONTENT: b"554 5.6.0 no\r\n"},
    "no such recipient": {"RCPT": b"550 5.1.1 no\r\n"},
    "wrong credentials": {"MAIL": b"530 5.7.0 log in\r\n"},
    "rate limited": {"RCPT": b"450 4.7.1 later\r\n"},
    "silent before bytes left": {GREETING: forever},
    "silent after bytes left": {CONTENT: forever},
    "dripping": {CONTENT: lambda line, server: drip(line, server, b"250 y")},
    "reset after bytes left": {CONTENT: lambda line, _: reset(line)},
    "closed after bytes left": {CONTENT: lambda line, _: line.close()},
    "garbage": {CONTENT: b"\x00\xff\r\n"},
    "in our own network": {},
    "out of time": {},
}


@contextlib.contextmanager
def mail_stage(situation, recorder):
    settings = {"host": "127.0.0.1", "security": "none"}
    if situation == "nobody listens":
        yield Smtp(allow_private=True), a_mail(), {**settings, "port": closed_port()}
    else:
        with peer(told(**MAIL_MOVES[situation])) as server:
            allowed = situation != "in our own network"
            yield Smtp(allow_private=allowed), a_mail(), {**settings, "port": server.port}


def said(status, /, **body):
    return {"do": "answer", "status": status, "body": body}


def refused(status, code):
    return said(status, error={"message": "no", "code": code})


WORST = {name: HTTP_MOVES[name] for name in (
    "error after taking it", "silent after bytes left", "dripping", "reset after bytes left",
    "closed after bytes left", "garbage", "rate limited",
)}  # fmt: skip
TWILIO_MOVES = {
    **WORST,
    "accepted": said(201, sid=test_twilio.SID, status="queued"),
    "refused for good": said(400, code=21617),
    "opted out at the provider": said(400, code=21610),
    "no such recipient": said(400, code=21211),
    "wrong credentials": said(401, code=20003),
    "error inside a yes": said(201, sid=test_twilio.SID, status="failed", error_code=30007),
    "out of the conversation": said(400, code=63016),
    "out of time": said(201, sid=test_twilio.SID, status="queued"),
}
WHATSAPP_MOVES = {
    **WORST,
    "accepted": said(200, messages=[{"id": "wamid.1"}]),
    "refused for good": refused(400, 131051),
    "stopped marketing": refused(400, 131050),
    "out of the conversation": refused(400, 131047),
    "no such recipient": refused(400, 131026),
    "wrong credentials": refused(401, 190),
    "error inside a yes": refused(200, 131026),
    "out of time": said(200, messages=[{"id": "wamid.1"}]),
}


def channel_stage(make, message, settings, moves):
    """The stage of a provider that is reached by HTTP, at whatever base URL its settings say."""

    @contextlib.contextmanager
    def stage(situation, recorder):
        with contextlib.ExitStack() as open_:
            url = recorder.url
            if situation == "silent before bytes left":
                url = f"http://127.0.0.1:{open_.enter_context(deaf_port())}/"
            elif situation == "nobody listens":
                url = f"http://127.0.0.1:{closed_port()}/"
            elif situation in moves:
                recorder.behave({"*": moves[situation]})
            yield make(situation != "in our own network"), message, {**settings, "base_url": url}

    return stage, moves.keys() | {"silent before bytes left", "nobody listens", "in our own network"}


@contextlib.contextmanager
def console_stage(situation, recorder):
    yield Console(), a_message(), {}


#: provider: (its stage, what can happen to it)
STAGES = {
    "http_api": (http_stage, HTTP_MOVES.keys() | {"silent before bytes left", "nobody listens", "in our own network"}),
    "twilio": channel_stage(
        lambda private: Twilio(allow_private=private, public_url="https://heed.example"),
        a_message(), test_twilio.SETTINGS, TWILIO_MOVES,
    ),
    "whatsapp_cloud": channel_stage(
        lambda private: WhatsAppCloud(allow_private=private),
        a_message(channel=Channel.WHATSAPP), test_whatsapp_cloud.SETTINGS, WHATSAPP_MOVES,
    ),
    "smtp": (mail_stage, MAIL_MOVES.keys() | {"nobody listens"}),
    "console": (console_stage, {"accepted", "out of time"}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "situation"), [(name, each) for name, (_, can) in STAGES.items() for each in PROMISES if each in can]
)
def test_the_outcome_says_what_is_known(name, situation, recorder):
    keeps, seconds = PROMISES[situation]
    stage, _ = STAGES[name]
    with stage(situation, recorder) as (provider, message, settings):
        permit = a_permit(seconds)

        outcome = provider.deliver(message, permit, settings)

        assert keeps(outcome), outcome
        assert uptime() < permit.deadline + 0.3
        assert message.to not in repr(outcome)


@pytest.mark.parametrize(
    "provider",
    [HttpApi(allow_private=False), Smtp(allow_private=False), Console(), test_twilio.TWILIO, test_whatsapp_cloud.CLOUD],
)
def test_a_provider_says_what_it_is(provider):
    assert STAGES[provider.name]
    assert provider.channels
    assert Channel.ALL not in provider.channels
    assert isinstance(provider.secrets, frozenset)


def generic(what):
    """Heed's own JSON, signed as Standard Webhooks."""
    words = {"good": test_inbound.STOP, "garbage": b"\xff{", "incomplete": {**test_inbound.STOP, "text": None}}
    if what == "forged":
        return b"{}", {**test_inbound.signed(), "webhook-id": "x"}
    return test_inbound.signed_body(words[what])


def by_twilio(what):
    fields = {
        "good": test_twilio.FORM,
        "forged": test_twilio.FORM,
        "garbage": {"Body": "x"},
        "incomplete": {"From": "+1"},
    }
    body = urlencode(fields[what]).encode()
    token = "another" if what == "forged" else test_twilio.TOKEN
    signed = twilio_signature(token, test_twilio.URL, fields[what].items()).decode()
    return body, {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signed}


def by_meta(what):
    good = test_whatsapp_cloud.envelope(test_whatsapp_cloud.entry(messages=[test_whatsapp_cloud.text("m-1")]))
    other = test_whatsapp_cloud.envelope(test_whatsapp_cloud.entry("999", messages=[test_whatsapp_cloud.text("m-1")]))
    body = {"good": good, "forged": good, "garbage": b"\xff{", "incomplete": other}[what]
    secret = b"another" if what == "forged" else test_whatsapp_cloud.SECRET.encode()
    return body, {"x-hub-signature-256": "sha256=" + hmac.new(secret, body, "sha256").hexdigest()}


#: provider: (how it calls, itself, its settings, the name of the good message)
CALLERS = {
    "http_api": (generic, HttpApi(allow_private=False), {"secret": test_inbound.SECRET}, "m-1"),
    "twilio": (by_twilio, test_twilio.TWILIO, test_twilio.SETTINGS, test_twilio.SID),
    "whatsapp_cloud": (by_meta, test_whatsapp_cloud.CLOUD, test_whatsapp_cloud.SETTINGS, "m-1"),
}
INBOUND = {"good": None, "incomplete": BadInbound, "forged": BadSignature, "garbage": BadInbound}


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("what", INBOUND)
def test_a_persons_message_comes_in_signed_and_whole_or_not_at_all(name, what):
    call, provider, settings, message_id = CALLERS[name]
    body, headers = call(what)

    with pytest.raises(INBOUND[what]) if INBOUND[what] else contextlib.nullcontext():
        first = provider.parse_inbound(a_call(body, headers), settings, test_inbound.NOW)
        again = provider.parse_inbound(a_call(body, headers), settings, test_inbound.NOW)

        # A repetition is the receiver's to find, by the id, which therefore must be the same.
        assert first == again
        assert first[0].message_id == message_id
