"""HEED_SECRET changed: every suppression, seal and link stays, and the old secret opens nothing (S07)."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector import bootstrap
from connector.cli import main
from connector.engine.vault import WrongSecret
from tests.heed import KEY, Heed

NEW = "n" * 32


def rotate(heed: Heed, monkeypatch: pytest.MonkeyPatch, **more: str):
    settings = {"HOME": heed.home, "DATABASE_URL": heed.url, "SECRET": "s" * 32, "BOOTSTRAP_KEY": KEY, **more}
    for name, value in settings.items():
        monkeypatch.setenv(f"HEED_{name}", str(value))
    return CliRunner().invoke(main, ["secret", "rotate"])


def test_s07_a_new_secret_loses_no_suppression(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    heed.act("add_to_opt_out", number="+14155550101")
    heed.act("record_opt_in", number="+14155550102", channel="sms")
    heed.post("/v1/profiles/erase", {"number": "+14155550102"})

    assert rotate(heed, monkeypatch, NEW_SECRET=NEW).exit_code == 0

    with pytest.raises(WrongSecret):
        bootstrap.build(heed.settings)
    later = bootstrap.build(replace(heed.settings, secret=NEW))
    assert later.secrets == heed.house.secrets
    assert later.history.verify_all()["breaches"] == []
    later.close()
    # A process that was running goes on.
    assert heed.act("check_consent", number="+14155550101", channel="sms")["reasons"][0]["code"] == "opted_out"
    heed.act("record_opt_in", number="+14155550102", channel="sms", evidence={"form": "new"})
    assert heed.act("check_consent", number="+14155550102", channel="sms")["reasons"][0]["code"] == "erased"


def test_s07_a_secret_that_heed_keeps_is_kept_anew(heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 32 + "\n")
    told = rotate(heed, monkeypatch, HOME=str(tmp_path), SECRET="")

    kept = (tmp_path / "secret").read_text()
    assert told.exit_code == 0
    assert kept not in told.output
    bootstrap.build(replace(heed.settings, secret=kept)).close()
    assert list(tmp_path.glob("secret.*")) == []


def test_s07_who_lacks_the_secret_changes_nothing(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = rotate(heed, monkeypatch, SECRET="x" * 32, NEW_SECRET=NEW)
    assert (wrong.exit_code, "not the one" in wrong.output) == (1, True)
    short = rotate(heed, monkeypatch, NEW_SECRET="short")
    assert (short.exit_code, "at least 16" in short.output) == (1, True)
    bootstrap.build(heed.settings).close()
