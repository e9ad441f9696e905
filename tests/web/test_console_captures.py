"""A06: one real request captured at an address that is soon forgotten."""

import re

from sqlalchemy import select

from connector.domain.instants import MINUTE
from connector.store.tables import captures
from tests.heed import Heed
from tests.oracles import problem
from tests.web.console import Console, signed_in
from tests.web.test_console_workbench import BENCH, part, post

BODY = {"contact": {"phone": "+14155550187"}, "password": "hunter2"}


def opened(console: Console) -> str:
    """The path that waits."""
    found = re.search(r"/hook/[\w-]{32}", part(post(console, f"{BENCH}/capture", {}), "hook"))
    assert found
    return found[0]


def looked(console: Console, hook: str) -> str:
    return console.get(f"{BENCH}?look={hook.removeprefix('/hook/')}")


def test_a06_one_request_is_captured_and_becomes_the_sample(heed: Heed):
    console = signed_in(heed)
    hook = opened(console)
    assert "Send one request here" in looked(console, hook)

    answer = heed.app.test_client().post(hook, json=BODY, headers={"Authorization": "Bearer not-kept"})

    assert (answer.status_code, answer.json) == (200, {"captured": True})
    page = looked(console, hook)
    assert "+14155550187" in part(page, "f-data")
    assert "contact › phone" in part(page, "picker-rows")
    problem(heed.app.test_client().post(hook, json=BODY), 409, "captured")
    fields = {"text.number": "{{ contact.phone }}", "look": hook.removeprefix("/hook/")}
    assert 'comes out as "+14155550187"' in part(post(console, f"{BENCH}/capture", fields), "v-number")


def test_a_form_is_captured_as_well(heed: Heed):
    console = signed_in(heed)
    hook = opened(console)

    heed.app.test_client().post(hook, data={"phone": "+14155550187"})

    assert '"phone": "+14155550187"' in part(looked(console, hook), "f-data")


def test_what_was_captured_lies_locked_is_one_sessions_and_is_erased_soon(heed: Heed):
    console, other = signed_in(heed), signed_in(heed, "viewer")
    hook = opened(console)
    heed.app.test_client().post(hook, json=BODY, headers={"X-Secret": "s3cret"})

    with heed.house.database.read() as connection:
        (row,) = connection.execute(select(captures))
    stored = str(tuple(row)) + str(bytes(row.content))
    assert [text for text in ("5550187", "hunter2", "s3cret", hook[6:]) if text in stored] == []
    assert "5550187" not in looked(other, hook)
    heed.clock.pass_by(10 * MINUTE)
    assert "5550187" not in looked(console, hook)
    assert "waits no more" in looked(console, hook)
    problem(heed.app.test_client().post(hook, json=BODY), 404)
    heed.house.operations.tidying.work(1.0)
    with heed.house.database.read() as connection:
        assert connection.execute(select(captures)).all() == []


def test_a_new_capture_closes_the_one_before_and_stop_closes_it(heed: Heed):
    console = signed_in(heed)
    first, second = opened(console), opened(console)
    client = heed.app.test_client()

    problem(client.post(first, json=BODY), 404)
    post(console, f"{BENCH}/capture", {"look": "stop"})
    problem(client.post(second, json=BODY), 404)
    problem(client.post("/hook/nobody", json=BODY), 404)
    assert client.get(second).status_code == 405


def test_what_can_not_be_read_is_refused_and_told_and_the_address_waits_on(heed: Heed):
    console = signed_in(heed)
    hook, client = opened(console), heed.app.test_client()

    problem(client.post(hook, data="<a/>", content_type="text/xml"), 415)
    assert "takes application/json" in part(looked(console, hook), "capture")
    problem(client.post(hook, data="{", content_type="application/json"), 400)
    assert "is not JSON" in part(looked(console, hook), "capture")
    problem(client.post(hook, json={"a": "x" * 70_000}), 413)
    assert "64 KB" in part(looked(console, hook), "capture")
    assert client.put(hook, json=[1]).status_code == 200


def test_whoever_signs_out_leaves_no_open_address_to_others(heed: Heed):
    console = signed_in(heed)
    hook = opened(console)
    heed.app.test_client().post(hook, json=BODY)
    console.post("/logout")
    console.sign_in("Anna the admin")

    assert "5550187" not in looked(console, hook), "another session of the same person"
