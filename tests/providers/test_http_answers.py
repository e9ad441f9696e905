"""Promises about reading answers: a refusal is only what is one, and doubt is called doubt."""

import json
from email.utils import formatdate
from time import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.messages import Accepted, Kind, Outcome, Rejected, Retry, Unknown
from connector.providers.http import HttpAnswer
from connector.providers.http_answers import translate

CM = {
    "id": "messages[0].reference",
    "accepted": "messages[0].messageErrorCode == `0`",
    "errors": [
        {"when": "messages[0].messageErrorCode == `205`", "kind": "opted_out"},
        {"when": "contains(details || '', 'quota')", "kind": "rate"},
    ],
}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Accepted("m1")),
        (201, Accepted("m1")),
        (202, Accepted("m1")),
        (400, Rejected(Kind.PROVIDER, "HTTP 400")),
        (401, Rejected(Kind.AUTH, "HTTP 401")),
        (403, Rejected(Kind.AUTH, "HTTP 403")),
        (404, Rejected(Kind.PROVIDER, "HTTP 404")),
        (422, Rejected(Kind.PROVIDER, "HTTP 422")),
        (307, Rejected(Kind.PROVIDER, "HTTP 307")),  # a redirect of a POST: nothing was done here
        (303, Unknown("HTTP 303")),  # "see other" follows what was done
        (408, Unknown("HTTP 408")),
        (409, Unknown("HTTP 409")),  # the same key is in progress, or was used
        (429, Retry(5.0, "HTTP 429")),
        (500, Unknown("HTTP 500")),
        (502, Unknown("HTTP 502")),
        (503, Unknown("HTTP 503")),
        (101, Unknown("HTTP 101")),
        (999, Unknown("HTTP 999")),
    ],
)
def test_a_status_means_what_can_be_known_from_it(status, expected):
    assert translate(an_answer(status, {"id": "m1"}), {}) == expected


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("3", 3.0),
        ("0", 1.0),
        ("86400", 3600.0),
        ("9" * 30, 5.0),
        ("-1", 5.0),
        ("soon", 5.0),
        ("", 5.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0),  # in the past
        ("Fri, 99 Zzz 9999 99:99:99 GMT", 5.0),
    ],
)
def test_retry_after_is_heard_within_bounds(retry_after, seconds):
    assert translate(an_answer(429, {}, {"retry-after": retry_after}), {}).after == seconds


def test_retry_after_may_be_a_date():
    in_two_minutes = formatdate(time() + 120, usegmt=True)

    assert 115 < translate(an_answer(429, {}, {"retry-after": in_two_minutes}), {}).after <= 120


def test_a_503_with_retry_after_stays_unknown_unless_a_row_knows_better():
    busy = an_answer(503, {"details": "quota used up"}, {"retry-after": "7"})

    assert translate(busy, {}) == Unknown("HTTP 503")
    assert translate(busy, CM) == Retry(7.0, "HTTP 503")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [{"messageErrorCode": 0, "reference": "r-1"}]}, Accepted("r-1")),
        ({"messages": [{"messageErrorCode": 205}]}, Rejected(Kind.OPTED_OUT, "HTTP 200")),
        ({"messages": [{"messageErrorCode": 9}]}, Rejected(Kind.PROVIDER, "HTTP 200")),
        ({"details": "quota exceeded"}, Retry(5.0, "HTTP 200")),
        # false, not missing: a comparison with nothing is a clear "no" to JMESPath
        ({"messages": []}, Rejected(Kind.PROVIDER, "HTTP 200")),
    ],
)
def test_an_error_inside_a_2xx_is_found(body, expected):
    assert translate(an_answer(200, body), CM) == expected


def test_a_row_is_heard_at_any_status():
    assert translate(an_answer(500, {"messages": [{"messageErrorCode": 205}]}), CM).kind is Kind.OPTED_OUT


def test_an_answer_that_does_not_say_whether_it_was_accepted_is_unknown():
    assert isinstance(translate(an_answer(200, {"page": "login"}), {"accepted": "result.ok"}), Unknown)


@pytest.mark.parametrize("settings", [{"id": "id"}, {"accepted": "ok"}, CM])
@pytest.mark.parametrize("body", [b"", b"OK", b'{"id": "cut o', b"\xff\x00", b"[" * 100_000])
def test_where_json_is_needed_anything_else_is_unknown(settings, body):
    assert isinstance(translate(HttpAnswer(200, {"content-type": "text/plain"}, body), settings), Unknown)


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/plain; charset=utf-8", b"OK 17", Accepted),
        ("application/json", b"", Accepted),
        ("", b" \r\n", Accepted),
        ("text/html", b"<h1>Log in</h1>", Unknown),  # a portal or a wrong URL, whatever its status
        ("application/json", b'{"id": "cut o', Unknown),
    ],
)
def test_a_url_alone_takes_a_wordless_yes_but_no_page_of_someone_else(content_type, body, expected):
    assert isinstance(translate(HttpAnswer(200, {"content-type": content_type}, body), {}), expected)


@pytest.mark.parametrize(
    ("value", "provider_id"),
    [("m1", "m1"), (17, "17"), ("", None), (None, None), (True, None), ({"a": 1}, None), ("x" * 999, "x" * 255)],
)
def test_an_id_is_text_or_nothing(value, provider_id):
    assert translate(an_answer(200, {"id": value}), {}) == Accepted(provider_id)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"code": 21610}, "HTTP 400, code 21610"),
        ({"error": {"code": "invalid_to"}}, "HTTP 400, code invalid_to"),
        ({"errors": [{"code": "40300"}]}, "HTTP 400, code 40300"),
        ({"code": "+15550100"}, "HTTP 400"),  # an address is no code
        ({"code": "15550100123"}, "HTTP 400"),
        ({"code": "ann@people.example"}, "HTTP 400"),
        ({"code": "a\nb"}, "HTTP 400"),
        ({"code": {"a": 1}}, "HTTP 400"),
        ([1, 2], "HTTP 400"),
    ],
)
def test_the_detail_holds_the_providers_code_and_never_an_address(body, detail):
    assert translate(an_answer(400, body), {}).detail == detail


def test_an_expression_that_fails_does_no_harm():
    settings = {"id": "sum(id)", "errors": [{"when": "length(code) > `3`", "kind": "opted_out"}]}

    assert translate(an_answer(200, {"id": "m1", "code": 7}), settings) == Accepted(None)


ANSWERS = st.builds(
    HttpAnswer,
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["retry-after", "content-type"]), st.text()),
    st.one_of(
        st.binary(),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["id", "code", "messages", "error"]), inner)
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)


@settings(deadline=None)
@given(ANSWERS, st.sampled_from([{}, CM, {"id": "messages[*].id | [0]", "accepted": "!error"}]))
def test_every_answer_has_an_outcome(answer, settings):
    assert isinstance(translate(answer, settings), Outcome)


def an_answer(status, body, headers=None):
    return HttpAnswer(status, {"content-type": "application/json", **(headers or {})}, json.dumps(body).encode())
