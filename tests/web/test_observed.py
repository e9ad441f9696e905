"""Operators see what happens, and nobody's data: log lines, request ids from the call to the provider, metrics."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from connector.demo.launch import Running
from connector.engine.tick import tick
from tests.engine.scenes import SECOND, campaign, enrol, numbers, turn
from tests.heed import Heed


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    from structlog.contextvars import merge_contextvars

    with capture_logs(processors=[merge_contextvars]) as found:
        yield found


def metrics(heed: Heed) -> dict[str, float]:
    """Every sample of /metrics: name with labels in braces, and its value."""
    answer = heed.app.test_client().get("/metrics")
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def rise(heed: Heed, name: str, before: dict[str, float]) -> float:
    return metrics(heed).get(name, 0.0) - before.get(name, 0.0)


def test_a_call_keeps_its_request_id(heed: Heed) -> None:
    answer = heed.call("GET", "/v1/me", X_Request_Id="flow-42.step:7")

    assert answer.headers["X-Request-Id"] == "flow-42.step:7"


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "+14155550123", "14155550123", "ada@shop.example", "é"])
def test_a_call_without_a_usable_request_id_gets_one(heed: Heed, given: str | None) -> None:
    headers = {} if given is None else {"X_Request_Id": given}

    first = heed.call("GET", "/v1/me", **headers).headers["X-Request-Id"]
    second = heed.call("GET", "/v1/none", **headers).headers["X-Request-Id"]

    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second


def test_every_call_is_a_line_that_names_the_route_and_not_the_path(heed: Heed, lines: list[Any]) -> None:
    heed.call("POST", "/in/tok_secret_of_a_sender", {}, X_Request_Id="r1")

    (line,) = [one for one in lines if one["event"] == "call"]
    assert line["method"] == "POST"
    assert line["route"] == "/in/<token>"
    assert line["status"] == 404
    assert line["request_id"] == "r1"
    assert 0 <= line["ms"] < 60_000
    assert "tok_secret" not in str(line)


def test_a_send_carries_its_request_id_to_the_line_of_its_hand_off(
    heed: Heed, provider: Running, lines: list[Any]
) -> None:
    sender = heed.sender(provider.url)["id"]
    body = {"sender": sender, "number": numbers(1)[0], "text": "hi", "async": True}
    request = heed.post("/v1/actions/send_with_suppression", body, X_Request_Id="from-n8n-17")
    heed.work()

    (line,) = [one for one in lines if one["event"] == "handed_over"]
    assert line["request_id"] == "from-n8n-17"
    assert line["outcomes"] == {"accepted": 1}
    assert line["provider"] == "http_api"
    (message,) = line["sends"]
    assert heed.get(f"/v1/sends/{message}")["request"] == request["id"]


def test_later_steps_of_a_sequence_go_back_to_the_call_that_took_the_person_in(
    heed: Heed, provider: Running, lines: list[Any]
) -> None:
    name = campaign(heed, provider, "sequence")
    turn(heed, name, "start")
    people = [{"number": one} for one in numbers(2)]
    heed.post("/v1/actions/add_to_sequence", {"sequence": name, "recipients": people}, X_Request_Id="enrolled-by-zap")
    for _ in range(3):
        heed.work()
        heed.clock.pass_by(3601 * SECOND)

    handed = [one for one in lines if one["event"] == "handed_over"]
    assert sum(len(one["sends"]) for one in handed) == 6
    assert {one["request_id"] for one in handed} == {"enrolled-by-zap"}


def test_calls_decisions_and_hand_offs_are_counted(heed: Heed, provider: Running) -> None:
    sender, (no, yes, other) = heed.sender(provider.url)["id"], numbers(3)
    provider.behave({other: "400"})
    before = metrics(heed)
    heed.act("add_to_opt_out", number=no)
    heed.act("check_consent", recipients=[{"number": no}, {"number": yes}])
    people = [{"number": one} for one in (no, yes, other)]
    body = {"sender": sender, "recipients": people, "text": "hi", "async": True}
    heed.post("/v1/actions/send_with_suppression", body)
    heed.work()

    calls = "heed_calls_total{method=POST,route=/v1/actions/<name>,status=200}"
    assert rise(heed, calls, before) == 2
    assert rise(heed, calls.replace("200", "202"), before) == 1
    assert rise(heed, "heed_decisions_total{asked_by=check,reason=opted_out}", before) == 1
    assert rise(heed, "heed_decisions_total{asked_by=check,reason=allowed}", before) == 1
    assert rise(heed, "heed_decisions_total{asked_by=send,reason=opted_out}", before) == 1
    assert rise(heed, "heed_decisions_total{asked_by=send,reason=allowed}", before) == 2
    assert rise(heed, "heed_handoffs_total{outcome=accepted,provider=http_api}", before) == 1
    assert rise(heed, "heed_handoffs_total{outcome=rejected,provider=http_api}", before) == 1
    assert rise(heed, "heed_opt_out_wait_seconds_count{settled=yes}", before) >= 1
    assert rise(heed, "heed_call_seconds_count", before) >= 3


def test_metrics_tell_what_waits_and_who_works(heed: Heed, provider: Running) -> None:
    name = campaign(heed, provider)
    enrol(heed, name, numbers(5))
    assert metrics(heed)["heed_sends_due"] == 0
    assert metrics(heed)["heed_workers_alive"] == 0
    assert metrics(heed)["heed_ticker_age_seconds"] == float("inf")

    turn(heed, name, "start")
    heed.clock.pass_by(90 * SECOND)
    heed.house.operations.forget()
    seen = metrics(heed)

    assert seen["heed_sends_due"] == 5
    assert 90 <= seen["heed_sends_due_age_seconds"] < 100
    assert (seen["heed_database_up"], seen["heed_sending_held"], seen["heed_migrations_missing"]) == (1, 0, 0)

    heed.work()
    heed.house.operations.forget()

    assert metrics(heed)["heed_sends_due"] == 0


def test_metrics_show_unsent_events(heed: Heed) -> None:
    heed.post("/v1/webhooks", {"url": "https://receiver.example/hook", "events": ["contact.opted_out"]})
    heed.act("add_to_opt_out", number=numbers(1)[0])
    heed.clock.pass_by(61 * SECOND)
    heed.house.operations.forget()

    seen = metrics(heed)

    assert seen["heed_outbox"] == 1
    assert 61 <= seen["heed_outbox_age_seconds"] < 70


def test_metrics_hold_nobody(heed: Heed, provider: Running) -> None:
    person = numbers(1)[0]
    heed.act("add_to_opt_out", number=person, email="ada@shop.example")
    heed.call("GET", f"/v1/{person}/ada@shop.example")
    heed.call("PURGE" if person else "GET", "/v1/lists")

    text = heed.app.test_client().get("/metrics").text

    assert person.lstrip("+") not in text
    assert "shop.example" not in text
    assert heed.key not in text
    assert "PURGE" not in text


def test_metrics_may_ask_for_a_token(heed: Heed) -> None:
    heed.house.operations.metrics_token = "let-me-scrape"
    client = heed.app.test_client()

    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": f"Bearer {heed.key}"}):
        assert client.get("/metrics", headers=headers).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer let-me-scrape"}).status_code == 200


def test_metrics_answer_while_the_database_is_away(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Any:
        from connector.domain.errors import Unavailable

        raise Unavailable

    monkeypatch.setattr(heed.house.database, "read", away)

    assert metrics(heed)["heed_database_up"] == 0
    answer = heed.app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "no database")


def test_readyz_tells_of_a_worker_that_ticks(heed: Heed) -> None:
    ready = heed.app.test_client().get
    assert ready("/readyz").json["checks"]["ticker"] == "no worker looks for due messages"

    heed.house.incarnations._role = "worker"
    heed.house.incarnations.beat()
    tick(heed.house.database, heed.clock, heed.house.hints)
    heed.house.operations.forget()

    answer = ready("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {"database": "ok", "queue": "none", "ticker": "ok"}}
    assert metrics(heed)["heed_workers_alive"] == 1
    assert metrics(heed)["heed_ticker_age_seconds"] < 60


def test_readyz_says_that_a_database_is_not_migrated(heed: Heed) -> None:
    with heed.house.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010'")

    answer = heed.app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["status"]) == (503, "not migrated")
    assert metrics(heed)["heed_migrations_missing"] >= 1


def test_readyz_is_content_with_a_database_that_a_newer_heed_has_brought_further(heed: Heed) -> None:
    with heed.house.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    assert heed.app.test_client().get("/readyz").status_code == 200
