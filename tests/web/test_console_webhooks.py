"""A09: webhooks in the console: who is told, the secret once, what was delivered, and once more."""

import re
from collections.abc import Iterator

import pytest

from connector.domain.instants import DAY
from tests.heed import Heed
from tests.receiver import Receiver, receiving
from tests.web.console import signed_in
from tests.web.test_console_workbench import part

HOOK = {"events": "contact.opted_out", "format": "standard", "expires_at": ""}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def tell(heed: Heed) -> None:
    """Deliver all that is due, as a worker does."""
    while heed.house.notify.work(5.0):
        pass


def test_a09_a_webhook_is_made_and_its_secret_shown_once(heed: Heed):
    console = signed_in(heed)
    assert "No webhook yet" in console.get("/webhooks")

    answer = console.post("/webhooks", url="http://127.0.0.1:9/hook", **HOOK)

    assert answer.status_code == 200
    secret = part(answer.text, "secret")
    assert re.fullmatch(r"whsec_[\w+/=]{44}", secret)
    (made,) = heed.get("/v1/webhooks")["items"]
    assert (made["events"], made["format"]) == (["contact.opted_out"], "standard")
    path = f"/webhooks/{made['id']}"
    assert secret not in console.get(path)
    assert secret not in console.get("/webhooks")
    console.done(path, url="http://127.0.0.1:9/other", **HOOK | {"events": ["message.sent", "message.failed"]})
    assert heed.get(f"/v1{path}")["events"] == ["message.failed", "message.sent"]
    console.done(f"{path}/delete")
    assert heed.get("/v1/webhooks")["items"] == []


def test_a09_deliveries_are_seen_and_made_again(heed: Heed, receiver: Receiver):
    console = signed_in(heed)
    made = heed.post("/v1/webhooks", {"url": receiver.url, "events": ["contact.opted_out"]})
    path = f"/webhooks/{made['id']}"
    assert "Nothing so far" in console.get(path)
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    page = part(console.get(path), "deliveries")
    assert "delivered" in page
    (delivery,) = heed.get(f"/v1{path}/deliveries")["items"]
    assert delivery["event"] in page
    console.done(f"{path}/deliveries/{delivery['id']}/replay")
    assert heed.get(f"/v1{path}/deliveries")["items"][0]["status"] == "pending"
    tell(heed)
    assert len(receiver.heard) == 2


def test_one_that_was_switched_off_is_marked_and_switched_on_again(heed: Heed):
    console = signed_in(heed)
    made = heed.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hook"})
    path = f"/webhooks/{made['id']}"
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)
    heed.clock.pass_by(6 * DAY)
    tell(heed)
    assert heed.get(f"/v1{path}")["disabled_at"]

    console = signed_in(heed, name="Anna later")
    assert "switched off" in console.get("/webhooks")
    assert "Switched off" in console.get(path)
    console.done(f"{path}/on")
    assert heed.get(f"/v1{path}")["disabled_at"] is None


def test_every_event_has_a_sample_in_either_form(heed: Heed):
    console = signed_in(heed)
    page = console.get("/webhooks/samples")

    for trigger in heed.get("/v1/actions")["triggers"]:
        assert heed.get(f"/v1/webhooks/samples/{trigger['name']}")
    for event in ("contact.opted_out", "contact.opted_in", "keyword.received", "message.sent", "message.failed"):
        assert event in page


def test_faults_stand_at_their_fields_and_viewers_change_nothing(heed: Heed):
    console = signed_in(heed)
    answer = console.post("/webhooks", url="ftp://x", events=[], format="standard", expires_at="soon")
    assert answer.status_code == 422
    assert part(answer.text, "d-url")
    assert part(answer.text, "d-expires_at")
    made = heed.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hook"})
    viewer = signed_in(heed, "viewer")
    assert "Save" not in viewer.get(f"/webhooks/{made['id']}")
    for path in (
        "/webhooks",
        f"/webhooks/{made['id']}",
        f"/webhooks/{made['id']}/delete",
        f"/webhooks/{made['id']}/on",
    ):
        assert viewer.post(path, url="http://127.0.0.1:9/x", **HOOK).status_code == 403
