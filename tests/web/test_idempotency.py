"""A10: an Idempotency-Key repeats an answer instead of an effect; the same key with another body is refused."""

import threading
from typing import Any

import pytest

from connector.engine.incarnations import Incarnations
from connector.engine.once import scope_of
from connector.store import journal
from tests.heed import Heed
from tests.oracles import key_with, pointers, problem, row_counts

OUT = "/v1/actions/add_to_opt_out"
ADA = {"number": "+14155550123"}
BO = {"number": "+14155550124"}


def test_a10_the_first_answer_comes_again_and_says_so(heed: Heed) -> None:
    first = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    rows = row_counts(heed)

    again = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")

    assert (again.status_code, again.json) == (200, first.json)
    assert again.json["results"][0]["status"] == "added"  # not "already": the effect did not happen twice
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert row_counts(heed) == rows


def test_a10_the_same_key_with_another_body_is_422_and_changes_nothing(heed: Heed) -> None:
    heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    rows = row_counts(heed)

    problem(heed.call("POST", OUT, BO, Idempotency_Key="k-1"), 422, "idempotency_mismatch")

    assert row_counts(heed) == rows


def test_a10_the_order_of_the_fields_and_what_means_absent_make_no_other_body(heed: Heed) -> None:
    heed.call("POST", OUT, {"number": "+14155550123", "reason": "x"}, Idempotency_Key="k-1")

    again = heed.call("POST", OUT, {"reason": "x", "email": "", "number": "+14155550123"}, Idempotency_Key="k-1")

    assert again.headers["Idempotency-Replayed"] == "true"


def test_a10_quoted_and_bare_keys_and_the_body_field_are_the_same_key(heed: Heed) -> None:
    heed.call("POST", OUT, ADA, Idempotency_Key="k-1")

    quoted = heed.call("POST", OUT, ADA, Idempotency_Key='"k-1"')
    in_body = heed.call("POST", OUT, {**ADA, "idempotency_key": "k-1"})
    alias = heed.call("POST", OUT, {**ADA, "idempotencyKey": "k-1"})

    assert [one.headers.get("Idempotency-Replayed") for one in (quoted, in_body, alias)] == ["true"] * 3


def test_a10_a_header_and_a_body_field_that_differ_are_a_fault(heed: Heed) -> None:
    answer = heed.call("POST", OUT, {**ADA, "idempotency_key": "k-2"}, Idempotency_Key="k-1")

    assert set(pointers(answer)) == {"/idempotency_key"}


@pytest.mark.parametrize("key", ["{{ run.id }}", "={{$execution.id}}", "@{workflow()['run']['name']}", "", "k" * 256])
def test_a10_a_key_that_nobody_filled_is_refused(heed: Heed, key: str) -> None:
    rows = row_counts(heed)

    problem(heed.call("POST", OUT, ADA, Idempotency_Key=key), 422)
    problem(heed.call("POST", "/v1/lists", {"name": "L", "keywords": ["A"]}, Idempotency_Key=key), 422)
    if key:  # an empty optional field is an absent one
        assert set(pointers(heed.call("POST", OUT, {**ADA, "idempotency_key": key}))) == {"/idempotency_key"}
        assert row_counts(heed) == rows


def test_a10_a_key_counts_for_one_api_key_and_one_route(heed: Heed) -> None:
    other = key_with(heed, "write")
    mapped = {"mapping": {"number": "{{ n }}"}, "data": {"n": "+14155550123"}}

    answers = [
        heed.call("POST", OUT, ADA, Idempotency_Key="k-1"),
        heed.call("POST", OUT, ADA, Idempotency_Key="k-1", key=other),
        heed.call("POST", "/v1/actions/remove_from_opt_out", ADA, Idempotency_Key="k-1"),
        heed.call("POST", OUT + "/mapped", mapped, Idempotency_Key="k-1"),
        # A key that looks like another route's.
        heed.call("POST", OUT, ADA, Idempotency_Key="mapped/k-1"),
    ]

    assert [(one.status_code, "Idempotency-Replayed" in one.headers) for one in answers] == [(200, False)] * 5


def test_a10_creating_a_list_twice_with_one_key_makes_one_list(heed: Heed) -> None:
    body = {"name": "Offers", "keywords": ["NO OFFERS"]}

    first = heed.call("POST", "/v1/lists", body, Idempotency_Key="k-1")
    again = heed.call("POST", "/v1/lists", body, Idempotency_Key="k-1")
    other = heed.call("POST", "/v1/lists", {**body, "name": "News"}, Idempotency_Key="k-1")

    assert (again.status_code, again.json) == (first.status_code, first.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"] == f"/v1/lists/{first.json['id']}"
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(other, 422, "idempotency_mismatch")
    assert len(heed.get("/v1/lists")["items"]) == 2


def test_a10_the_same_answer_comes_though_the_list_is_gone_since(heed: Heed) -> None:
    made = heed.post("/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]})
    first = heed.call("POST", OUT, {**ADA, "lists": ["offers"]}, Idempotency_Key="k-1")
    assert heed.call("DELETE", f"/v1/lists/{made['id']}").status_code == 200

    again = heed.call("POST", OUT, {**ADA, "lists": ["offers"]}, Idempotency_Key="k-1")

    assert (again.status_code, again.json) == (200, first.json)


def test_a10_a_refused_request_leaves_its_key_free(heed: Heed) -> None:
    problem(heed.call("POST", OUT, {"number": "12"}, Idempotency_Key="k-1"), 422)
    problem(heed.call("POST", "/v1/lists", {"name": "Offers"}, Idempotency_Key="k-1"), 422)

    assert heed.call("POST", OUT, ADA, Idempotency_Key="k-1").json["results"][0]["status"] == "added"
    assert heed.call("POST", "/v1/lists", {"name": "L", "keywords": ["A"]}, Idempotency_Key="k-1").status_code == 201


def test_a10_a_crash_leaves_its_key_free(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(heed.house.services.book, "record", crash)
        problem(heed.call("POST", OUT, ADA, Idempotency_Key="k-1"), 500)

    assert heed.call("POST", OUT, ADA, Idempotency_Key="k-1").status_code == 200


def test_a10_while_the_first_runs_the_second_is_409_and_two_effects_never_happen(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = heed.house.services.book
    running, go_on = threading.Event(), threading.Event()
    record = book.record

    def slowly(*arguments: Any) -> Any:
        running.set()
        assert go_on.wait(10)
        return record(*arguments)

    monkeypatch.setattr(book, "record", slowly)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(heed.call("POST", OUT, ADA, Idempotency_Key="k-1")))
    thread.start()
    assert running.wait(10)

    second = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    go_on.set()
    thread.join()
    third = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")

    problem(second, 409, "in_progress")
    assert answers[0].status_code == 200
    assert third.headers["Idempotency-Replayed"] == "true"


def begun_by_another_process(heed: Heed, other: Incarnations) -> None:
    """A request of ours that another process has begun and not finished."""
    me = heed.get("/v1/me")["key"]
    # The fingerprint of the request is what the process noted: it is taken from a finished one.
    heed.call("POST", OUT, ADA, Idempotency_Key="k-0")
    database, token = heed.house.database, other.token()
    with database.write() as connection:
        done = scope_of(1, me, "add_to_opt_out", "k-0")
        kept = journal.begin(database, connection, done, b"", 0, 0)
        assert kept is not None
        scope = scope_of(1, me, "add_to_opt_out", "k-1")
        journal.begin(database, connection, scope, kept.fingerprint, token, heed.clock())


def test_a10_a_request_in_the_hands_of_a_living_process_is_409(heed: Heed) -> None:
    other = Incarnations(heed.house.database, "web", heed.clock)
    begun_by_another_process(heed, other)

    answer = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    other.close()

    problem(answer, 409, "in_progress")


def test_a10_what_a_dead_process_left_running_is_taken_over(heed: Heed) -> None:
    other = Incarnations(heed.house.database, "web", heed.clock)
    begun_by_another_process(heed, other)
    other.close()

    first = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    again = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")

    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (200, False)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_a10_a_key_is_kept_for_24_hours(heed: Heed) -> None:
    heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    day = 24 * 3600 * 1_000_000

    heed.clock.pass_by(day - 60_000_000)
    heed.house.operations.tidying.work(5.0)
    kept = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")
    heed.clock.pass_by(120_000_000)
    heed.house.operations.tidying.work(5.0)
    forgotten = heed.call("POST", OUT, ADA, Idempotency_Key="k-1")

    assert kept.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in forgotten.headers
    assert forgotten.json["results"][0]["status"] == "already"
