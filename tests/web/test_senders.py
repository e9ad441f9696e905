"""Senders: their secrets are written and never read back."""

from typing import Any

import pytest

from tests.heed import Heed
from tests.oracles import key_with, pointers, problem, row_counts
from tests.web.console import signed_in

SECRETS = {"secret": "hush-hush-hush", "headers": {"Authorization": "Bearer top-secret"}}
URL = "https://gateway.example/send"
SMTP = {
    "provider": "smtp", "channel": "email", "number": "news@shop.example",
    "settings": {"host": "mail.example", "security": "none", "username": "u", "password": "hush-hush-hush"},
}  # fmt: skip


def test_secrets_are_in_no_answer(heed: Heed) -> None:
    made = heed.call("POST", "/v1/senders", {
        "provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": {"url": URL, **SECRETS},
    })  # fmt: skip
    mail = heed.call("POST", "/v1/senders", SMTP)
    path = made.headers["Location"]
    answers = [
        made, mail, heed.call("GET", path), heed.call("GET", "/v1/senders"), heed.call("PATCH", path, {"number": "+1"}),
        heed.call("GET", "/v1/options/senders"),
        heed.call("PATCH", path, {"settings": {"secret": "hush-hush-hush", "url": 5}}),  # refused, and says nothing
    ]  # fmt: skip

    assert (made.status_code, mail.status_code) == (201, 201)
    assert made.json["settings"] == {"url": URL}
    for answer in answers:
        assert "hush" not in answer.text
        assert "top-secret" not in answer.text


def test_secrets_that_a_change_does_not_name_stay(heed: Heed) -> None:
    made = heed.sender(URL, settings={"url": URL, "secret": "hush-hush-hush"})
    inbound = made["inbound_url"].removeprefix("http://heed.test")

    heed.call("PATCH", f"/v1/senders/{made['id']}", {"settings": {"timeout_s": 3}})

    # Unsigned calls are still refused: the secret is still there.
    message = {"id": "1", "from": "+14155550123", "text": "x"}
    problem(heed.app.test_client().post(inbound, json=message), 401)


def test_each_sender_has_an_inbound_address_that_nobody_can_guess(heed: Heed) -> None:
    urls = {heed.sender()["inbound_url"] for _ in range(3)}

    assert len(urls) == 3
    assert all(url.startswith("http://heed.test/in/") and len(url) > 50 for url in urls)


def test_where_a_sender_listens_is_shown_to_those_alone_who_may_make_senders(heed: Heed) -> None:
    made = heed.sender()
    path = f"/v1/senders/{made['id']}"

    for scopes in (["read"], ["read", "write", "send", "export", "bypass"]):
        key = key_with(heed, *scopes)
        one, every = heed.call("GET", path, key=key), heed.call("GET", "/v1/senders", key=key)
        assert one.json == {**made, "inbound_url": None}
        assert every.json["items"] == [one.json]
    assert heed.get(path)["inbound_url"] == made["inbound_url"]
    assert heed.call("PATCH", path, {"channel_id": 7}).json["inbound_url"] == made["inbound_url"]

    token = made["inbound_url"].rpartition("/")[2]
    for role in ("viewer", "operator"):
        assert token not in signed_in(heed, role).get(f"/settings/senders/{made['id']}")
    assert token in signed_in(heed, "admin").get(f"/settings/senders/{made['id']}")


# what no sender can be, and where it is said
WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"provider": "pigeon"}, {"/provider"}),
    ({"channel": "all"}, {"/channel"}),
    ({"channel": "fax", "number": "", "channel_id": "7"}, {"/channel", "/number", "/channel_id"}),
    ({"settings": {"colour": "red"}}, {"/settings/colour"}),
    ({"provider": "http_api", "settings": {}}, {"/settings/url"}),
    ({"account": "acc_000000000000"}, {"/account"}),
    ({"channel": "email", "number": "not an email"}, {"/number"}),
]


@pytest.mark.parametrize(("values", "faults"), WRONG)
def test_every_fault_of_a_sender_is_named(heed: Heed, values: dict[str, Any], faults: set[str]) -> None:
    rows = row_counts(heed)
    good = {"provider": "console", "channel": "sms", "number": "+15005550006"}

    assert set(pointers(heed.call("POST", "/v1/senders", {**good, **values}))) == faults
    assert row_counts(heed) == rows
