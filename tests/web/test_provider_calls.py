"""R07: Twilio and WhatsApp at the inbound address: the challenge, people's words, switches and callbacks."""

import hmac
import json
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from connector.demo.launch import Running
from tests.actions.people import ADA, codes
from tests.heed import Heed
from tests.oracles import problem, row_counts
from tests.providers import test_preset_calls, test_presets, test_rcs_calls, test_twilio, test_whatsapp_cloud
from tests.providers.test_twilio import signature

USER = test_whatsapp_cloud.USER


def twilio(heed: Heed, url: str = "http://127.0.0.1:9/", **values: Any) -> dict[str, Any]:
    settings = {**test_twilio.SETTINGS, "base_url": url}
    return heed.post("/v1/senders", {
        "provider": "twilio", "channel": "sms", "number": "+15005550006", "settings": settings, **values,
    })  # fmt: skip


def whatsapp(heed: Heed, url: str = "http://127.0.0.1:9/") -> dict[str, Any]:
    settings = {**test_whatsapp_cloud.SETTINGS, "base_url": url}
    return heed.post("/v1/senders", {
        "provider": "whatsapp_cloud", "channel": "whatsapp", "number": "+15005550006", "settings": settings,
    })  # fmt: skip


def path(sender: dict[str, Any]) -> str:
    return sender["inbound_url"].removeprefix("http://heed.test")


def by_twilio(heed: Heed, sender: dict[str, Any], query: str = "", **fields: str) -> TestResponse:
    fields = {"MessageSid": "SM1", "From": ADA, "To": "+15005550006", **fields}
    signed = signature(test_twilio.TOKEN, sender["inbound_url"] + query, fields.items()).decode()
    return heed.app.test_client().post(
        path(sender) + query, data=urlencode(fields), headers={"X-Twilio-Signature": signed},
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip


def by_meta(heed: Heed, sender: dict[str, Any], **value: Any) -> TestResponse:
    body = test_whatsapp_cloud.envelope(test_whatsapp_cloud.entry(**value))
    signed = "sha256=" + hmac.new(test_whatsapp_cloud.SECRET.encode(), body, "sha256").hexdigest()
    return heed.app.test_client().post(path(sender), data=body, headers={"X-Hub-Signature-256": signed})


def reasons(heed: Heed, number: str = ADA, channel: str = "sms") -> list[str]:
    return codes(heed.act("check_consent", number=number, channel=channel))


def said(text: str, message_id: str = "wamid.1", **who: str) -> dict[str, Any]:
    return {**(who or {"from": ADA[1:]}), "id": message_id, "type": "text", "text": {"body": text}}


def test_r07_what_twilio_is_answered_is_no_message(heed: Heed) -> None:
    answer = by_twilio(heed, twilio(heed), Body="STOP")

    assert (answer.status_code, answer.data) == (204, b"")
    assert reasons(heed) == ["opted_out"]


def test_r07_a_call_that_nobody_signed_changes_nothing(heed: Heed) -> None:
    senders = [twilio(heed), whatsapp(heed)]
    rows = row_counts(heed)

    for sender in senders:
        problem(heed.app.test_client().post(path(sender), data={"MessageSid": "SM1", "From": ADA, "Body": "STOP"}), 401)
        problem(heed.app.test_client().post(path(sender), json={"MessageSid": "SM1", "From": ADA, "Body": "STOP"}), 401)
    assert row_counts(heed) == rows


def test_r07_where_twilio_has_blocked_the_person_the_sender_is_closed_until_they_say_start(heed: Heed) -> None:
    sender, other = twilio(heed), heed.sender()

    by_twilio(heed, sender, Body="ARRET TOUT", OptOutType="STOP")

    def send(one: dict[str, Any]) -> list[str]:
        with heed.working():
            answer = heed.act("send_with_suppression", sender=one["id"], number=ADA, text="x", purpose="transactional")
        return [reason["code"] for reason in answer["results"][0]["reasons"]]

    assert reasons(heed) == ["opted_out"]
    assert (send(sender), send(other)) == (["provider_blocked"], [])
    by_twilio(heed, sender, MessageSid="SM2", Body="START", OptOutType="START")
    assert reasons(heed) == []
    assert "provider_blocked" not in send(sender)


def test_r07_metas_challenge_is_answered_in_plain_text(heed: Heed) -> None:
    sender = whatsapp(heed)
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "wörd"}

    def ask(address: str, **changes: str) -> TestResponse:
        return heed.app.test_client().get(address, query_string={**query, **changes})

    answer = ask(path(sender))
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "1158201444", "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    problem(ask(path(sender), **{"hub.verify_token": "word"}), 403)
    problem(ask(path(sender), **{"hub.challenge": "<b>"}), 422)
    problem(ask(path(twilio(heed))), 404)
    problem(ask("/in/nobody"), 404)


def test_r07_many_people_in_one_call_of_metas_each_count_once(heed: Heed) -> None:
    sender = whatsapp(heed)
    messages = [
        said("STOP"),
        said("STOP", "wamid.2", from_user_id=USER),
        said("hi", "wamid.3", **{"from": "447700900123"}),
    ]

    first, again = by_meta(heed, sender, messages=messages), by_meta(heed, sender, messages=messages)

    assert [one["outcome"] for one in first.json["messages"]] == ["opted_out", "opted_out", "none"]
    assert [one["outcome"] for one in again.json["messages"]] == ["duplicate"] * 3
    assert reasons(heed, channel="whatsapp") == ["opted_out"]
    assert codes(heed.act("check_consent", whatsapp_id=USER, channel="whatsapp")) == ["opted_out"]


def test_r07_the_marketing_switch_is_an_opt_out_on_whatsapp_alone(heed: Heed) -> None:
    sender = whatsapp(heed)
    heed.call("PATCH", "/v1/lists/default", {"keyword_scope": "all"})
    at = heed.clock() // 1_000_000

    def turn(value: str, seconds: int) -> str:
        one = {"wa_id": ADA[1:], "category": "marketing_messages", "value": value, "timestamp": at + seconds}
        return by_meta(heed, sender, user_preferences=[one]).json["messages"][0]["outcome"]

    assert turn("stop", -30) == "opted_out"
    assert turn("stop", -30) == "duplicate"
    assert (reasons(heed, channel="whatsapp"), reasons(heed)) == (["opted_out"], [])
    (event,) = heed.act("get_consent_history", number=ADA)["events"]
    assert (event["source"], event["channel"], event["state"]) == ("provider", "whatsapp", "out")
    assert turn("resume", -20) == "resumed"
    assert reasons(heed, channel="whatsapp") == []
    assert heed.act("check_consent", number=ADA, channel="whatsapp", require_opt_in="explicit")["allowed"] is False
    assert turn("signup", -10) == "opted_in"
    assert heed.act("check_consent", number=ADA, channel="whatsapp", require_opt_in="explicit")["allowed"] is True
    assert turn("stop", -25) == "superseded"  # late
    assert reasons(heed, channel="whatsapp") == []


def test_r07_the_switch_does_not_open_the_conversation(heed: Heed) -> None:
    sender = whatsapp(heed)
    one = {"wa_id": ADA[1:], "category": "marketing_messages", "value": "stop", "timestamp": heed.clock() // 1_000_000}
    by_meta(heed, sender, user_preferences=[one])

    asked = {"number": ADA, "channel": "whatsapp", "purpose": "service"}

    assert heed.act("check_consent", **asked)["allowed"] is False
    by_meta(heed, sender, messages=[said("what is this?", "wamid.9")])
    assert heed.act("check_consent", **asked)["allowed"] is True


def test_r07_a_message_goes_out_by_twilio_and_its_callback_settles_it(heed: Heed, provider: Running) -> None:
    accepted = {"sid": test_twilio.SID, "status": "queued"}
    provider.behave({ADA: {"do": "answer", "status": 201, "body": accepted}})
    sender = twilio(heed, provider.url)

    with heed.working():
        sent = heed.act("send_with_suppression", sender=sender["id"], number=ADA, text="Hello")

    assert (sent["results"][0]["status"], sent["results"][0]["provider_id"]) == ("sent", test_twilio.SID)
    (handed,) = provider.handoffs()
    assert (handed.to, handed.text) == (ADA, "Hello")
    message = heed.get(f"/v1/sends?number=%2B{ADA[1:]}")["items"][0]["id"]
    for _ in range(2):
        told = by_twilio(
            heed, sender, f"?send={message}", MessageSid=test_twilio.SID, MessageStatus="undelivered", ErrorCode="21610"
        )
        assert told.status_code == 204
    assert heed.get(f"/v1/sends/{message}")["status"] == "failed"
    states = [one["state"] for one in heed.act("get_consent_history", number=ADA)["events"]]
    assert states == ["provider_blocked"]


def test_r07_whatsapp_says_that_marketing_was_stopped_at_once_or_later(heed: Heed, provider: Running) -> None:
    refused = {"error": {"message": "no", "code": 131050}}
    provider.behave({"*": {"do": "answer", "status": 400, "body": refused}})
    sender = whatsapp(heed, provider.url)

    with heed.working():
        sent = heed.act("send_with_suppression", sender=sender["id"], number=ADA, text="Sale")

    assert sent["results"][0]["status"] == "failed"
    assert (reasons(heed, channel="whatsapp"), reasons(heed)) == (["opted_out"], [])


def test_r07_secrets_of_senders_are_not_read_back(heed: Heed) -> None:
    shown = json.dumps([twilio(heed), whatsapp(heed)])

    assert not any(secret in shown for secret in (test_twilio.TOKEN, "EAAJ", test_whatsapp_cloud.SECRET, "w\\u00f6rd"))


def test_r07_google_is_greeted_and_its_unsubscribe_counts(heed: Heed) -> None:
    settings = {**test_presets.CREDENTIALS["rcs"], "preset": "rcs", "client_token": test_rcs_calls.TOKEN}
    sender = heed.post(
        "/v1/senders", {"provider": "http_api", "channel": "rcs", "number": "shop", "settings": settings}
    )
    client, at = heed.app.test_client(), path(sender)
    asked = {"clientToken": test_rcs_calls.TOKEN, "secret": "123"}

    assert client.post(at, json=asked).json == {"secret": "123"}
    problem(client.post(at, json={**asked, "clientToken": "x"}), 401)
    body, header = test_rcs_calls.wrapped(test_rcs_calls.DATA), {"X-Goog-Signature": test_rcs_calls.SIGNED}
    assert client.post(at, data=body, headers=header).json["messages"][0]["outcome"] == "opted_out"

    assert (reasons(heed, channel="rcs"), reasons(heed)) == (["opted_out"], [])
    assert "private_key" not in json.dumps(sender)


def test_r07_a_preset_is_heard_as_its_provider_speaks(heed: Heed) -> None:
    settings = {"preset": "vonage", **test_presets.CREDENTIALS["vonage"]}
    sender = heed.post("/v1/senders", {
        "provider": "http_api", "channel": "sms", "number": "+15550199", "settings": settings,
    })  # fmt: skip
    call = {**test_preset_calls.MESSAGES["vonage"], "from": ADA[1:]}

    outcomes = [heed.app.test_client().post(path(sender), json=call).json["messages"][0]["outcome"] for _ in range(2)]

    assert outcomes == ["opted_out", "duplicate"]
    assert reasons(heed) == ["opted_out"]
    assert "s3cret" not in json.dumps(sender)
