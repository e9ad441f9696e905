"""Promises of the provider that is described by settings. What every provider promises stands in test_contract."""

import json
import time
from urllib.parse import parse_qs

import pytest

from connector.domain.messages import Accepted, Kind, Rejected, Retry, Unknown
from connector.providers.http_api import HttpApi
from connector.providers.http_settings import check_http_settings
from tests.providers.factories import a_mail, a_message, a_permit
from tests.providers.peers import peer, read_request

API = HttpApi(allow_private=True)


def test_a_url_alone_is_enough():
    request, outcome = delivered(a_message(), {})

    assert outcome == Accepted("m1")
    assert request.first == "POST / HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "to": "+15550100",
        "from": "+15550199",
        "channel": "sms",
        "text": "Hello",
        "subject": None,
        "html": None,
        "send_id": "snd_1",
    }


def test_the_send_is_named_so_that_the_provider_can_know_a_double():
    request, _ = delivered(a_message(send_id="snd_7"), {"headers": {"X-Key": "k"}})

    assert request.headers["idempotency-key"] == "snd_7"
    assert request.headers["x-key"] == "k"


def test_the_body_is_mapped():
    body = {
        "messages": [
            {"recipient": "{{ to }}", "content": "{{ channel }}: {{ text }}", "tags": ["{{ attributes.tag }}"]}
        ],
        "price": "{{ attributes.price }}",
        "nothing": "{{ attributes.nothing }}",
        "constant": 7,
    }

    request, _ = delivered(a_message(attributes={"tag": "vip", "price": 1.5}), {"body": body, "method": "PUT"})

    assert request.first == "PUT / HTTP/1.1"
    assert request.json == {
        "messages": [{"recipient": "+15550100", "content": "sms: Hello", "tags": ["vip"]}],
        "price": 1.5,
        "constant": 7,
    }


def test_braces_in_a_message_are_text():
    request, _ = delivered(a_message(text="{{ send_id }}"), {"body": {"t": "{{ text }}"}})

    assert request.json == {"t": "{{ send_id }}"}


def test_a_form_repeats_lists_and_leaves_out_what_is_missing():
    body = {"To": "{{ to }}", "Media": ["a", "b"], "Extra": {"k": True}, "None": "{{ subject }}"}

    request, _ = delivered(a_message(text="ä&=\udcff"), {"encoding": "form", "body": {**body, "Body": "{{ text }}"}})

    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body) == {
        "To": ["+15550100"],
        "Media": ["a", "b"],
        "Extra": ['{"k": true}'],
        "Body": ["ä&=?"],
    }


def test_every_letter_arrives():
    text = "Grüße 🛑 \u2028 \x00 \ud83d"

    request, _ = delivered(a_mail(text=text), {})

    assert request.json["text"] == text


def test_own_headers_win_but_for_the_key():
    headers = {"content-type": "application/vnd.api+json", "User-Agent": "shop"}

    request, _ = delivered(a_message(), {"headers": headers})

    assert request.headers["content-type"] == "application/vnd.api+json"
    assert request.headers["user-agent"] == "shop"


def test_a_message_that_can_not_be_mapped_is_refused_without_a_call():
    body = {"to": "{{ to }}", "n": "{{ length(attributes.n) }}"}
    with peer(answer_ok) as provider:
        outcome = API.deliver(a_message(attributes={"n": 7}), a_permit(), {"url": provider.url, "body": body})

    assert outcome == Rejected(Kind.PROVIDER, "settings: /body/n: expression_failed")
    assert provider.callers == 0


def test_the_settings_may_shorten_the_time():
    def never(line, provider):
        read_request(line, provider)
        provider.over.wait(5)

    began = time.monotonic()
    with peer(never) as provider:
        outcome = API.deliver(a_message(), a_permit(5), {"url": provider.url, "timeout_s": 0.5})

    assert isinstance(outcome, Unknown)
    assert time.monotonic() - began < 1


def test_a_place_in_our_own_network_is_not_called():
    with peer(answer_ok) as provider:
        outcome = HttpApi(allow_private=False).deliver(a_message(), a_permit(), {"url": provider.url})

    assert outcome == Rejected(Kind.PROVIDER, "the address is private, local or special; a public one is needed")
    assert provider.callers == 0


def test_with_too_little_time_nothing_begins():
    with peer(answer_ok) as provider:
        assert isinstance(API.deliver(a_message(), a_permit(0.1), {"url": provider.url}), Retry)

    assert provider.callers == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "https://provider.example/v1"},
        {
            "url": "https://provider.example/v1",
            "method": "PUT",
            "encoding": "form",
            "timeout_s": 3,
            "secret": "whsec_AAAA",
        },
        {"url": "https://provider.example/", "headers": {"Authorization": "Bearer x", "X-Latin": "é"}},
        {
            "url": "https://provider.example/",
            "body": {"to": "{{ to }}", "$on_missing": {"to": "error"}, "deep": [{"a": "{{ text }}"}]},
            "id": "messages[0].id",
            "accepted": "!error",
            "errors": [{"when": "code == '40300'", "kind": "opted_out"}],
        },
        {"url": "https://provider.example/", "headers": None, "id": "", "errors": None, "secret": None},
    ],
)
def test_good_settings_have_no_faults(settings):
    assert check_http_settings(settings, allow_private=False) == []


@pytest.mark.parametrize(
    ("settings", "pointer", "code"),
    [
        ({"url": None}, "/url", "required"),
        ({"url": 7}, "/url", "invalid"),
        ({"url": "ftp://provider.example"}, "/url", "refused_target"),
        ({"url": "http://127.0.0.1:8080/"}, "/url", "refused_target"),
        ({"url": "https://u:p@provider.example/"}, "/url", "refused_target"),
        ({"method": "GET"}, "/method", "invalid"),
        ({"encoding": "xml"}, "/encoding", "invalid"),
        ({"timeout_s": 0}, "/timeout_s", "invalid"),
        ({"timeout_s": "5"}, "/timeout_s", "invalid"),
        ({"timeout_s": True}, "/timeout_s", "invalid"),
        ({"timeout_s": float("nan")}, "/timeout_s", "invalid"),
        ({"headers": ["X"]}, "/headers", "invalid"),
        ({"headers": {"X Y": "1"}}, "/headers/X Y", "invalid"),
        ({"headers": {"X/Y": "1"}}, "/headers/X~1Y", "invalid"),
        ({"headers": {"X": "a\r\nb"}}, "/headers/X", "invalid"),
        ({"headers": {"X": "€"}}, "/headers/X", "invalid"),
        ({"headers": {"X": 1}}, "/headers/X", "invalid"),
        ({"headers": {"Idempotency-Key": "constant"}}, "/headers/Idempotency-Key", "reserved"),
        ({"headers": {"host": "x"}}, "/headers/host", "reserved"),
        ({"body": []}, "/body", "invalid"),
        ({"body": {}}, "/body", "invalid"),
        ({"body": {"a": [{"b": "{{ to "}]}}, "/body/a/0/b", "bad_expression"),
        ({"body": {"$on_missing": "skip"}}, "/body/$on_missing", "invalid"),
        ({"body": {"$on_missing": {"a": "ignore"}}}, "/body/$on_missing", "invalid"),
        ({"id": "a..b"}, "/id", "bad_expression"),
        ({"accepted": 7}, "/accepted", "invalid"),
        ({"errors": {}}, "/errors", "invalid"),
        ({"errors": ["x"]}, "/errors/0", "invalid"),
        ({"errors": [{"when": "a"}]}, "/errors/0", "invalid"),
        ({"errors": [{"when": "a ==", "kind": "rate"}]}, "/errors/0/when", "bad_expression"),
        ({"errors": [{"when": "a", "kind": "opt_out"}]}, "/errors/0/kind", "invalid"),
        ({"errors": [{"when": "a", "kind": ["rate"]}]}, "/errors/0/kind", "invalid"),
        ({"secret": "whsec_!"}, "/secret", "invalid"),
        ({"timeout": 5}, "/timeout", "unknown_field"),
    ],
)
def test_a_fault_is_named_where_it_is(settings, pointer, code):
    faults = HttpApi(allow_private=False).check_settings({"url": "https://provider.example/", **settings})

    assert [(fault.pointer, fault.code) for fault in faults] == [(pointer, code)]


def test_every_fault_is_named_at_once():
    faults = check_http_settings({"method": "GET", "id": "a..b", "headers": {"host": "x"}}, allow_private=False)

    assert {fault.pointer for fault in faults} == {"/url", "/method", "/id", "/headers/host"}


class Request:
    """What the provider was sent."""

    def __init__(self, heard):
        head, _, body = heard.partition(b"\r\n\r\n")
        self.first, *rows = head.decode("latin-1").split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
        self.body = body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def delivered(message, settings):
    """(the request, the outcome) of a message to a provider that takes it."""
    with peer(answer_ok) as provider:
        outcome = API.deliver(message, a_permit(), {"url": provider.url, **settings})
    return Request(provider.heard[0]), outcome


def answer_ok(line, provider):
    read_request(line, provider)
    line.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id": "m1"}')
