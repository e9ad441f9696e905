"""Settings in the console: senders, defaults, accounts, users and keys, by the same services as the API."""

import json
import re

import pytest

from tests.heed import Heed
from tests.web.console import Console, signed_in


def test_b04_a_sender_is_made_with_what_to_paste_and_its_secrets_stay_hidden(heed: Heed):
    console = signed_in(heed)
    settings = {"account_sid": "AC" + "1" * 32, "auth_token": "very-secret-token"}

    page = console.done("/settings/senders", provider="twilio", channel="sms", number="+15005550006", channel_id="7",
                        settings=json.dumps(settings))  # fmt: skip

    made = heed.get("/v1/senders")["items"][0]
    assert made["inbound_url"] in page
    assert "A message comes in" in page
    assert "very-secret-token" not in page
    assert made["channel_id"] == 7
    console.done(f"/settings/senders/{made['id']}", number="+15005550007", channel_id="8", settings="{}")
    assert heed.get("/v1/senders")["items"][0]["number"] == "+15005550007"
    assert "+15005550007" in console.get("/settings/senders")


@pytest.mark.parametrize("settings", ["{", "[]", '{"url": "nonsense"}', '{"a": 1, "a": 2}'])
def test_what_is_wrong_with_a_senders_settings_is_said_beside_them_and_they_stay(heed: Heed, settings: str):
    console = signed_in(heed)

    answer = console.post("/settings/senders", provider="http_api", channel="sms", number="+15005550006",
                          settings=settings)  # fmt: skip

    assert answer.status_code == 422
    assert 'aria-describedby="d-settings" aria-invalid="true"' in answer.text
    assert heed.get("/v1/senders")["items"] == []


def test_s02_defaults_are_changed(heed: Heed):
    console = signed_in(heed)

    assert "in force" in console.done("/settings/defaults", sms="out", email="in", whatsapp="none")
    assert heed.get("/v1/defaults")["sms"] == "out"
    assert "US" in console.get("/settings/defaults")


def test_l09_accounts_are_made_changed_and_deleted(heed: Heed):
    console = signed_in(heed)

    console.done("/settings/accounts", name="Shop", region="gb", own_lists="1")
    made = heed.get("/v1/accounts")["items"][-1]
    assert (made["name"], made["region"], made["own_lists"]) == ("Shop", "GB", True)
    console.done(f"/settings/accounts/{made['id']}", name="Store", region="", hold_unclear="1")
    changed = heed.get(f"/v1/accounts/{made['id']}")
    assert (changed["name"], changed["region"], changed["own_lists"], changed["hold_unclear"]) == (
        "Store", None, False, True,
    )  # fmt: skip
    assert console.post("/settings/accounts", name="", region="zz").status_code == 422
    console.done(f"/settings/accounts/{made['id']}/delete")
    assert len(heed.get("/v1/accounts")["items"]) == 1


def test_a_user_is_made_with_a_password_that_is_shown_once(heed: Heed):
    console = signed_in(heed)

    answer = console.post("/settings/users", name="Bert", role="agent")
    password = re.search(r'<code id="once">([^<]+)</code>', answer.text)[1]

    assert answer.status_code == 201
    assert password not in console.get("/settings/users")
    assert Console(heed).sign_in("Bert", password).status_code == 303
    assert console.post("/settings/users", name="Bert", role="agent").status_code == 422
    bert = next(one for one in heed.get("/v1/users")["items"] if one["name"] == "Bert")
    console.done(f"/settings/users/{bert['id']}", role="viewer")
    assert heed.get(f"/v1/users/{bert['id']}")["role"] == "viewer"
    console.done(f"/settings/users/{bert['id']}", do="switch", disabled="1")
    assert heed.get(f"/v1/users/{bert['id']}")["disabled"] is True
    assert console.post(f"/settings/users/{bert['id']}", do="reset").status_code == 201
    console.done(f"/settings/users/{bert['id']}", do="delete")
    assert [one["name"] for one in heed.get("/v1/users")["items"]] == ["Anna the admin"]


def test_a_key_is_shown_once_and_revoked(heed: Heed):
    console = signed_in(heed)

    answer = console.client.post(
        "/settings/keys", data={"csrf": console.token(), "name": "n8n", "scopes": ["read", "send"]}
    )
    key = re.search(r'<code id="once">([^<]+)</code>', answer.text)[1]

    assert heed.call("GET", "/v1/me", key=key).json["scopes"] == ["read", "send"]
    assert key not in console.get("/settings/keys")
    assert (
        console.client.post("/settings/keys", data={"csrf": console.token(), "name": "", "scopes": []}).status_code
        == 422
    )
    made = next(one for one in heed.get("/v1/keys")["items"] if one["name"] == "n8n")
    console.done(f"/settings/keys/{made['id']}/revoke")
    assert next(one for one in heed.get("/v1/keys")["items"] if one["name"] == "n8n")["revoked_at"]
    assert console.post("/settings/keys", name="up", scopes="platform").status_code == 403


@pytest.mark.parametrize("role", ["operator", "agent", "viewer"])
def test_only_admins_see_accounts_users_keys_and_the_panels_pages(heed: Heed, role: str):
    console = signed_in(heed, role)

    for path in ("accounts", "users", "keys", "panel", "senders/new"):
        assert console.client.get(f"/settings/{path}").status_code == 403
    assert "API keys" not in console.get("/settings")
    assert console.post("/settings/users", name="Me", role="admin").status_code == 403
    assert console.post("/settings/keys", name="Me", scopes="admin").status_code == 403
