"""No address, key or token is left in a line, whoever wrote it; what operators need is."""

import pytest

from connector.domain.redacting import redact, redacted


@pytest.mark.parametrize(
    "secret",
    [
        "+14155550123", "+1 (415) 555-0123", "14155550123", "4155550123", "415-555-0123", "(415) 555-0123",
        "+55 11 91234-5678", "ada.lovelace+news@shop.example", "o'neil@mail.shop.example", "ada@localhost",
        "heed_ab12cd_0123456789abcdefXYZ-_", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "failed for {}.", "Key (address)=({}) exists", '{{"to": "{}"}}', "x={},y=1"])
def test_addresses_and_keys_go(secret: str, around: str) -> None:
    assert secret not in redacted(around.format(secret))
    assert secret.lstrip("+") not in redacted(around.format(secret))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [secret]"),
        ("postgresql://heed:hunter2@db/heed", "postgresql://[secret]@db/heed"),
        ("redis://:hunter2@queue:6379/0", "redis://[secret]@queue:6379/0"),
        ("GET /u/WyIxIiwiMiJd.abc_def HTTP/1.1", "GET /u/[token] HTTP/1.1"),
        ("password=hunter2&x=1", "password=[secret]&x=1"),
    ],
)
def test_secrets_go_and_what_is_around_them_stays(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "/srv/heed/connector/store/hooks.py:118", "snd_4k2m9", "lst_0000001", "0 of 16 lanes", "took 1523 ms",
        "PostgreSQL 15.18 on 127.0.0.1:5432", "2026-11-28", "8 sends of cmp_12", "3f9ac1d2e4b56078",
    ],
)  # fmt: skip
def test_what_operators_need_stays(text: str) -> None:
    assert redacted(text) == text


def test_every_depth_of_a_line_is_cleaned() -> None:
    line = {
        "event": "no route to +14155550123", "error": {"to": ["ada@shop.example", 14155550123]}, "count": 14155550123,
        "ratio": 0.5, "ok": True, "nothing": None, "cause": ValueError("ada@shop.example"), "ada@shop.example": 1,
    }  # fmt: skip

    assert redact(line) == {
        "event": "no route to [number]", "error": {"to": ["[email]", "[number]"]}, "count": 14155550123,
        "ratio": 0.5, "ok": True, "nothing": None, "cause": "ValueError('[email]')", "[email]": 1,
    }  # fmt: skip
