"""H01, H02, H03: receivers are told of every opt-out and opt-in, signed, until they have heard."""

from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connector.domain.instants import DAY, HOUR, MINUTE, SECOND
from tests.heed import Heed
from tests.receiver import Receiver, receiving

SCHEDULE = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def tell(heed: Heed) -> None:
    while heed.house.notify.work(5.0):
        pass


def subscribe(heed: Heed, receiver: Receiver, **values: object) -> dict[str, str]:
    return heed.post("/v1/webhooks", {"url": receiver.url, **values}, status=201)


def test_h01_a_list_tells_its_own_webhook_in_the_legacy_form(heed: Heed, receiver: Receiver) -> None:
    sender = heed.sender(channel_id=101)["id"]
    values = {"name": "Stop Automation Test", "keywords": ["STOPTEST"], "sender": sender}
    heed.post("/v1/lists", {**values, "webhook_url": receiver.url, "webhook_format": "legacy"})
    name = "stop-automation-test"

    heed.act("add_to_opt_out", number="+11962580010", lists=[name])
    heed.act("add_to_opt_out", email="mainterrupt@gmail.com", lists=[name])
    heed.act("record_opt_in", number="+11962580010", lists=[name])
    tell(heed)

    assert sorted((one.json for one in receiver.heard), key=lambda body: str(body["email"])) == [
        {"opt_list_name": "Stop Automation Test", "mobile": 11962580010, "email": None, "channel_id": 101},
        {"opt_list_name": "Stop Automation Test", "mobile": None, "email": "mainterrupt@gmail.com", "channel_id": 101},
    ]


def test_h01_the_standard_form_tells_of_opt_ins_too_and_is_signed_with_the_list_s_secret(
    heed: Heed, receiver: Receiver
) -> None:
    made = heed.post("/v1/lists", {"name": "Promo", "keywords": ["NOPROMO"], "webhook_url": receiver.url})

    heed.act("add_to_opt_out", number="+14155550123", channel="sms", lists=["promo"])
    heed.act("record_opt_in", number="+14155550123", channel="sms", lists=["promo"])
    tell(heed)

    said, back = sorted(receiver.heard, key=lambda one: one.json["data"]["timestamp"])
    assert [said.json["type"], back.json["type"]] == ["contact.opted_out", "contact.opted_in"]
    data = Webhook(made["webhook_secret"]).verify(said.body, said.headers)["data"]
    assert {name: data[name] for name in ("opt_list_name", "mobile", "email", "channel_id", "number", "type")} == {
        "opt_list_name": "Promo", "mobile": 14155550123, "email": None, "channel_id": 101,
        "number": "+14155550123", "type": "contact.opted_out",
    }  # fmt: skip
    assert data["id"].startswith("evt_")
    assert data["timestamp"].endswith("Z")


def test_h02_an_account_hears_of_every_list_and_only_of_what_it_subscribed_to(heed: Heed, receiver: Receiver) -> None:
    subscribe(heed, receiver, events=["contact.opted_in"], format="flat")

    heed.act("add_to_opt_out", number="+14155550123")
    heed.act("record_opt_in", number="+14155550123")
    heed.act("record_opt_in", number="+14155550123")  # said before: no news
    tell(heed)

    (heard,) = [one.json for one in receiver.heard]
    assert (heard["type"], heard["number"], heard["id"][:4]) == ("contact.opted_in", "+14155550123", "evt_")


def test_h03_deliveries_are_signed_as_standard_webhooks_and_another_secret_does_not_fit(
    heed: Heed, receiver: Receiver
) -> None:
    made = subscribe(heed, receiver)
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    (heard,) = receiver.heard
    assert Webhook(made["secret"]).verify(heard.body, heard.headers)["type"] == "contact.opted_out"
    with pytest.raises(WebhookVerificationError):
        Webhook(subscribe(heed, receiver)["secret"]).verify(heard.body, heard.headers)


def test_h03_a_receiver_that_fails_is_tried_on_the_standard_schedule_and_then_given_up(
    heed: Heed, receiver: Receiver
) -> None:
    made = subscribe(heed, receiver)
    receiver.answers = [(500, {})]
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    for number, wait in enumerate(SCHEDULE, start=1):
        heed.clock.pass_by(wait - SECOND)
        tell(heed)
        assert len(receiver.heard) == number, "not before its time"
        heed.clock.pass_by(2 * SECOND)
        tell(heed)
        assert len(receiver.heard) == number + 1
    heed.clock.pass_by(30 * DAY)
    tell(heed)

    assert len(receiver.heard) == 10
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    (delivery,) = heed.get(f"/v1/webhooks/{made['id']}/deliveries")["items"]
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("dead", 10, 500)


def test_h03_a_redirect_is_a_failure_and_retry_after_is_heeded(heed: Heed, receiver: Receiver) -> None:
    made = subscribe(heed, receiver)
    receiver.answers = [(302, {"Location": receiver.url}), (429, {"Retry-After": "1800"}), (200, {})]
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)
    heed.clock.pass_by(6 * SECOND)
    tell(heed)

    heed.clock.pass_by(6 * MINUTE)
    tell(heed)
    assert len(receiver.heard) == 2
    heed.clock.pass_by(25 * MINUTE)
    tell(heed)

    (delivery,) = heed.get(f"/v1/webhooks/{made['id']}/deliveries")["items"]
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 3)


def test_h03_gone_deletes_the_subscription(heed: Heed, receiver: Receiver) -> None:
    made = subscribe(heed, receiver)
    receiver.answers = [(410, {})]
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    assert heed.call("GET", f"/v1/webhooks/{made['id']}").status_code == 404


def test_h03_gone_at_an_address_that_was_changed_meanwhile_deletes_nothing(
    heed: Heed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe(heed, receiver)

    def change_and_be_gone() -> tuple[int, dict[str, str]]:
        heed.call("PATCH", f"/v1/webhooks/{made['id']}", {"url": f"{receiver.url}?new"})
        return 410, {}

    monkeypatch.setattr(receiver, "next_answer", change_and_be_gone)
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    assert heed.get(f"/v1/webhooks/{made['id']}")["url"].endswith("?new")


def test_h03_an_endpoint_that_fails_for_days_is_switched_off_and_a_change_gives_it_another_chance(
    heed: Heed, receiver: Receiver
) -> None:
    made = subscribe(heed, receiver)
    receiver.answers = [(500, {})]
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)
    heed.clock.pass_by(6 * DAY)
    heed.act("add_to_opt_out", number="+14155550124")
    tell(heed)

    assert heed.get(f"/v1/webhooks/{made['id']}")["disabled_at"] is not None
    heed.clock.pass_by(DAY)
    tell(heed)  # what was still to be tried again then
    told = heed.get(f"/v1/webhooks/{made['id']}/deliveries")["items"]
    assert [one["status"] for one in told] == ["dead", "dead"]
    changed = heed.call("PATCH", f"/v1/webhooks/{made['id']}", {"url": receiver.url}).json
    assert changed["disabled_at"] is None


def test_h03_a_delivery_is_replayed_under_the_same_id(heed: Heed, receiver: Receiver) -> None:
    made = subscribe(heed, receiver)
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)
    (delivery,) = heed.get(f"/v1/webhooks/{made['id']}/deliveries")["items"]

    heed.post(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
    tell(heed)

    assert len(receiver.heard) == 2
    assert receiver.heard[0].headers["webhook-id"] == receiver.heard[1].headers["webhook-id"]
    assert receiver.heard[0].body == receiver.heard[1].body


def test_a_worker_that_dies_while_it_delivers_loses_nothing(heed: Heed, receiver: Receiver) -> None:
    """The lease runs out and the delivery is due again: at least once, under the same id."""
    subscribe(heed, receiver)
    heed.act("add_to_opt_out", number="+14155550123")
    notify = heed.house.notify
    notify._fan_out.work()
    with heed.house.database.write() as connection:
        from connector.store import hooks

        (taken,) = hooks.take_due(connection, heed.clock(), heed.clock() + 60 * SECOND, 16)
    tell(heed)
    assert receiver.heard == []

    heed.clock.pass_by(61 * SECOND)
    tell(heed)

    assert [one.headers["webhook-id"] for one in receiver.heard] == [taken.message_id]


def test_a_subscription_ends_at_its_time(heed: Heed, receiver: Receiver) -> None:
    subscribe(heed, receiver, expires_at="2026-01-01T00:00:00Z")
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    assert receiver.heard == []


def test_a_bad_subscription_is_refused_with_every_fault(heed: Heed) -> None:
    assert heed.faults("/v1/webhooks", {"url": "ftp://x", "events": ["nope"], "format": "xml", "more": 1}) == {
        "/url": "invalid", "/events/0": "invalid", "/format": "invalid", "/more": "unknown_field",
    }  # fmt: skip
    assert heed.faults("/v1/webhooks", {"url": "https://example.com/h", "secret": "short"}) == {"/secret": "bad_format"}


def test_what_an_event_looks_like_can_be_asked(heed: Heed) -> None:
    assert heed.get("/v1/webhooks/samples/contact.opted_out")["data"]["number"] == "+14155550123"
    assert heed.call("GET", "/v1/webhooks/samples/nothing").status_code == 404


def test_another_organisation_s_webhook_is_not_there(heed: Heed, receiver: Receiver) -> None:
    made = subscribe(heed, receiver)
    other = heed.post("/v1/organisations", {"name": "Other"})["admin_key"]

    for path in (f"/v1/webhooks/{made['id']}", f"/v1/webhooks/{made['id']}/deliveries"):
        assert heed.call("GET", path, key=other).status_code == 404


def test_h03_gone_takes_the_webhook_of_a_list_away(heed: Heed, receiver: Receiver) -> None:
    heed.call("PATCH", "/v1/lists/default", {"webhook_url": receiver.url})
    receiver.answers = [(410, {})]
    heed.act("add_to_opt_out", number="+14155550123")
    tell(heed)

    assert len(receiver.heard) == 1
    assert heed.get("/v1/lists/default")["webhook_url"] is None
