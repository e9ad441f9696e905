"""Bad input: every fault at once, by pointer; never a crash, and nothing in the database has changed."""

import json
from collections.abc import Iterator

import pytest

from tests.heed import Heed
from tests.oracles import pointers, post_bytes, problem, row_counts

ACTIONS = (
    "add_to_opt_out", "remove_from_opt_out", "record_opt_in", "check_consent", "send_with_suppression",
    "get_consent_history", "add_to_sequence", "remove_from_sequence",
)  # fmt: skip
RESOURCES = ("/v1/lists", "/v1/senders", "/v1/bindings", "/v1/replies", "/v1/keys", "/v1/campaigns", "/v1/attributes")


@pytest.fixture(autouse=True)
def nothing_changes(heed: Heed) -> Iterator[None]:
    before = row_counts(heed)
    yield
    assert row_counts(heed) == before


# body, status, code of the one fault
BODIES = {
    "empty body": (b"", 400, "bad_json"),
    "half an object": (b'{"number": "+1415', 400, "bad_json"),
    "NaN is not JSON": (b'{"number": NaN}', 400, "bad_json"),
    "nor is Infinity": (b'{"number": -Infinity}', 400, "bad_json"),
    "a float that overflows to infinity": (b'{"evidence": {"n": 1e999}}', 400, "bad_json"),
    "a name twice: which one is meant?": (b'{"number": "+14155550123", "number": "+14155550124"}', 400, "bad_json"),
    "a name twice, deeper": (b'{"number": "+14155550123", "evidence": {"a": 1, "a": 2}}', 400, "bad_json"),
    "NUL in a value": (b'{"number": "+14155550123", "reason": "a\\u0000b"}', 400, "bad_value"),
    "NUL in a name": (b'{"number": "+14155550123", "evidence": {"\\u0000": 1}}', 400, "bad_value"),
    "a NUL byte": (b'{"number": "+14155550123\x00"}', 400, "bad_json"),
    "half of a surrogate pair": (b'{"number": "+14155550123", "reason": "\\ud83d"}', 400, "bad_value"),
    "half a pair in a name": (b'{"number": "+14155550123", "evidence": {"\\udc00": 1}}', 400, "bad_value"),
    "a number beyond 64 bits": (b'{"number": 99999999999999999999999}', 400, "bad_value"),
    "and below": (b'{"evidence": {"n": -9223372036854775809}}', 400, "bad_value"),
    "a number of 5,000 digits": (b'{"number": ' + b"9" * 5000 + b"}", 400, "bad_json"),
    "not UTF-8": (b'{"number": "\xff\xfe"}', 400, "bad_encoding"),
    # JSON between programs is UTF-8 (RFC 8259, section 8.1); guessed encodings pass by checks of bytes.
    "UTF-16": ('{"number": "+14155550123", "reason": "\\u0000"}'.encode("utf-16"), 400, "bad_encoding"),
    "UTF-16 without its mark": ('{"number": "+14155550123"}'.encode("utf-16-le"), 400, None),
    "depth 10,000": (b'{"evidence": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, 400, "too_deep"),
    "depth 10,000 of lists": (b'{"recipients": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "too_deep"),
    "an array": (b'[{"number": "+14155550123"}]', 422, "wrong_type"),
    "a string": (b'"number"', 422, "wrong_type"),
    "null": (b"null", 422, "wrong_type"),
}


@pytest.mark.parametrize("path", ["/v1/actions/add_to_opt_out", "/v1/lists"])
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(heed: Heed, path: str) -> None:
    found = {}
    for name, (body, _, _) in BODIES.items():
        answer = post_bytes(heed, path, body)
        faults = problem(answer, answer.status_code)["errors"]
        found[name] = (answer.status_code, *(fault["code"] for fault in faults))

    wanted = {n: (s, c) if c else (found[n][0], *found[n][1:]) for n, (_, s, c) in BODIES.items()}
    assert found == wanted


@pytest.mark.parametrize("path", [*(f"/v1/actions/{name}" for name in ACTIONS), *RESOURCES])
def test_hostile_bodies_crash_no_call(heed: Heed, path: str) -> None:
    statuses = {name: post_bytes(heed, path, body).status_code for name, (body, _, _) in BODIES.items()}

    assert {name: status for name, status in statuses.items() if status not in (400, 422)} == {}


@pytest.mark.parametrize("path", ["/v1/actions/add_to_opt_out", "/v1/actions/add_to_opt_out/mapped", "/v1/lists"])
@pytest.mark.parametrize("key", [None, "k-1"], ids=["plain", "keyed"])
def test_a_body_of_ten_megabytes_is_413(heed: Heed, path: str, key: str | None) -> None:
    body = json.dumps({"number": "+14155550123", "reason": "x" * 10_000_000}).encode()

    problem(post_bytes(heed, path, body, **({"Idempotency_Key": key} if key else {})), 413, "too_large")


def test_other_content_types_are_415(heed: Heed) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json-ish", None):
        problem(post_bytes(heed, "/v1/actions/add_to_opt_out", b'{"number": "+14155550123"}', kind), 415)


def test_compressed_bodies_are_415(heed: Heed) -> None:
    answer = post_bytes(heed, "/v1/actions/add_to_opt_out", b"\x1f\x8b", Content_Encoding="gzip")

    problem(answer, 415)


def test_every_fault_of_a_body_is_named_at_once(heed: Heed) -> None:
    body = {
        "number": "12", "email": "not an email", "channel": "fax", "lists": ["default", "nope", 5, "{{ list }}"],
        "reason": "x" * 301, "occurred_at": "yesterday", "evidence": [], "surprise": 1, "idempotency_key": 7,
    }  # fmt: skip

    assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", body)) == {
        "/number": "invalid_address",
        "/email": "invalid_address",
        "/channel": "not_allowed",
        "/lists/1": "unknown_list",
        "/lists/2": "wrong_type",
        "/lists/3": "unresolved_template",
        "/reason": "too_long",
        "/occurred_at": "bad_format",
        "/evidence": "wrong_type",
        "/surprise": "unknown_field",
        "/idempotency_key": "wrong_type",
    }


def test_faults_that_only_reading_finds_come_with_the_others(heed: Heed) -> None:
    # Well-formed dates, but beyond what can be kept; the numbers are strings, but no numbers.
    body = {"number": "12", "occurred_at": "2999-01-01T00:00:00Z", "expires_at": "1900-01-01T00:00:00Z"}

    assert pointers(heed.call("POST", "/v1/actions/record_opt_in", body)) == {
        "/number": "invalid_address",
        "/occurred_at": "bad_format",
        "/expires_at": "bad_format",
    }


def test_wrong_types_are_faults_with_their_pointers(heed: Heed) -> None:
    faulty = {
        "/number": {"number": {"a": 1}},
        "/email": {"email": 5},
        "/recipients": {"recipients": {"number": "+14155550123"}},
        "/recipients/1": {"recipients": [{"number": "+14155550123"}, "x"]},
        "/recipients/0/number": {"recipients": [{"number": ["+14155550123"]}]},
        "/recipients/0/phone": {"recipients": [{"phone": "+14155550123"}]},
        "/lists": {"number": "+14155550123", "lists": "default"},
        "/lists/0": {"number": "+14155550123", "lists": [None]},
        "/reason": {"number": "+14155550123", "reason": ["x"]},
        "/occurred_at": {"number": "+14155550123", "occurred_at": 1790000000},
    }
    for pointer, body in faulty.items():
        assert set(pointers(heed.call("POST", "/v1/actions/add_to_opt_out", body))) == {pointer}


def test_neither_nobody_nor_both_ways_to_name_somebody(heed: Heed) -> None:
    both = {"number": "+14155550123", "recipients": [{"number": "+14155550124"}]}
    for body in ({}, {"reason": "x"}, both):
        assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", body)) == {"": "recipient_needed"}


def test_a_batch_has_1_to_1000_recipients(heed: Heed) -> None:
    for size, code in ((0, "too_few"), (1001, "too_many")):
        body = {"recipients": [{"number": f"+1415555{n:04}"} for n in range(size)]}
        assert pointers(heed.call("POST", "/v1/actions/add_to_opt_out", body)) == {"/recipients": code}


# method, path, body: each once answered 500 or might.
ODD_CALLS = [
    ("GET", "/v1/bindings?limit=0000000019999999999999999999", None),  # nine digits looked at, the rest not
    ("GET", "/v1/bindings?limit=0", None),
    ("GET", "/v1/bindings?limit=-1", None),
    ("GET", "/v1/bindings?limit=%D9%A3", None),  # an Arabic three
    ("GET", "/v1/bindings?cursor=%00", None),
    ("GET", "/v1/sends?status=%00", None),
    ("GET", "/v1/sends?cursor=nope", None),
    ("GET", "/v1/history?number=%00", None),
    ("GET", "/v1/history?number=%2B14155550123&cursor=lst_000000000000", None),
    ("GET", "/v1/profiles", None),
    ("GET", "/v1/profiles?number=nobody", None),
    ("GET", "/v1/profiles?email=%ff%fe", None),
    ("GET", "/v1/actions/check_consent?version=%D9%A3", None),
    ("PUT", "/v1/profiles/block", {"number": {"a": 1}, "blocked": True}),  # a number of any JSON type
    ("PUT", "/v1/profiles/block", {"number": [1], "blocked": True}),
    ("PUT", "/v1/profiles/block", {"number": True, "blocked": True}),
    ("PUT", "/v1/profiles/block", {"number": "+14155550123", "blocked": "yes"}),
    ("PUT", "/v1/profiles/block", {"blocked": True}),
    ("POST", "/v1/keys", {"name": "x", "scopes": [{"read": 1}]}),
    ("POST", "/v1/keys", {"name": "x", "scopes": ["read"], "expires_at": 5}),
    ("POST", "/v1/lists", {"name": "x", "keywords": "STOP"}),
    ("POST", "/v1/lists", {"name": "x", "keywords": [None]}),
    ("POST", "/v1/lists", {"name": "x", "keywords": ["A"], "messages": {"first_opt_out": "bye"}}),
    ("POST", "/v1/lists", {"name": "x", "keywords": ["A"], "webhook_url": "javascript:alert(1)"}),
    ("POST", "/v1/senders", {"provider": "http_api", "channel": "sms", "number": "+1", "settings": {"url": {}}}),
    ("POST", "/v1/senders", {"provider": "nope", "channel": "sms", "number": "+1"}),
    ("POST", "/v1/senders", {"provider": "console", "channel": "all", "number": "+1"}),
    ("POST", "/v1/senders", {"provider": "console", "channel": "sms", "number": "+1", "channel_id": 2**40}),
    ("POST", "/v1/bindings", {"name": "x", "action": "check_consent", "mapping": []}),
    ("POST", "/v1/bindings", {"name": "x", "action": ["check_consent"], "mapping": {}}),
    ("POST", "/v1/replies", {"keywords": ["A"], "actions": [{"action": "check_consent"}]}),
    ("POST", "/v1/replies", {"keywords": ["A"], "priority": 10**12}),
    ("POST", "/v1/replies", {"keywords": ["A"], "channel": 3}),
    ("POST", "/v1/actions/check_consent/mapped", {"mapping": "x", "data": {}}),
    ("POST", "/v1/actions/check_consent/mapped", {"mapping": {}}),
    ("POST", "/v1/actions/check_consent/preview", []),
    # An offset that leads out of the calendar.
    ("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123", "occurred_at": "0001-01-01T00:00:00+23:59"}),
    ("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123", "occurred_at": "2026-12-31T23:59:60Z"}),
    ("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123", "occurred_at": "2026-01-01T00:00:00"}),
    ("POST", "/v1/actions/check_consent", {"number": "+14155550123", "require_opt_in": 1}),
    ("POST", "/v1/actions/check_consent", {"number": "+14155550123", "purpose": "confirmation"}),
    ("POST", "/v1/actions/get_consent_history", {"number": "+14155550123", "limit": 1e300}),
]


def test_odd_calls_are_the_callers_fault(heed: Heed) -> None:
    found = {}
    for method, path, body in ODD_CALLS:
        answer = heed.call(method, path, body)
        if not 400 <= answer.status_code < 500:
            found[method, path, json.dumps(body)] = answer.status_code
        else:
            problem(answer, answer.status_code)

    assert found == {}
